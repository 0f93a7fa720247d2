"""Amendments as they are prepared, signed and decided, and targets as they are handed over with consent."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.city import City
from tests.person import Person

AMENDMENT = "openAmendment { kind status preparedBy { id } proposedBy { id } }"


async def look(person: Person, target: str, selection: str) -> Any:
    return (await person.query(f"query($id: ID!) {{ target(by: {{id: $id}}) {{ {selection} }} }}", id=target))["target"]


async def promised(city: City, count: int = 1) -> list[str]:
    """The targets of camat's approved plan."""
    return await city.targets_of(await city.approved(city.camat, targets=count))


async def prepare(city: City, target: str, by: Person | None = None, value: str = "80") -> None:
    amend = {"targetId": target, "reason": "Anggaran dipotong.", "targetValue": value}
    await (by or city.camat_staff).mutate("amendTarget", amend)


async def leave(city: City, organisation: str, acting: Person | None = None) -> None:
    """The definitive head's office is empty from today on; somebody may act for it."""
    found = await city.admin.query(
        "query($code: String!) { organisation(by: {code: $code}) { appointments { nodes { id capacity } } } }",
        code=organisation,
    )
    (held,) = [
        each["id"] for each in found["organisation"]["appointments"]["nodes"] if each["capacity"] == "DEFINITIVE"
    ]
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(-1)})
    if acting is not None:
        given = {
            "organisation": {"code": organisation},
            "accountId": acting.id,
            "capacity": "PLT",
            "validFrom": city.day(),
        }
        await city.admin.mutate("appoint", given)
    await city.settled()


async def test_what_staff_prepare_is_seen_like_a_draft_until_the_head_signs_it(city: City) -> None:
    """“Head and staff prepare an amendment with a reason: PREPARED, seen like a draft.”"""
    (target,) = await promised(city)
    before = await look(city.outsider, target, "version updatedAt amendments { totalCount }")
    watcher = await city.outsider.watch("targetChanged")
    await prepare(city, target)
    for person in (city.outsider, city.dlh, city.admin):
        assert await look(person, target, "openAmendment { status } amendments { totalCount }") == {
            "openAmendment": None, "amendments": {"totalCount": 0},
        }  # fmt: skip
        assert (await person.query("{ amendments { totalCount } }"))["amendments"]["totalCount"] == 0
    assert await look(city.outsider, target, "version updatedAt amendments { totalCount }") == before
    shown = {"kind": "CHANGE", "status": "PREPARED", "preparedBy": {"id": city.camat_staff.id}, "proposedBy": None}
    for person in (city.camat, city.bappeda):
        assert await look(person, target, AMENDMENT) == {"openAmendment": shown}
    await city.settled()
    assert watcher.told == []
    assert (await city.bappeda.refused("approveAmendment", {"targetId": target}))["code"] == "MOVE_NOT_ALLOWED"
    assert (await city.camat_staff.refused("signAmendments", {"targetIds": [target]}))["code"] == "NOT_YOUR_ROLE"
    signed = await city.camat.mutate("signAmendments", {"targetIds": [target]}, "target { id } event { sentence }")
    assert signed["target"] == {"id": target}
    assert "mengusulkan perubahan" in signed["event"]["sentence"]
    shown |= {"status": "PROPOSED", "proposedBy": {"id": city.camat.id}}
    assert await look(city.outsider, target, AMENDMENT) == {"openAmendment": shown}


async def test_the_preparation_stands_in_the_log_for_those_alone_who_see_a_draft(city: City) -> None:
    (target,) = await promised(city)
    start = await city.camat.position()
    await prepare(city, target)
    await city.settled()
    found = {}
    for person in (city.outsider, city.camat, city.bappeda):
        answer = await person.query(
            "{ events(last: 1) { nodes { type sentence subject { ... on Amendment { target { id } } } } } }"
        )
        found[person.login] = answer["events"]["nodes"][0]
    assert found[city.outsider.login]["type"] != "TARGET_AMENDMENT_PREPARED"
    for person in (city.camat, city.bappeda):
        assert found[person.login]["type"] == "TARGET_AMENDMENT_PREPARED"
        assert "menyiapkan usulan perubahan target" in found[person.login]["sentence"]
        assert found[person.login]["subject"] == {"target": {"id": target}}
    assert start != await city.camat.position()


