"""A case after one of its parties has merged into another organisation: who answers for it, and how long they have."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from server.rules.collaboration_facts import RequestStatus
from tests import cases
from tests.api.test_case_person import succeeded
from tests.cases import admit, look
from tests.city import City
from tests.person import Person

# As the migration found them before the columns had their present names (migration 26).
PERSONS = import_module("server.migrations.0017_the_person_of_a_case").PERSONS.replace("agreed_date", "agreed_due_on")
PERSON = "person { account { id } }"
CLOCK = "replyClock { state startedAt dueAt workingDaysLeft ending }"


async def headed(city: City, by: Person, since: int = -60) -> Person:
    """This person heads the DINKES, into which the DLH will merge, and has nothing to do with the request."""
    given = {
        "organisation": {"code": "DINKES"},
        "accountId": by.id,
        "capacity": "DEFINITIVE",
        "validFrom": city.day(since),
    }
    await city.admin.mutate("appoint", given)
    await admit(city, by)
    return by


async def merged(city: City, ends_on: str | None = None) -> None:
    """The DLH ends, and the DINKES follows it."""
    end = {
        "organisationId": city.dlh.organisation_id,
        "validTo": ends_on or city.day(),
        "successor": {"code": "DINKES"},
    }
    await city.admin.mutate("endOrganisation", end)
    await city.settled()


async def due(city: City, by: Person) -> list[str]:
    """On which days the inbox wants a reply of this person's."""
    nodes = (await by.query("{ viewer { inbox { nodes { kind dueAt } } } }"))["viewer"]["inbox"]["nodes"]
    return [each["dueAt"][:10] for each in nodes if each["kind"] == "REPLY_DUE"]


async def test_after_a_merger_the_person_is_who_held_the_office_that_had_the_request_that_day(city: City) -> None:
    """“After a merger it is the office of the organisation with which the request was on that day.”

    The DINKES had a head on the clock's last day as well, appointed later.
    """
    await headed(city, city.neighbour)
    request = await cases.request(city, city.camat, city.dlh)
    await merged(city)
    made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tanpa jawaban."})
    seen = await look(city.sekda, made["escalation"]["id"], f"respondent {{ code }} {PERSON}")
    assert seen == {"respondent": {"code": "DINKES"}, "person": {"account": {"id": city.dlh.id}}}


async def test_after_a_merger_nobody_is_named_who_headed_what_the_request_was_not_with(city: City) -> None:
    """“The mayor's office may name another who held it between the request's beginning and the ground (namePerson),
    who is told and heard from the start.”
    """
    await headed(city, city.neighbour)
    acting = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(-9), "validTo": city.day(-6)})
    case = await cases.filed(city)
    await merged(city)
    given = {"escalationId": case, "accountId": city.neighbour.id}
    error = await city.sekda.refused("namePerson", given)
    assert (error["code"], error["path"]) == ("NEVER_HELD_OFFICE", ["accountId"])
    await city.sekda.mutate("namePerson", {**given, "accountId": city.dlh_staff.id})


async def test_what_ran_out_after_a_merger_is_the_successors_heads(city: City) -> None:
    heir = await headed(city, city.neighbour)
    request = await city.request(city.camat, city.dlh)
    city.move(days=1)
    await merged(city)
    city.move(days=8)
    made = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tanpa jawaban."})
    case = made["escalation"]["id"]
    assert (await look(city.sekda, case, PERSON))["person"] == {"account": {"id": heir.id}}
    await city.sekda.mutate("namePerson", {"escalationId": case, "accountId": city.dlh.id})


async def test_an_upgrade_finds_the_person_among_the_heads_of_what_the_request_was_with(city: City) -> None:
    await headed(city, city.neighbour)
    silent = await cases.filed(city)
    promised: dict[str, Any] = {
        "status": RequestStatus.ACCEPTED, "agreed_due_on": city.today.replace(day=10),
        "answered_at": cases.ASKED, "accepted_at": cases.ASKED, "answer_stopped_at": cases.ASKED,
    }  # fmt: skip
    broken = await cases.filed(city, **promised)
    await merged(city)
    await city.rows("UPDATE escalation SET person_id = NULL, person_reply_days = NULL, person_told_at = NULL")
    city.is_altered_by_hand = True
    await city.rows(PERSONS)
    for case in (silent, broken):
        assert (await look(city.sekda, case, PERSON))["person"] == {"account": {"id": city.dlh.id}}


