"""Programmes as an administrator makes, changes and ends them."""

from __future__ import annotations

from tests.city import City

NEW = {"code": "SUNGAI", "name": "Sungai bersih", "leadCode": "DLH", "activeFrom": "2026-01-01"}


async def test_a_programme_is_made_changed_and_ended_by_an_administrator(city: City) -> None:
    assert (await city.mayor.refused("createProgramme", NEW))["code"] == "NOT_YOUR_ROLE"
    programme = (await city.admin.mutate("createProgramme", NEW))["programme"]["id"]
    assert (await city.admin.refused("createProgramme", NEW))["path"] == ["code"]
    await city.admin.mutate("updateProgramme", {"programmeId": programme, "name": "Sungai Deli bersih"})
    error = await city.admin.refused("updateProgramme", {"programmeId": programme, "leadCode": "12.71.11"})
    assert (error["code"], error["path"]) == ("WRONG_KIND", ["leadCode"])
    await city.admin.mutate("endProgramme", {"programmeId": programme, "endsOn": city.day(-1)})
    late = {"programmeId": programme, "name": "Terlambat"}
    assert (await city.admin.refused("updateProgramme", late))["code"] == "ALREADY_ENDED"
    data = await city.outsider.query(
        '{ programme(by: {code: "SUNGAI"}) { name activeTo lead { code } history { nodes { type } } } }'
    )
    assert data["programme"] == {
        "name": "Sungai Deli bersih", "activeTo": city.day(-1), "lead": {"code": "DLH"},
        "history": {"nodes": [{"type": f"PROGRAMME_{what}"} for what in ("CREATED", "UPDATED", "ENDED")]},
    }  # fmt: skip


async def test_a_programme_shows_who_serves_it_and_how_far_they_are(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programmeCode="KEBERSIHAN")
    query = (
        '{ programme(by: {code: "KEBERSIHAN"}) { carriers { nodes { code } } targets { nodes { id } }'
        " summary { targetCount realisedCount } } }"
    )
    assert (await city.outsider.query(query))["programme"] == {
        "carriers": {"nodes": []}, "targets": {"nodes": []}, "summary": {"targetCount": 0, "realisedCount": 0},
    }  # fmt: skip
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "100", "measuredOn": city.day()})
    assert (await city.outsider.query(query))["programme"] == {
        "carriers": {"nodes": [{"code": "12.71.11"}]}, "targets": {"nodes": [{"id": target}]},
        "summary": {"targetCount": 1, "realisedCount": 1},
    }  # fmt: skip