async def test_many_are_signed_and_approved_at_once_all_or_none(city: City) -> None:
    """“The definitive head's signature makes it PROPOSED, many at once; what that head prepares is signed with it.” “A
    reviewer of another organisation who has not signed it approves it, many at once, or returns it with a note.”
    """
    targets = await promised(city, 3)
    for target in targets[:2]:
        await prepare(city, target)
    error = await city.camat.refused("signAmendments", {"targetIds": targets})
    assert (error["code"], error["path"]) == ("NO_AMENDMENT", ["targetIds", "2"])
    await prepare(city, targets[2])
    await city.camat.mutate("signAmendments", {"targetIds": targets})
    for verb in ("signAmendments", "approveAmendments"):
        person = city.camat if verb == "signAmendments" else city.bappeda
        assert (await person.refused(verb, {"targetIds": []}))["code"] == "REQUIRED"
        error = await person.refused(verb, {"targetIds": targets[:1] * 201})
        assert (error["code"], error["path"]) == ("TOO_MANY", ["targetIds"])
    twice = await city.bappeda.refused("approveAmendments", {"targetIds": [targets[0], targets[0]]})
    assert (twice["code"], twice["path"]) == ("ALREADY_EXISTS", ["targetIds", "1"])
    given = {"targetIds": targets, "note": "Wajar.", "idempotencyKey": "setuju-1"}
    for _ in range(2):  # the second time as it was answered the first
        shown = "target { id } targets { id openAmendment { kind } }"
        told = await city.bappeda.mutate("approveAmendments", given, shown)
        assert told["target"]["id"] == targets[0]
        assert sorted(told["targets"], key=lambda each: str(each["id"])) == [
            {"id": target, "openAmendment": None} for target in sorted(targets)
        ]
    values = [(await look(city.outsider, target, "targetValue"))["targetValue"] for target in targets]
    assert values == ["80", "80", "80"]


async def test_a_target_prepared_for_an_approved_plan_comes_into_sight_with_the_signature(city: City) -> None:
    plan = await city.approved(city.camat)
    extra = {
        "workPlanId": plan, "indicator": "Bank sampah", "unit": "unit", "direction": "MAXIMISE", "rollUp": "LAST",
        "targetValue": "5", "reason": "Program baru.",
    }  # fmt: skip
    made = await city.camat_staff.mutate("createTarget", extra, "target { id isProposed } event { type }")
    target = made["target"]["id"]
    assert made["event"]["type"] == "TARGET_AMENDMENT_PREPARED"
    assert await look(city.outsider, target, "id") is None
    serving = {"organisation": {"code": "12.71.11"}, "title": "Siapkan lokasi", "targetId": target}
    error = await city.camat.refused("createTask", serving)
    assert (error["code"], error["path"]) == ("TARGET_PROPOSED", ["targetId"])
    watcher = await city.outsider.watch("targetChanged")
    await city.camat.mutate("signAmendments", {"targetIds": [target]})
    assert (await watcher.next())["kind"] == "CREATED"
    await city.camat.mutate("createTask", serving)
    assert await look(city.outsider, target, "isProposed archivedAt") == {"isProposed": True, "archivedAt": None}
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    assert await look(city.outsider, target, "isProposed") == {"isProposed": False}


async def test_a_preparation_that_is_given_up_leaves_nothing_that_others_see(city: City) -> None:
    plan = await city.approved(city.camat)
    (first,) = await city.targets_of(plan)
    extra = {
        "workPlanId": plan, "indicator": "Bank sampah", "unit": "unit", "direction": "MAXIMISE", "rollUp": "LAST",
        "targetValue": "5", "reason": "Program baru.",
    }  # fmt: skip
    second = (await city.camat_staff.mutate("createTarget", extra))["target"]["id"]
    await prepare(city, first)
    for target in (first, second):
        assert (await city.outsider.refused("withdrawAmendment", {"targetId": target}))["code"] in (
            "NO_AMENDMENT", "NOT_FOUND",
        )  # fmt: skip
        await city.camat_staff.mutate("withdrawAmendment", {"targetId": target})
        assert await look(city.camat, target, "openAmendment { status }") == {"openAmendment": None}
    assert await look(city.outsider, second, "id") is None
    assert await look(city.outsider, first, "amendments { totalCount }") == {"amendments": {"totalCount": 0}}
    assert (await look(city.camat, second, "archivedAt"))["archivedAt"] is not None
    await city.camat_staff.mutate("restoreTarget", {"targetId": second, "reason": "Jadi juga."})
    await city.camat.mutate("signAmendments", {"targetIds": [second]})
    assert await look(city.outsider, second, "isProposed archivedAt") == {"isProposed": True, "archivedAt": None}