async def test_an_upgrade_finds_who_held_the_office_where_a_delivery_was_taken_up_again_and_broken(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request, is_done=True)
    await city.dlh.mutate("deliverRequest", {"requestId": request})
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Masih kotor."})
    await city.dlh.mutate("resumeDelivery", {"requestId": request})
    city.move(days=2)
    heir = await succeeded(city)
    city.move(days=10)  # the agreed day is over
    given = {"requestId": request, "statement": "Tidak pernah tuntas."}
    case = (await city.camat.mutate("fileEscalation", given))["escalation"]["id"]
    expected = {"account": {"id": heir.id}}
    assert (await look(city.sekda, case, PERSON))["person"] == expected
    await city.rows("UPDATE escalation SET person_id = NULL, person_reply_days = NULL, person_told_at = NULL")
    city.is_altered_by_hand = True
    await city.rows(PERSONS)
    assert (await look(city.sekda, case, PERSON))["person"] == expected


async def test_a_successor_that_is_vacant_has_the_full_days_once_somebody_heads_it(city: City) -> None:
    """“A clock on which the successor must act, of a request or for the reply to a case, is a full one again; one that
    had run out stays so.”
    """
    case = await cases.filed(city)
    city.move(days=3)
    await merged(city)
    city.go_to(city.today.replace(day=22), hour=8)
    heir = await headed(city, city.neighbour, 0)
    await city.sweep()
    clock = (await look(heir, case, CLOCK))["replyClock"]
    assert clock["startedAt"].startswith("2026-06-18")
    assert (clock["dueAt"][:10], clock["workingDaysLeft"]) == ("2026-06-24", 3)
    assert await due(city, heir) == ["2026-06-24"]


async def test_a_successors_head_without_case_access_has_the_full_days_from_the_confirmation(city: City) -> None:
    given = {
        "organisation": {"code": "DINKES"},
        "accountId": city.neighbour.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    case = await cases.filed(city)
    city.move(days=3)
    await merged(city)
    city.go_to(city.today.replace(day=22), hour=8)
    await city.sweep()
    assert (await look(city.sekda, case, CLOCK))["replyClock"]["state"] == "PAUSED"
    await admit(city, city.neighbour)
    await city.sweep()
    clock = (await look(city.neighbour, case, CLOCK))["replyClock"]
    assert (clock["state"], clock["dueAt"][:10], clock["workingDaysLeft"]) == ("RUNNING", "2026-06-24", 3)


async def test_a_reply_that_only_want_of_case_access_kept_open_is_the_successors_in_full(city: City) -> None:
    away = {"organisation": {"code": "BAPPEDA"}, "accountId": city.dlh.id, "capacity": "PLT", "validFrom": city.day()}
    await city.admin.mutate("appoint", away)
    case = await cases.filed(city)
    heir = await headed(city, city.neighbour)
    city.go_to(city.today.replace(day=29), hour=8)
    await city.sweep()
    await merged(city)
    await city.sweep()
    seen = await look(heir, case, f"status {CLOCK}")
    assert (seen["status"], seen["replyClock"]["state"], seen["replyClock"]["dueAt"][:10]) == (
        "FILED", "RUNNING", "2026-07-02",
    )  # fmt: skip


async def test_a_reply_whose_time_had_run_out_is_late_for_the_successor_too(city: City) -> None:
    heir = await headed(city, city.neighbour)
    case = await cases.filed(city)
    city.move(days=7)
    await city.sweep()
    await merged(city)
    seen = await look(heir, case, f"status {CLOCK}")
    assert (seen["status"], seen["replyClock"]["state"]) == ("REPLY_LAPSED", "BREACHED")
    await heir.mutate("replyToEscalation", {"escalationId": case, "reply": "Kami baru menerima perkara ini."})
    seen = await look(heir, case, CLOCK)
    assert (seen["replyClock"]["startedAt"][:10], seen["replyClock"]["ending"]) == ("2026-06-15", "LATE")
