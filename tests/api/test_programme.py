"""Programmes as an administrator makes, changes and ends them."""

from __future__ import annotations

import pytest

from tests.city import City
from tests.founding import PEOPLE
from tests.person import Person

NEW = {"code": "SUNGAI", "name": "Sungai bersih", "lead": {"code": "DLH"}, "validFrom": "2026-01-01"}


async def test_a_programme_is_made_changed_and_ended_by_an_administrator(city: City) -> None:
    assert (await city.mayor.refused("createProgramme", NEW))["code"] == "NOT_YOUR_ROLE"
    programme = (await city.admin.mutate("createProgramme", NEW))["programme"]["id"]
    assert (await city.admin.refused("createProgramme", NEW))["path"] == ["code"]
    await city.admin.mutate("updateProgramme", {"programmeId": programme, "name": "Sungai Deli bersih"})
    error = await city.admin.refused("updateProgramme", {"programmeId": programme, "lead": {"code": "12.71.11"}})
    assert (error["code"], error["path"]) == ("WRONG_KIND", ["lead"])
    await city.admin.mutate("endProgramme", {"programmeId": programme, "validTo": city.day(-1)})
    late = {"programmeId": programme, "name": "Terlambat"}
    assert (await city.admin.refused("updateProgramme", late))["code"] == "ALREADY_ENDED"
    data = await city.outsider.query(
        '{ programme(by: {code: "SUNGAI"}) { name validTo lead { code } history { nodes { type } } } }'
    )
    assert data["programme"] == {
        "name": "Sungai Deli bersih", "validTo": city.day(-1), "lead": {"code": "DLH"},
        "history": {"nodes": [{"type": f"PROGRAMME_{what}"} for what in ("CREATED", "UPDATED", "ENDED")]},
    }  # fmt: skip


async def test_a_programme_shows_who_serves_it_and_how_far_they_are(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programme={"code": "KEBERSIHAN"})
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


@pytest.mark.parametrize("name", PEOPLE)
async def test_who_sees_a_drafts_task_sees_its_programme_and_nobody_else_does(city: City, name: str) -> None:
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programme={"code": "KEBERSIHAN"})
    task = await city.task(city.camat, workPlanId=plan, targetId=target)
    public = await city.task(city.camat)  # in no plan, for no target
    person: Person = getattr(city, name)
    query = """query($id: ID!) { task(by: {id: $id}) { target { programme { code } } programme { code } }
        tasks(filter: {programme: {code: {eq: "KEBERSIHAN"}}}) { nodes { id } }
        others: tasks(filter: {programme: {id: {isNull: true}}}) { nodes { id } } }"""
    data = await person.query(query, id=task)
    if name in ("camat", "camat_staff", "bappeda", "mayor", "sekda"):
        programme = {"code": "KEBERSIHAN"}
        assert data["task"] == {"target": {"programme": programme}, "programme": programme}
        assert data["tasks"]["nodes"] == [{"id": task}]
    else:
        assert (data["task"], data["tasks"]["nodes"]) == (None, [])
    assert data["others"]["nodes"] == [{"id": public}]


async def test_a_public_task_for_a_drafts_target_does_not_tell_its_programme(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, programme={"code": "KEBERSIHAN"})
    task = await city.task(city.camat, workPlanId=plan, targetId=target)
    await city.hide(task, from_all_but=None)
    query = "query($id: ID!) { task(by: {id: $id}) { target { id } programme { code } } }"
    programme = {"code": "KEBERSIHAN"}
    assert (await city.outsider.query(query, id=task))["task"] == {"target": None, "programme": None}
    for person in (city.camat_staff, city.bappeda, city.sekda):
        assert (await person.query(query, id=task))["task"] == {"target": {"id": target}, "programme": programme}