async def test_an_archived_target_stays_so_before_others_until_its_return_is_signed(city: City) -> None:
    first, _ = await promised(city, 2)
    await city.camat.mutate("archiveTarget", {"targetId": first, "reason": "Pindah."})
    await city.bappeda.mutate("approveAmendment", {"targetId": first})
    gone = await look(city.outsider, first, "version archivedAt isProposed")
    for verb in ("withdrawAmendment", "signAmendments"):
        await city.camat_staff.mutate("restoreTarget", {"targetId": first, "reason": "Tetap di kecamatan."})
        assert await look(city.outsider, first, "version archivedAt isProposed") == gone
        given = {"targetIds": [first]} if verb == "signAmendments" else {"targetId": first}
        await city.camat.mutate(verb, given)
        seen = await look(city.outsider, first, "version archivedAt isProposed")
        assert (seen == gone) is (verb == "withdrawAmendment")
    assert await look(city.outsider, first, "archivedAt isProposed") == {"archivedAt": None, "isProposed": True}


async def test_a_preparation_is_safe_to_retry_and_to_try(city: City) -> None:
    (target,) = await promised(city)
    amend = {"targetId": target, "reason": "Anggaran dipotong.", "targetValue": "80"}
    tried = await city.camat_staff.mutate("amendTarget", {**amend, "dryRun": True}, f"target {{ id {AMENDMENT} }}")
    assert tried["target"]["openAmendment"]["status"] == "PREPARED"
    assert await look(city.camat, target, AMENDMENT) == {"openAmendment": None}
    for is_replay in (False, True):
        given = {**amend, "idempotencyKey": "ubah-1"}
        payload = await city.camat_staff.attempt("amendTarget", given, "target { id } event { type }")
        assert (payload["isReplay"], payload["target"]) == (is_replay, {"id": target})
        assert payload["event"]["type"] == "TARGET_AMENDMENT_PREPARED"


async def test_staff_do_not_sign_for_an_acting_head_but_the_sekda_does_and_does_not_approve_it(city: City) -> None:
    """“Where no definitive head is in office the mayor's office signs; nobody signs for an acting head.”"""
    (target,) = await promised(city)
    sign = {"targetIds": [target]}
    await prepare(city, target)
    assert (await city.sekda.refused("signAmendments", sign))["code"] == "NOT_YOUR_ORGANISATION"
    await leave(city, "12.71.11", city.camat_staff)
    assert (await city.camat_staff.refused("signAmendments", sign))["code"] == "NOT_AS_ACTING_HEAD"
    assert (await city.bappeda.refused("signAmendments", sign))["code"] == "NOT_YOUR_ORGANISATION"
    await city.sekda.mutate("signAmendments", sign)
    error = await city.sekda.refused("approveAmendment", {"targetId": target})
    assert error["code"] == "OWN_AMENDMENT"
    await city.bappeda.mutate("approveAmendment", {"targetId": target})


async def measure(person: Person, target: str, value: str, on: str) -> Any:
    given = {"targetId": target, "value": value, "measuredOn": on}
    return await person.mutate("recordMeasurement", given, "measurement { id }")


GIVE = {"organisation": {"code": "DLH"}, "reason": "Pengangkutan menjadi tugas dinas."}


