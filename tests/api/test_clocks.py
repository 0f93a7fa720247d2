"""The clocks of work that has a day: shown as every other, and ended by what ended the work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.cases import filed, look, replied
from tests.city import City
from tests.founding import KOTA
from tests.person import to_the_second

CLOCK = "{ startedAt dueAt state ending workingDaysLeft pauses { reason } nextReminderAt explanation }"


async def shown(city: City, field: str, id: str, name: str) -> Any:
    answer = await city.camat.query(f"query($id: ID!) {{ {field}(by: {{id: $id}}) {{ {name} {CLOCK} }} }}", id=id)
    return to_the_second(answer[field][name])


async def test_a_task_shows_until_when_it_is_to_be_done_and_how_that_ended(city: City) -> None:
    late, done, cancelled, none = [
        await city.task(city.camat, **({"dueOn": "2026-06-19"} if has_day else {})) for has_day in (1, 1, 1, 0)
    ]
    seen = await shown(city, "task", late, "dueClock")
    assert (seen["state"], seen["ending"], seen["workingDaysLeft"]) == ("RUNNING", None, 4)
    assert (seen["dueAt"], seen["nextReminderAt"]) == ("2026-06-19T23:59:59+07:00", "2026-06-18T08:00:00+07:00")
    assert seen["startedAt"] == "2026-06-15T09:00:00+07:00"
    assert await shown(city, "task", none, "dueClock") is None
    await city.camat.mutate("reportProgress", {"taskId": done, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": done})
    await city.camat.mutate("cancelTask", {"taskId": cancelled, "reason": "Tidak perlu."})
    city.go_to(date(2026, 6, 20))
    for task, state, ending, words in (
        (late, "BREACHED", None, "terlampaui"),
        (done, "ENDED", "IN_TIME", "dipenuhi tepat waktu"),
        (cancelled, "ENDED", "CANCELLED", "dibatalkan"),
    ):
        seen = await shown(city, "task", task, "dueClock")
        assert (seen["state"], seen["ending"]) == (state, ending)
        assert words in seen["explanation"]
        assert seen["nextReminderAt"] is None
    await city.camat.mutate("reportProgress", {"taskId": late, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": late})
    assert (await shown(city, "task", late, "dueClock"))["ending"] == "LATE"
    # A new day begins anew.
    moved = await city.task(city.camat, dueOn="2026-06-22")
    await city.camat.mutate("updateTask", {"taskId": moved, "dueOn": "2026-06-26"})
    seen = await shown(city, "task", moved, "dueClock")
    assert (seen["startedAt"], seen["nextReminderAt"]) == ("2026-06-20T09:00:00+07:00", "2026-06-25T08:00:00+07:00")


async def test_a_target_shows_until_when_its_next_reading_comes_while_its_plan_is_approved(city: City) -> None:
    (draft,) = await city.targets_of(await city.draft(city.dlh))
    answer = await city.dlh.query("query($id: ID!) { target(by: {id: $id}) { readingClock { state } } }", id=draft)
    assert answer["target"]["readingClock"] is None
    (target,) = await city.targets_of(await city.approved(city.camat))
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "5", "measuredOn": "2026-03-31"})
    seen = await shown(city, "target", target, "readingClock")
    assert (seen["state"], seen["startedAt"]) == ("RUNNING", "2026-07-01T00:00:00+07:00")
    assert (seen["dueAt"], seen["nextReminderAt"]) == ("2026-07-14T23:59:59+07:00", "2026-07-13T08:00:00+07:00")
    city.go_to(date(2026, 7, 15))
    assert (await shown(city, "target", target, "readingClock"))["state"] == "BREACHED"
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "5", "measuredOn": "2026-06-30"})
    assert (await shown(city, "target", target, "readingClock"))["dueAt"] == "2026-10-14T23:59:59+07:00"


async def test_a_mediation_and_a_follow_up_show_their_days_and_what_ended_them(city: City) -> None:
    case = await replied(city)
    given = {"escalationId": case, "meetingAt": "2026-06-22T09:00:00+07:00", "place": "Balai Kota"}
    await city.sekda.mutate("proposeMediation", given)
    mediation = f"mediation {{ dueClock {CLOCK} }}"
    seen = (await look(city.dlh, case, mediation))["mediation"]["dueClock"]
    assert (seen["state"], seen["dueAt"][:10], seen["nextReminderAt"]) == ("RUNNING", "2026-06-22", None)
    await city.sekda.mutate("concludeMediation", {"escalationId": case, "outcome": "Belum.", "isSettled": False})
    seen = (await look(city.dlh, case, mediation))["mediation"]["dueClock"]
    assert (seen["state"], seen["ending"]) == ("ENDED", "IN_TIME")
    await city.mayor.mutate("decideEscalation", {"escalationId": case, "kind": "GUIDANCE", "facts": "Kurang rapat."})
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Rapat", "dueOn": "2026-06-19"})
    parts = f"followUps {{ id dueClock {CLOCK} }}"
    (part,) = [each for each in (await look(city.mayor, case, parts))["followUps"] if each["dueClock"]]
    assert (part["dueClock"]["state"], part["dueClock"]["dueAt"][:10]) == ("RUNNING", "2026-06-19")
    city.go_to(date(2026, 6, 22))
    await city.sekda.mutate("closeFollowUp", {"followUpId": part["id"]})
    (part,) = [each for each in (await look(city.mayor, case, parts))["followUps"] if each["dueClock"]]
    assert (part["dueClock"]["state"], part["dueClock"]["ending"]) == ("ENDED", "LATE")


async def test_a_reply_that_never_came_did_not_come_in_time(city: City) -> None:
    withdrawn, dismissed, answered = await filed(city), await filed(city), await replied(city)
    await city.camat.mutate("withdrawEscalation", {"escalationId": withdrawn})
    await city.mayor.mutate("decideEscalation", {"escalationId": dismissed, "kind": "DISMISS", "facts": "Selesai."})
    endings = [
        (await look(city.mayor, case, "replyClock { state ending }"))["replyClock"]
        for case in (withdrawn, dismissed, answered)
    ]
    assert [(each["state"], each["ending"]) for each in endings] == [
        ("ENDED", "WITHDRAWN"),
        ("ENDED", "DECIDED"),
        ("ENDED", "IN_TIME"),
    ]


async def ended(city: City, request: str) -> list[tuple[str, str]]:
    """Of each clock of the request that ended what it was for and how that ended."""
    shown = "endedClocks { kind dueAt endedAt ending explanation }"
    answer = await city.outsider.query(f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {shown} }} }}", id=request)
    clocks = answer["request"]["endedClocks"]
    assert all(clock["endedAt"] and clock["explanation"] for clock in clocks)
    return [(clock["kind"], clock["ending"]) for clock in clocks]


async def test_a_ruling_ends_the_clocks_of_whom_it_takes_the_request_from_and_none_is_said_to_be_answered(
    city: City,
) -> None:
    """“How it ended is said: IN_TIME and LATE by the act that it waited for; SILENCE, WITHDRAWN, CANCELLED, DECIDED,
    RULING, REDIRECTED, SETTLED and ORGANISATION_ENDED without it.”
    “What a request waited for before is in its endedClocks, read from the log.”
    """
    request = await city.request(city.camat, city.dlh)
    assert await ended(city, request) == []
    await city.dlh.mutate("redirectRequest", {"requestId": request, "to": {"code": KOTA}, "reason": "Wilayah Kota."})
    redirected = [("ANSWER", "REDIRECTED")]
    assert await ended(city, request) == redirected
    await city.neighbour.mutate("askForInformation", {"requestId": request, "question": "Berapa truk?"})
    await city.camat.mutate("objectToRedirect", {"requestId": request, "reason": "Bukan di Kota."})
    city.move(days=9)
    ruling = {"requestId": request, "giver": {"code": "DINKES"}, "reason": "Limbah klinik."}
    await city.sekda.mutate("assignRequest", ruling)
    found = await ended(city, request)
    assert found[:1] == redirected
    assert sorted(found[1:]) == [("ANSWER", "RULING"), ("QUESTION", "SILENCE"), ("RULING", "LATE")]


async def test_every_clock_of_a_request_says_in_its_list_how_it_ended(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await city.dlh.mutate("askForInformation", {"requestId": request, "question": "Berapa truk?"})
    await city.dlh.mutate("counterRequest", {"requestId": request, "terms": "Satu truk saja."})
    answered = [("ANSWER", "IN_TIME"), ("QUESTION", "SETTLED")]
    assert sorted(await ended(city, request)) == answered
    await city.camat.mutate("refuseCounter", {"requestId": request})
    await city.promise(city.dlh, request, is_done=True)
    await city.dlh.mutate("deliverRequest", {"requestId": request})
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Masih kotor."})
    city.move(days=9)
    await city.dlh.mutate("resumeDelivery", {"requestId": request})
    expected = [("COUNTER", "IN_TIME"), ("ANSWER", "IN_TIME"), ("CONFIRMATION", "IN_TIME"), ("DISPUTE", "LATE")]
    found = await ended(city, request)
    assert (sorted(found[:2]), found[2:]) == (answered, expected)
    withdrawn, silent = await city.request(city.camat, city.dlh), await city.request(city.camat, city.neighbour)
    await city.camat.mutate("withdrawRequest", {"requestId": withdrawn})
    assert await ended(city, withdrawn) == [("ANSWER", "WITHDRAWN")]
    await city.neighbour.mutate("counterRequest", {"requestId": silent, "terms": "Bulan depan."})
    city.now += timedelta(days=30)
    await city.sweep()
    assert await ended(city, silent) == [("ANSWER", "IN_TIME"), ("COUNTER", "SILENCE")]