async def test_a_target_is_handed_over_with_consent_and_counts_from_the_day_of_approval(city: City) -> None:
    """“Handing over is an amendment too: PROPOSED with a reason by the owner's definitive head or a reviewer of another
    organisation, to another plan owner; ACCEPTED or REFUSED with a reason by its definitive head (where none is
    in office by the mayor's office); then approved or returned by a reviewer of neither who did not propose it.”
    “It counts from that day.” “Earlier readings stay the former owner's, and the target stays in its plan.”
    """
    (target,) = await promised(city)
    await measure(city.camat, target, "10", "2026-03-31")
    give = {"targetId": target, **GIVE}
    assert (await city.camat_staff.refused("handOverTarget", give))["code"] == "NOT_YOUR_ROLE"
    asked = await city.camat.mutate(
        "handOverTarget", give,
        "target { owner { code } openAmendment { kind status reason receiver { code } proposal { field before after } }"
        " } event { sentence }",
    )  # fmt: skip
    assert asked["target"] == {
        "owner": {"code": "12.71.11"},
        "openAmendment": {
            "kind": "HAND_OVER", "status": "PROPOSED", "reason": GIVE["reason"], "receiver": {"code": "DLH"},
            "proposal": [{"field": "OWNER", "before": city.camat.organisation_id, "after": city.dlh.organisation_id}],
        },
    }  # fmt: skip
    assert "Dinas Lingkungan Hidup" in asked["event"]["sentence"]
    assert (await city.bappeda.refused("approveAmendment", {"targetId": target}))["code"] == "NOT_ACCEPTED"
    assert (await city.dlh_staff.refused("acceptHandOver", {"targetId": target}))["code"] == "NOT_YOUR_ROLE"
    accepted = await city.dlh.mutate(
        "acceptHandOver", {"targetId": target}, "event { capacity organisations { code } }"
    )
    assert accepted["event"] == {"capacity": "DEFINITIVE", "organisations": [{"code": "12.71.11"}, {"code": "DLH"}]}
    assert await look(city.outsider, target, "owner { code }") == {"owner": {"code": "12.71.11"}}
    city.move(days=1)
    told = "event { sentence organisations { code } }"
    approved = await city.bappeda.mutate("approveAmendment", {"targetId": target}, told)
    assert approved["event"]["organisations"] == [{"code": "DLH"}, {"code": "12.71.11"}]  # it concerns both
    assert "yang beralih kepada Dinas Lingkungan Hidup mulai 16 Juni 2026" in approved["event"]["sentence"]
    given = await look(
        city.outsider, target,
        "owner { code } workPlan { organisation { code } }"
        " owners { nodes { organisation { code } validFrom validTo } }",
    )  # fmt: skip
    assert given == {
        "owner": {"code": "DLH"},
        "workPlan": {"organisation": {"code": "12.71.11"}},
        "owners": {
            "nodes": [
                {"organisation": {"code": "12.71.11"}, "validFrom": "2026-01-01", "validTo": "2026-06-15"},
                {"organisation": {"code": "DLH"}, "validFrom": "2026-06-16", "validTo": None},
            ]
        },
    }
    reading = {"targetId": target, "value": "1", "measuredOn": city.day()}
    assert (await city.camat.refused("recordMeasurement", reading))["code"] == "NOT_YOUR_ORGANISATION"
    await measure(city.dlh_staff, target, "25", city.day())
    seen = await look(city.outsider, target, "realised measurements { nodes { value owner { code } } }")
    assert seen == {
        "realised": "35",
        "measurements": {
            "nodes": [{"value": "10", "owner": {"code": "12.71.11"}}, {"value": "25", "owner": {"code": "DLH"}}]
        },
    }


async def test_whom_a_target_is_given_may_refuse_it_with_a_reason(city: City) -> None:
    """“Handing over is an amendment too: PROPOSED with a reason by the owner's definitive head or a reviewer of another
    organisation, to another plan owner; ACCEPTED or REFUSED with a reason by its definitive head (where none is
    in office by the mayor's office); then approved or returned by a reviewer of neither who did not propose it.”
    """
    (target,) = await promised(city)
    await city.bappeda.mutate("handOverTarget", {"targetId": target, **GIVE})
    assert (await city.camat.refused("withdrawAmendment", {"targetId": target}))["code"] == "NOT_THE_AUTHOR"
    blank = await city.dlh.refused("refuseHandOver", {"targetId": target, "reason": " "})
    assert (blank["code"], blank["path"]) == ("REQUIRED", ["reason"])
    await city.dlh.mutate("refuseHandOver", {"targetId": target, "reason": "Bukan tugas kami."})
    seen = await look(city.outsider, target, "owner { code } amendments { nodes { status note decidedBy { id } } }")
    assert seen == {
        "owner": {"code": "12.71.11"},
        "amendments": {"nodes": [{"status": "REFUSED", "note": "Bukan tugas kami.", "decidedBy": {"id": city.dlh.id}}]},
    }
    assert (await city.bappeda.refused("approveAmendment", {"targetId": target}))["code"] == "NO_AMENDMENT"


async def test_a_hand_over_is_decided_by_a_reviewer_who_did_not_propose_it(city: City) -> None:
    (target,) = await promised(city)
    await city.bappeda.mutate("handOverTarget", {"targetId": target, **GIVE})
    await city.dlh.mutate("acceptHandOver", {"targetId": target})
    assert (await city.bappeda.refused("approveAmendment", {"targetId": target}))["code"] == "OWN_AMENDMENT"
    await city.sekda.mutate("approveAmendment", {"targetId": target})
    assert await look(city.outsider, target, "owner { code }") == {"owner": {"code": "DLH"}}


async def test_nobody_accepts_a_hand_over_that_they_proposed(city: City) -> None:
    """“Nobody accepts what they proposed themselves.” Neither for the receiver's empty office nor as its new head.

    It is foretold, and does not wait in their inbox.
    """
    given, taken = await promised(city, 2)
    await leave(city, "DLH")
    await city.sekda.mutate("handOverTarget", {"targetId": given, **GIVE})
    await refused_own(city.sekda, given)
    await city.mayor.mutate("acceptHandOver", {"targetId": given})
    await city.camat.mutate("handOverTarget", {"targetId": taken, **GIVE})
    appointment = {"organisation": {"code": "DLH"}, "accountId": city.camat.id, "capacity": "DEFINITIVE"}
    await city.admin.mutate("appoint", {**appointment, "validFrom": city.day()})
    both = await city.sign_in("camat")
    await refused_own(both, taken)
    await both.mutate("refuseHandOver", {"targetId": taken, "reason": "Belum waktunya."})


async def refused_own(person: Person, target: str) -> None:
    assert (await person.refused("acceptHandOver", {"targetId": target}))["code"] == "OWN_AMENDMENT"
    seen = await look(person, target, "allowedActions { verb refusals { code } }")
    (found,) = (each for each in seen["allowedActions"] if each["verb"] == "ACCEPT_HAND_OVER")
    assert found["refusals"] == [{"code": "OWN_AMENDMENT"}]
    inbox = await person.query("{ viewer { inbox { nodes { kind subject { id } } } } }")
    waits = [
        each["subject"]["id"] for each in inbox["viewer"]["inbox"]["nodes"] if each["kind"] == "HAND_OVER_TO_ANSWER"
    ]
    assert target not in waits


async def test_nothing_is_handed_over_to_oneself_or_to_whom_has_no_plans(city: City) -> None:
    (target,) = await promised(city)
    for receiver, expected in ((city.camat, "SAME_ORGANISATION"), (city.lurah, "NO_PLAN_OWNER")):
        give = {"targetId": target, **GIVE, "organisation": {"code": receiver.organisation}}
        error = await city.camat.refused("handOverTarget", give)
        assert (error["code"], error["path"]) == (expected, ["organisation"])


async def test_no_acting_head_gives_or_takes_a_target(city: City) -> None:
    """“Acting heads (Plt., Plh.) hold these powers while appointed, but take no strategic decision.”"""
    (target,) = await promised(city)
    await city.camat.mutate("handOverTarget", {"targetId": target, **GIVE})
    await leave(city, "DLH", city.dlh_staff)
    for verb, more in (("acceptHandOver", {}), ("refuseHandOver", {"reason": "Tidak."})):
        error = await city.dlh_staff.refused(verb, {"targetId": target, **more})
        assert error["code"] == "NOT_AS_ACTING_HEAD"
    await city.sekda.mutate("acceptHandOver", {"targetId": target})
    error = await city.sekda.refused("approveAmendment", {"targetId": target})
    assert error["code"] == "OWN_AMENDMENT"


async def test_a_target_of_next_years_plan_is_handed_over_before_that_year_begins(city: City) -> None:
    city.go_to(date(2026, 12, 1))
    (target,) = await city.targets_of(await city.approved(city.camat, year=2027))
    await city.camat.mutate("handOverTarget", {"targetId": target, **GIVE})
    await city.dlh.mutate("acceptHandOver", {"targetId": target})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    seen = await look(city.outsider, target, "owners { nodes { organisation { code } validFrom validTo } }")
    assert seen["owners"]["nodes"] == [{"organisation": {"code": "DLH"}, "validFrom": "2027-01-01", "validTo": None}]


async def test_an_organisations_end_withdraws_what_is_open_and_hands_over_to_the_successor_without_consent(
    city: City,
) -> None:
    """“It may be withdrawn, and is when its plan is closed or its owner ends.” “What ends hands over to its successor
    without either.”
    """
    own, given = await promised(city, 2)
    plan = await city.approved(city.dlh)
    (foreign,) = await city.targets_of(plan)
    await prepare(city, own)
    await city.camat.mutate("handOverTarget", {"targetId": given, **GIVE})
    await city.dlh.mutate("handOverTarget", {"targetId": foreign, **GIVE, "organisation": {"code": "12.71.11"}})
    successor = city.neighbour.organisation
    end = {"organisationId": city.camat.organisation_id, "validTo": city.day(-1), "successor": {"code": successor}}
    await city.admin.mutate("endOrganisation", end)
    await city.settled()
    for target, owner in ((own, successor), (given, successor), (foreign, "DLH")):
        seen = await look(city.bappeda, target, "owner { code } amendments { nodes { status decidedBy { id } } }")
        assert seen == {
            "owner": {"code": owner}, "amendments": {"nodes": [{"status": "WITHDRAWN", "decidedBy": None}]},
        }  # fmt: skip
