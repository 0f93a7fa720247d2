"""Collaboration requests as people ask, offer, answer, send on, promise, deliver and dispute them."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from server.ids import decode
from server.models import Request
from server.rules.collaboration_facts import RequestKind, RequestStatus
from server.rules.event import EventType
from server.rules.helpfulness import GivenHelp, helpfulness
from tests.city import City
from tests.person import Json, Person, to_the_second

# The city's day begins on Monday 15 June 2026 at nine; Tuesday the 16th is 1 Muharram.
NO_REASON: Any = ("REQUIRED", ["reason"])


async def look(person: Person, request: str, selection: str) -> Any:
    query = f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {selection} }} }}"
    return to_the_second((await person.query(query, id=request))["request"])


async def act(person: Person, verb: str, request: str, selection: str = "status", **given: Any) -> Any:
    """A verb that must work; the request after it."""
    payload = await person.mutate(verb, {"requestId": request, **given}, f"request {{ {selection} }}")
    return to_the_second(payload["request"])


async def refusal(person: Person, verb: str, request: str, **given: Any) -> Json:
    return await person.refused(verb, {"requestId": request, **given})


async def last_event(person: Person, request: str) -> Any:
    event = "type sentence capacity actor { name } onBehalfOf { name } organisations { code }"
    return (await look(person, request, f"history(last: 1) {{ nodes {{ {event} }} }}"))["history"]["nodes"][0]


async def appoint(city: City, organisation: str, who: Person, capacity: str, day: str, last: str | None = None) -> None:
    given = {"organisation": {"code": organisation}, "accountId": who.id, "capacity": capacity, "validFrom": day}
    await city.admin.mutate("appoint", {**given, "validTo": last})


# ---- the good way ---------------------------------------------------------------------------------------------------


async def test_a_request_is_made_accepted_delivered_and_confirmed(city: City) -> None:
    """“The asker receives, the giver delivers.” “A NEED is begun by the asker, an OFFER by the giver; whoever began it
    is the starter, the other side the answerer.” “Everybody who signs in sees plans, targets, tasks, requests,
    events and the board: being known is the point.”
    """
    plan = await city.approved(city.dlh)
    watcher = await city.outsider.watch("requestChanged")
    request = await city.request(city.camat, city.dlh, description="Tiga truk.", neededOn=city.day(10))
    seen = await look(
        city.outsider,
        request,
        "kind status statusLabel isLapsed title neededOn asker { code } giver { code } commitment { id } progress"
        " answerClock { startedAt dueAt state workingDaysLeft nextReminderAt explanation pauses { reason } }",
    )
    clock = seen.pop("answerClock")
    assert seen == {
        "kind": "NEED", "status": "OPEN", "statusLabel": "Terbuka", "isLapsed": False,
        "title": "Angkut sampah Pasar Johor", "neededOn": city.day(10), "asker": {"code": "12.71.11"},
        "giver": {"code": "DLH"}, "commitment": None, "progress": None,
    }  # fmt: skip
    assert (clock["state"], clock["workingDaysLeft"], clock["pauses"]) == ("RUNNING", 3, [])
    assert clock["startedAt"] == "2026-06-15T09:00:00+07:00"
    assert clock["dueAt"] == "2026-06-19T23:59:59+07:00"
    assert clock["nextReminderAt"] == "2026-06-18T08:00:00+07:00"
    assert "19 Juni 2026, 23.59 WIB" in clock["explanation"]
    city.move(days=1)
    made = await act(
        city.dlh,
        "acceptRequest",
        request,
        "status agreedDueOn answeredBy { id } answeredAt commitment { id title status dueOn organisation { code }"
        " workPlan { id } request { id } } answerClock { state dueAt }",
    )
    task = made["commitment"].pop("id")
    assert made == {
        "status": "ACCEPTED", "agreedDueOn": "2026-06-25", "answeredBy": {"id": city.dlh.id},
        "answeredAt": "2026-06-16T09:00:00+07:00",
        "commitment": {
            "title": "Angkut sampah Pasar Johor", "status": "PLANNED", "dueOn": "2026-06-25",
            "organisation": {"code": "DLH"}, "workPlan": {"id": plan}, "request": {"id": request},
        },
        "answerClock": {"state": "ENDED", "dueAt": "2026-06-19T23:59:59+07:00"},
    }  # fmt: skip
    error = await refusal(city.dlh, "deliverRequest", request)
    assert error["code"] == "COMMITMENT_NOT_DONE"
    await city.dlh_staff.mutate("reportProgress", {"taskId": task, "progress": 100})
    assert (await look(city.outsider, request, "progress"))["progress"] == 100
    await city.dlh_staff.mutate("completeTask", {"taskId": task})
    assert (await act(city.dlh, "deliverRequest", request, "confirmDueAt"))["confirmDueAt"] is not None
    assert (await act(city.camat, "confirmDelivery", request))["status"] == "CONFIRMED"
    await city.settled()
    kinds = [(each["kind"], each["event"]["type"]) for each in watcher.told]
    types = ["REQUEST_MADE", "REQUEST_ACCEPTED", "REQUEST_DELIVERED", "REQUEST_CONFIRMED"]
    assert kinds == [("CREATED", types[0]), *(("UPDATED", each) for each in types[1:])]
    history = (await look(city.outsider, request, "history { nodes { type sentence } }"))["history"]["nodes"]
    assert [each["type"] for each in history] == types
    assert history[1]["sentence"] == "Dlh menerima “Angkut sampah Pasar Johor” untuk 25 Juni 2026"


async def test_an_offer_is_begun_by_the_giver_and_answered_by_who_would_receive(city: City) -> None:
    """“The asker receives, the giver delivers.”"""
    given = {"asker": {"code": city.camat.organisation}, "title": "Pinjam dua truk", "neededOn": city.day(5)}
    selection = "request { id kind asker { code } giver { code } }"
    offer = (await city.dlh.mutate("offerHelp", given, selection))["request"]
    request = offer.pop("id")
    assert offer == {"kind": "OFFER", "asker": {"code": "12.71.11"}, "giver": {"code": "DLH"}}
    assert (await refusal(city.dlh, "acceptRequest", request))["code"] == "NOT_YOUR_ORGANISATION"
    error = await refusal(city.camat, "redirectRequest", request, to={"code": "DINKES"}, reason="Bukan kami.")
    assert error["code"] in ("CANNOT_REDIRECT", "NOT_YOUR_ORGANISATION")
    task = await city.promise(city.camat, request)
    done = await city.outsider.query("query($id: ID!) { task(by: {id: $id}) { organisation { code } } }", id=task)
    assert done["task"]["organisation"] == {"code": "DLH"}
    for verb, more in (("reportProgress", {"progress": 100}), ("completeTask", {})):
        await city.dlh.mutate(verb, {"taskId": task, **more})
    await act(city.dlh, "deliverRequest", request)
    await act(city.camat, "confirmDelivery", request)
    helped = '{ organisation(by: {code: "DLH"}) { helpfulness { offeredCount offersDeliveredCount askedCount } } }'
    counts = (await city.outsider.query(helped))["organisation"]["helpfulness"]
    assert counts == {"offeredCount": 1, "offersDeliveredCount": 1, "askedCount": 0}


async def test_several_are_asked_at_once_by_one_request_each_in_one_thread(city: City) -> None:
    given = {
        "givers": [{"code": "DLH"}, {"code": "DINKES"}, {"code": city.neighbour.organisation}],
        "title": "Bantu banjir",
    }
    given |= {"neededOn": city.day(3), "idempotencyKey": "banjir-1"}
    selection = "requests { id giver { code } siblings { giver { code } } } event { type }"
    first = await city.camat.mutate("requestCollaboration", given, selection)
    made = first["requests"]
    assert [{"code": each["giver"]["code"]} for each in made] == given["givers"]
    assert [{"code": each["giver"]["code"]} for each in made[0]["siblings"]] == given["givers"][1:]
    again = await city.camat.mutate("requestCollaboration", given, selection)
    assert again["isReplay"]
    assert again["requests"] == made
    tried = await city.camat.mutate(
        "requestCollaboration", {**given, "dryRun": True, "idempotencyKey": None}, selection
    )
    assert [{"code": each["giver"]["code"]} for each in tried["requests"]] == given["givers"]
    assert tried["event"] is None
    await act(city.dlh, "declineRequest", made[0]["id"], reason="Alat rusak.")
    rest = await city.outsider.query("{ requests(filter: {status: {eq: OPEN}}) { totalCount } }")
    assert rest["requests"]["totalCount"] == 2


async def test_requests_are_found_by_what_they_are_about_whom_they_concern_and_their_words(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, workPlanId=plan)
    first = await city.request(city.camat, city.dlh, aboutId=task, title="Pinjam ekskavator")
    second = await city.request(city.camat, city.neighbour, aboutId=target, title="Tukar petugas")
    about = "about { __typename ... on Task { id } ... on Target { id } }"
    assert (await look(city.outsider, first, about))["about"] == {"__typename": "Task", "id": task}
    assert (await look(city.outsider, second, about))["about"] == {"__typename": "Target", "id": target}
    found = await city.outsider.query(
        "query($task: ID!, $target: ID!) { task(by: {id: $task}) { requestsAbout { nodes { id } } }"
        " target(by: {id: $target}) { requestsAbout { nodes { id } } }"
        ' requests(search: "ekskavator") { nodes { id } }'
        ' dlh: organisation(by: {code: "DLH"}) { requestsReceived { nodes { id } } requestsMade { totalCount }'
        " summary { openRequestCount lapsedRequestCount } }"
        " workPlans { nodes { organisation { code } summary { openRequestCount } } }"
        ' johor: organisation(by: {code: "12.71.11"}) { requestsMade { totalCount } summary { openRequestCount } } }',
        task=task,
        target=target,
    )
    assert found == {
        "task": {"requestsAbout": {"nodes": [{"id": first}]}},
        "target": {"requestsAbout": {"nodes": [{"id": second}]}},
        "requests": {"nodes": [{"id": first}]},
        "dlh": {
            "requestsReceived": {"nodes": [{"id": first}]}, "requestsMade": {"totalCount": 0},
            "summary": {"openRequestCount": 1, "lapsedRequestCount": 0},
        },
        "workPlans": {"nodes": [{"organisation": {"code": "12.71.11"}, "summary": {"openRequestCount": 2}}]},
        "johor": {"requestsMade": {"totalCount": 2}, "summary": {"openRequestCount": 0}},
    }  # fmt: skip


async def test_what_nobody_else_sees_is_no_subject_of_a_request(city: City) -> None:
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    given = {"givers": [{"code": "DLH"}], "title": "Bantuan", "neededOn": city.day(5), "aboutId": target}
    error = await city.camat.refused("requestCollaboration", given)
    assert (error["code"], error["path"]) == ("STILL_A_DRAFT", ["aboutId"])
    error = await city.neighbour.refused("requestCollaboration", given)
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["aboutId"])
    public = await city.task(city.neighbour)
    error = await city.camat.refused("requestCollaboration", {**given, "aboutId": public})
    assert (error["code"], error["path"]) == ("WRONG_ORGANISATION", ["aboutId"])


# ---- answers --------------------------------------------------------------------------------------------------------


async def test_a_no_needs_a_reason_and_may_be_thought_over(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    error = await refusal(city.dlh, "declineRequest", request, reason="  ")
    assert (error["code"], error["path"]) == NO_REASON
    declined = await act(city.dlh, "declineRequest", request, "status answerReason", reason="Tidak ada truk.")
    assert declined == {"status": "DECLINED", "answerReason": "Tidak ada truk."}
    city.move(days=2)
    again = await act(city.dlh, "acceptRequest", request, "status answerReason commitment { dueOn }")
    assert again == {"status": "ACCEPTED", "answerReason": None, "commitment": {"dueOn": "2026-06-25"}}


async def test_after_two_refused_counters_the_other_side_may_only_accept_or_decline(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    terms = {"terms": "Separuh dulu.", "neededOn": city.day(14)}
    error = await refusal(city.dlh, "counterRequest", request, terms="Besok.", neededOn=city.day(-1))
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["neededOn"])
    offer = "status counterOffer { neededOn terms madeAt madeBy { id } }"
    countered = await act(city.dlh, "counterRequest", request, offer, **terms)
    assert countered["counterOffer"] == {**terms, "madeAt": "2026-06-15T09:00:00+07:00", "madeBy": {"id": city.dlh.id}}
    assert (await refusal(city.dlh, "acceptCounter", request))["code"] == "NOT_YOUR_ORGANISATION"
    error = await refusal(city.dlh, "counterRequest", request, **terms)
    assert error["code"] == "ALREADY_ANSWERED"
    city.move(days=1)
    back = await act(city.camat, "refuseCounter", request, "status counterOffer { terms } answerClock { startedAt }")
    assert back == {
        "status": "OPEN", "counterOffer": None, "answerClock": {"startedAt": "2026-06-16T09:00:00+07:00"},
    }  # fmt: skip
    await act(city.dlh, "counterRequest", request, **terms)
    await act(city.camat, "refuseCounter", request)
    for verb, given in (
        ("counterRequest", terms),
        ("redirectRequest", {"to": {"code": "DINKES"}, "reason": "Bukan kami."}),
        ("askForInformation", {"question": "Di mana?"}),
    ):
        assert (await refusal(city.dlh, verb, request, **given))["code"] == "NO_COUNTER_LEFT"
    await act(city.dlh, "acceptRequest", request)


async def test_accepted_terms_become_the_commitment_on_their_date(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "counterRequest", request, terms="Minggu depannya.", neededOn=city.day(17))
    made = await act(
        city.camat, "acceptCounter", request, "status agreedDueOn commitment { dueOn organisation { code } }"
    )
    due = city.day(17)
    assert made == {
        "status": "ACCEPTED", "agreedDueOn": due, "commitment": {"dueOn": due, "organisation": {"code": "DLH"}},
    }  # fmt: skip


async def test_a_no_is_withdrawn_by_whoever_asked(city: City) -> None:
    """“Withdrawn by whoever began it, after a no as well; the commitment is then an ordinary task.”"""
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "declineRequest", request, reason="Tidak ada truk.")
    assert (await refusal(city.dlh, "withdrawRequest", request))["code"] == "NOT_YOUR_ORGANISATION"
    assert await act(city.camat, "withdrawRequest", request, "status answerReason") == {
        "status": "WITHDRAWN", "answerReason": "Tidak ada truk.",
    }  # fmt: skip
    assert (await refusal(city.dlh, "acceptRequest", request))["code"] == "MOVE_NOT_ALLOWED"
    eligible = "eligibility { isEligible missing { ground why } }"
    assert not (await look(city.camat, request, eligible))["eligibility"]["isEligible"]


async def test_other_terms_whose_day_has_passed_cannot_be_accepted_any_more(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "counterRequest", request, terms="Lusa.", neededOn=city.day(2))
    city.move(days=3)
    actions = "allowedActions { verb isAllowed refusals { code } }"
    said = {each["verb"]: each for each in (await look(city.camat, request, actions))["allowedActions"]}
    assert said["ACCEPT_COUNTER"]["refusals"] == [{"code": "DATE_PASSED"}]
    assert (await refusal(city.camat, "acceptCounter", request))["code"] == "DATE_PASSED"
    assert said["REFUSE_COUNTER"]["isAllowed"]


async def test_of_two_deputies_who_answer_at_once_one_wins_and_the_other_is_told_the_answer(city: City) -> None:
    await appoint(city, "DLH", city.dlh_staff, "PLH", city.day())
    deputy = await city.sign_in("dlh-staff")
    request = await city.request(city.camat, city.dlh)
    answers = await asyncio.gather(
        *(each.attempt("acceptRequest", {"requestId": request}) for each in (city.dlh, deputy))
    )
    (error,) = [error for each in answers for error in each["errors"]]
    assert error["code"] == "ALREADY_ANSWERED"
    assert error["message"].endswith("dijawab pada 15 Juni 2026, 09.00 WIB; jawabannya: Diterima.")
    types = (await look(city.camat, request, "history { nodes { type } }"))["history"]["nodes"]
    assert [each["type"] for each in types] == ["REQUEST_MADE", "REQUEST_ACCEPTED"]
    tasks = await city.outsider.query("{ tasks { totalCount } }")
    assert tasks["tasks"]["totalCount"] == 1


# ---- the office -----------------------------------------------------------------------------------------------------


async def test_an_acting_head_answers_in_that_capacity_on_behalf_of_the_holder(city: City) -> None:
    await appoint(city, "DLH", city.dlh_staff, "PLH", city.day(), city.day(3))
    deputy = await city.sign_in("dlh-staff")
    request = await city.request(city.camat, city.dlh)
    await act(deputy, "acceptRequest", request)
    event = await last_event(city.outsider, request)
    assert (event["capacity"], event["onBehalfOf"], event["actor"]) == (
        "PLH", {"name": city.dlh.name}, {"name": city.dlh_staff.name},
    )  # fmt: skip
    city.move(days=4)
    late = await city.sign_in("dlh-staff")
    other = await city.request(city.camat, city.dlh)
    assert (await refusal(late, "acceptRequest", other))["code"] == "NOT_YOUR_ROLE"


async def test_who_heads_two_organisations_acts_in_the_capacity_that_the_verb_asks_for(city: City) -> None:
    """The camat holds his own office, and acts as Plt. of an agency: of which he asks, and which is asked."""
    await appoint(city, "DINKES", city.camat, "PLT", city.day())
    camat = await city.sign_in("camat")
    given = {"givers": [{"code": "DINKES"}], "title": "Fogging", "neededOn": city.day(6)}
    made = await camat.mutate("requestCollaboration", given)
    own = made["requests"][0]["id"]
    event = await last_event(city.outsider, own)
    assert (event["capacity"], event["organisations"]) == ("DEFINITIVE", [{"code": "12.71.11"}, {"code": "DINKES"}])
    error = await refusal(camat, "redirectRequest", own, to={"code": "DLH"}, reason="Bukan wewenang kami.")
    assert error["code"] == "BOTH_SIDES"
    made = await city.neighbour.mutate("requestCollaboration", given)
    request = made["requests"][0]["id"]
    await act(camat, "redirectRequest", request, to={"code": "DLH"}, reason="Bukan wewenang kami.")
    event = await last_event(city.outsider, request)
    assert event["capacity"] == "PLT"
    assert event["organisations"] == [{"code": "12.71.01"}, {"code": "DLH"}, {"code": "DINKES"}]


async def test_days_without_a_holder_do_not_run_the_clock(city: City) -> None:
    """“Days on which nobody holds the office that must act, or the accounts of all who do are disabled, do not count in
    its clock.”
    """
    query = '{ organisation(by: {code: "DLH"}) { appointments { nodes { id } } } }'
    held = (await city.admin.query(query))["organisation"]["appointments"]["nodes"][0]["id"]
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(1)})
    request = await city.request(city.camat, city.dlh)
    city.move(days=3)
    clock = "answerClock { state dueAt pauses { reason startedAt endedAt actor { id } } }"
    seen = (await look(city.camat, request, clock))["answerClock"]
    assert seen["state"] == "PAUSED"
    assert [(each["startedAt"], each["endedAt"], each["actor"]) for each in seen["pauses"]] == [
        ("2026-06-17T00:00:00+07:00", None, None)
    ]
    await appoint(city, "DLH", city.dlh_staff, "PLT", city.day())
    acting = await city.sign_in("dlh-staff")
    seen = (await look(city.camat, request, clock))["answerClock"]
    assert (seen["state"], seen["dueAt"]) == ("RUNNING", "2026-06-22T23:59:59+07:00")
    await act(acting, "acceptRequest", request)
    assert (await last_event(city.camat, request))["capacity"] == "PLT"


async def test_whether_a_request_lapsed_is_asked_of_the_apps_clock_and_not_of_the_sweep(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    paused = await city.request(city.camat, city.dlh)
    vacant = await city.request(city.camat, city.neighbour)
    city.go_to(date(2026, 6, 19))
    await act(city.dlh, "askForInformation", paused, question="Pasar yang mana?")
    query = "query($code: String!) { organisation(by: {code: $code}) { appointments { nodes { id } } } }"
    found = await city.admin.query(query, code=city.neighbour.organisation)
    held = found["organisation"]["appointments"]["nodes"][0]["id"]
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(-1)})
    listed = "{ requests(filter: {isLapsed: {eq: true}}) { nodes { id isLapsed lapsedAt } } }"
    assert (await city.outsider.query(listed))["requests"]["nodes"] == []
    city.go_to(date(2026, 6, 20))
    lapsed = to_the_second((await city.outsider.query(listed))["requests"]["nodes"])
    assert lapsed == [{"id": request, "isLapsed": True, "lapsedAt": "2026-06-19T23:59:59+07:00"}]
    states = [
        (await look(city.camat, each, "answerClock { state }"))["answerClock"]["state"] for each in (paused, vacant)
    ]
    assert states == ["PAUSED", "PAUSED"]
    assert (await look(city.camat, request, "answerClock { state }"))["answerClock"]["state"] == "BREACHED"
    await act(city.dlh, "declineRequest", request, reason="Tidak ada truk.")
    late = await look(city.camat, request, "isLapsed lapsedAt")
    assert late == {"isLapsed": False, "lapsedAt": "2026-06-19T23:59:59+07:00"}


async def test_an_appointment_recorded_late_ends_the_pause_when_it_is_recorded_and_nobody_lapses_by_its_date(
    city: City,
) -> None:
    query = '{ organisation(by: {code: "DLH"}) { appointments { nodes { id } } } }'
    held = (await city.admin.query(query))["organisation"]["appointments"]["nodes"][0]["id"]
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(0)})
    request = await city.request(city.camat, city.dlh)
    city.go_to(date(2026, 6, 25), 9)
    await city.sweep()
    clock = "isLapsed answerClock { state dueAt pauses { startedAt endedAt } }"
    assert (await look(city.camat, request, clock))["answerClock"]["state"] == "PAUSED"
    recorded = city.now
    await appoint(city, "DLH", city.dlh_staff, "PLT", "2026-06-16")
    await city.sweep()
    seen = await look(city.camat, request, clock)
    # That Thursday, Friday and Monday count: it was recorded in the morning.
    assert seen["isLapsed"] is False
    assert (seen["answerClock"]["state"], seen["answerClock"]["dueAt"]) == ("RUNNING", "2026-06-29T23:59:59+07:00")
    (pause,) = seen["answerClock"]["pauses"]
    assert pause["startedAt"] == "2026-06-16T00:00:00+07:00"
    assert recorded.replace(microsecond=0) <= datetime.fromisoformat(pause["endedAt"]) <= city.now
    # The decree of tomorrow counts from tomorrow.
    early = await city.request(city.camat, city.neighbour)
    found = await city.admin.query(query.replace("DLH", city.neighbour.organisation))
    held = found["organisation"]["appointments"]["nodes"][0]["id"]
    await city.admin.mutate("endAppointment", {"appointmentId": held, "validTo": city.day(0)})
    await appoint(city, city.neighbour.organisation, city.dlh_staff, "PLT", city.day(4))
    (pause,) = (await look(city.camat, early, clock))["answerClock"]["pauses"]
    assert pause == {"startedAt": "2026-06-26T00:00:00+07:00", "endedAt": "2026-06-29T00:00:00+07:00"}


async def test_a_clock_says_how_it_ended_and_nobody_answered_in_time_who_did_not(city: City) -> None:
    clock = "answerClock { state ending nextReminderAt explanation }"

    async def ended(request: str) -> list[str]:
        seen = (await look(city.camat, request, clock))["answerClock"]
        assert seen["nextReminderAt"] is None
        return [seen["state"], seen["ending"], seen["explanation"]]

    running, answered, withdrawn, late = [await city.request(city.camat, city.dlh) for _ in range(4)]
    assert (await look(city.camat, running, clock))["answerClock"]["ending"] is None
    await act(city.dlh, "declineRequest", answered, reason="Tidak ada truk.")
    await act(city.camat, "withdrawRequest", withdrawn)
    city.go_to(date(2026, 6, 22))
    await act(city.dlh, "declineRequest", late, reason="Tidak ada truk.")
    for request, ending, words in (
        (answered, "IN_TIME", "dipenuhi tepat waktu"),
        (withdrawn, "WITHDRAWN", "ditarik kembali"),
        (late, "LATE", "dipenuhi terlambat"),
    ):
        state, shown, explanation = await ended(request)
        assert (state, shown) == ("ENDED", ending)
        assert words in explanation
    breached = (await look(city.camat, running, clock))["answerClock"]
    assert (breached["state"], breached["ending"]) == ("BREACHED", None)
    await city.admin.mutate("endOrganisation", {"organisationId": city.dlh.organisation_id, "validTo": city.day()})
    await city.settled()
    assert (await ended(running))[:2] == ["ENDED", "ORGANISATION_ENDED"]
    assert (await ended(late))[1] == "LATE"


async def test_a_clock_reminds_at_eight_of_the_working_day_before_and_again_only_where_that_day_moves(
    city: City,
) -> None:
    request = await city.request(city.camat, city.dlh)

    async def reminders() -> tuple[str | None, list[str]]:
        """The next one, and those that were made."""
        seen = await look(city.camat, request, "answerClock { nextReminderAt } history { nodes { type happenedAt } }")
        made = [each["happenedAt"] for each in seen["history"]["nodes"] if each["type"] == "REQUEST_REMINDED"]
        return seen["answerClock"]["nextReminderAt"], sorted(made)

    thursday, friday = "2026-06-18T08:00:00+07:00", "2026-06-19T08:00:00+07:00"
    city.go_to(date(2026, 6, 18), 7)
    await city.sweep()
    assert await reminders() == (thursday, [])
    city.go_to(date(2026, 6, 18), 9)
    for _ in range(2):
        await city.sweep()
        assert await reminders() == (None, [thursday])
    # A pause moves the deadline to Monday, and the reminder to Friday.
    await act(city.dlh, "askForInformation", request, question="Pasar yang mana?")
    assert await reminders() == (None, [thursday])
    city.go_to(date(2026, 6, 18), 13)
    await act(city.camat, "answerQuestion", request, answer="Johor.")
    assert await reminders() == (friday, [thursday])
    city.go_to(date(2026, 6, 22), 9)
    await city.sweep()
    assert await reminders() == (None, [thursday, friday])


# ---- whose it is ----------------------------------------------------------------------------------------------------


async def test_a_redirect_gives_its_own_full_clock_and_a_second_one_goes_to_the_mayors_office(city: City) -> None:
    """“OFFICE (deputy mayor, Sekda and their staff): reviews plans, orders tasks, rules on redirects, handles cases”"""
    request = await city.request(city.camat, city.dlh)
    city.move(days=2)
    chain = (
        "giver { code } redirectedFrom { code } redirects"
        " { fromGiver { code } toGiver { code } reason redirectedAt isRuling actor { id } }"
    )
    why = "Itu urusan kecamatan tetangga."
    moved = await act(
        city.dlh,
        "redirectRequest",
        request,
        f"status {chain} answerClock {{ startedAt }}",
        to={"code": city.neighbour.organisation},
        reason=why,
    )
    assert moved == {
        "status": "OPEN", "giver": {"code": "12.71.01"}, "redirectedFrom": {"code": "DLH"},
        "redirects": [
            {
                "fromGiver": {"code": "DLH"}, "toGiver": {"code": "12.71.01"}, "reason": why, "isRuling": False,
                "redirectedAt": "2026-06-17T09:00:00+07:00", "actor": {"id": city.dlh.id},
            }
        ],
        "answerClock": {"startedAt": "2026-06-17T09:00:00+07:00"},
    }  # fmt: skip
    assert (await refusal(city.dlh, "acceptRequest", request))["code"] == "NOT_YOUR_ORGANISATION"
    back = {"to": {"code": "DLH"}, "reason": "Tetap urusan DLH."}
    asked = (
        "giver { code } rulingCause rulingReason rulingProposed { code }"
        " answerClock { state pauses { reason endedAt } }"
    )
    waiting = await act(city.neighbour, "redirectRequest", request, asked, **back)
    pauses = waiting.pop("answerClock")
    assert waiting == {
        "giver": {"code": "12.71.01"}, "rulingCause": "REDIRECTED_BACK", "rulingReason": back["reason"],
        "rulingProposed": {"code": "DLH"},
    }  # fmt: skip
    assert (pauses["state"], [each["endedAt"] for each in pauses["pauses"]]) == ("PAUSED", [None])
    assert (await refusal(city.neighbour, "redirectRequest", request, **back))["code"] == "RULING_PENDING"
    assert (await refusal(city.camat, "assignRequest", request, giver={"code": "DLH"}, reason="x"))[
        "code"
    ] == "NOT_YOUR_ROLE"
    city.move(days=1)
    ruled = await act(
        city.sekda,
        "assignRequest",
        request,
        f"{chain} isAssigned rulingCause answerClock {{ state startedAt pauses {{ endedAt }} }}",
        giver={"code": "DLH"},
        reason="Sesuai tugas pokok DLH.",
    )
    assert ruled["giver"] == {"code": "DLH"}
    assert (ruled["isAssigned"], ruled["rulingCause"], len(ruled["redirects"])) == (True, None, 2)
    assert ruled["redirects"][1]["isRuling"]
    assert ruled["answerClock"] == {"state": "RUNNING", "startedAt": "2026-06-18T09:00:00+07:00", "pauses": []}
    assert (await last_event(city.outsider, request))["organisations"][-1] == {"code": "WALIKOTA"}
    error = await refusal(city.dlh, "redirectRequest", request, to={"code": "DINKES"}, reason="Lagi.")
    assert error["code"] == "CANNOT_REDIRECT"
    await act(city.dlh, "acceptRequest", request)


async def test_the_asker_may_object_to_a_redirect_before_a_ruling_only(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    assert (await refusal(city.camat, "objectToRedirect", request, reason="Tidak."))["code"] == "NOT_REDIRECTED"
    assert (await refusal(city.sekda, "assignRequest", request, giver={"code": "DLH"}, reason="x"))[
        "code"
    ] == "NO_RULING_ASKED"
    await act(city.dlh, "redirectRequest", request, to={"code": "DINKES"}, reason="Limbah medis.")
    objected = await act(city.camat, "objectToRedirect", request, "rulingCause", reason="Bukan limbah medis.")
    assert objected["rulingCause"] == "OBJECTION"
    await act(city.mayor, "assignRequest", request, giver={"code": "DINKES"}, reason="Memang limbah medis.")
    assert (await refusal(city.camat, "objectToRedirect", request, reason="Tidak."))["code"] == "ALREADY_RULED"


async def test_the_sekda_does_not_rule_on_what_setda_was_asked(city: City) -> None:
    request = await city.request(city.camat, city.sekda)
    await act(city.sekda, "redirectRequest", request, to={"code": "DLH"}, reason="Teknis.")
    await act(city.camat, "objectToRedirect", request, reason="Surat edaran Setda.")
    error = await refusal(city.sekda, "assignRequest", request, giver={"code": "DLH"}, reason="Teknis.")
    assert error["code"] == "OWN_CASE"
    await act(city.mayor, "assignRequest", request, giver={"code": "SETDA"}, reason="Setda.")


GROUNDS = "eligibility { grounds }"
LAPSE = "status isLapsed lapsedAt rulingCause giver { code } redirects { lapsedAt }"
HELPED = "query($code: String!) { organisation(by: {code: $code}) { helpfulness { askedCount answeredCount } } }"


async def asked_count(city: City, code: str) -> int:
    found: int = (await city.outsider.query(HELPED, code=code))["organisation"]["helpfulness"]["askedCount"]
    return found


async def test_after_the_clock_has_run_out_a_redirect_asks_for_a_ruling_at_once(city: City) -> None:
    """“The lapse stays in the step to the other, and in the helpfulness of whom it befell; a case that was filed keeps
    its respondent.” “After the lapse a redirect asks for a ruling at once: the ground stands until then, a
    ruling for another ends it, one for the same organisation leaves it.”
    """
    request = await city.request(city.camat, city.dlh)
    city.move(days=7)
    await city.sweep()
    asked = await act(city.dlh, "redirectRequest", request, LAPSE, to={"code": "DINKES"}, reason="Limbah medis.")
    lapsed_at = "2026-06-19T23:59:59+07:00"
    assert asked == {
        "status": "OPEN", "isLapsed": True, "lapsedAt": lapsed_at, "rulingCause": "AFTER_LAPSE",
        "giver": {"code": "DLH"}, "redirects": [],
    }  # fmt: skip
    # The ground of the lapse stands until the ruling.
    eligible = "eligibility { isEligible grounds }"
    assert (await look(city.camat, request, eligible))["eligibility"] == {"isEligible": True, "grounds": ["NO_ANSWER"]}
    case = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tidak dijawab."})
    ruled = await act(city.sekda, "assignRequest", request, LAPSE, giver={"code": "DINKES"}, reason="Limbah medis.")
    assert ruled == {
        "status": "OPEN", "isLapsed": False, "lapsedAt": None, "rulingCause": None, "giver": {"code": "DINKES"},
        "redirects": [{"lapsedAt": lapsed_at}],
    }  # fmt: skip
    # The lapse stays in the helpfulness of whom it befell, and a case that was filed keeps its respondent.
    assert (await asked_count(city, "DLH"), await asked_count(city, "DINKES")) == (1, 1)
    asked_of = "query($id: ID!) { escalation(by: {id: $id}) { status respondent { code } } }"
    found = await city.mayor.query(asked_of, id=case["escalation"]["id"])
    assert found["escalation"] == {"status": "FILED", "respondent": {"code": "DLH"}}


async def test_a_ruling_for_the_same_organisation_leaves_the_ground_of_the_lapse(city: City) -> None:
    """“After the lapse a redirect asks for a ruling at once: the ground stands until then, a ruling for another ends
    it, one for the same organisation leaves it.”
    """
    request = await city.request(city.camat, city.dlh)
    city.move(days=7)
    await city.sweep()
    await act(city.dlh, "redirectRequest", request, to={"code": "DINKES"}, reason="Limbah medis.")
    ruled = await act(city.sekda, "assignRequest", request, LAPSE, giver={"code": "DLH"}, reason="Sampah pasar.")
    assert (ruled["isLapsed"], ruled["redirects"], ruled["rulingCause"]) == (True, [], None)
    eligible = "eligibility { isEligible grounds }"
    assert (await look(city.camat, request, eligible))["eligibility"] == {"isEligible": True, "grounds": ["NO_ANSWER"]}
    await act(city.dlh, "acceptRequest", request)


async def test_an_acting_mayor_and_a_delegate_may_rule_and_a_ruling_is_due_in_three_working_days(city: City) -> None:
    """“The asker is told in the inbox.” “The second time, back along the chain, or when the asker objects, the clock
    stands still until whoever acts for the mayor rules, which is due in three working days (the city's
    data).”
    """
    await appoint(city, "WALIKOTA", city.neighbour, "PLH", city.day())
    acting = await city.sign_in("neighbour")
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "redirectRequest", request, to={"code": "DINKES"}, reason="Limbah medis.")
    inbox = "{ viewer { inbox { nodes { kind verb dueAt isOverdue } } } }"
    (told,) = (await city.camat.query(inbox))["viewer"]["inbox"]["nodes"]
    assert (told["kind"], told["verb"]) == ("REDIRECT_TOLD", "OBJECT_TO_REDIRECT")
    pending = await act(city.camat, "objectToRedirect", request, "rulingDueAt", reason="Bukan limbah medis.")
    assert (await city.camat.query(inbox))["viewer"]["inbox"]["nodes"] == []
    assert pending["rulingDueAt"] == "2026-06-19T23:59:59+07:00"
    city.move(days=5)
    for person in (acting, city.sekda):
        found = (await person.query(inbox))["viewer"]["inbox"]["nodes"]
        (due,) = (each for each in found if each["kind"] != "CASE_ACCESS_TO_CONFIRM")  # the acting mayor's own
        assert (due["kind"], due["verb"], due["isOverdue"]) == ("RULING_DUE", "ASSIGN_REQUEST", True)
    ruled = await act(
        acting, "assignRequest", request, "isAssigned rulingDueAt", giver={"code": "DINKES"}, reason="Medis."
    )
    assert ruled == {"isAssigned": True, "rulingDueAt": None}


async def test_the_mayors_office_gives_nothing_and_is_asked_for_nothing(city: City) -> None:
    """“The mayor's office gives nothing and is asked for nothing; what was asked before of it, or by it, waits for a
    ruling, also where other terms were named.”
    """
    given = {"title": "Bantuan", "neededOn": city.day(5)}
    no_party = "MAYORS_OFFICE_IS_NO_PARTY"
    error = await city.camat.refused(
        "requestCollaboration", {"givers": [{"code": "DLH"}, {"code": "WALIKOTA"}], **given}
    )
    assert (error["code"], error["path"]) == (no_party, ["givers", "1"])
    error = await city.dlh.refused("offerHelp", {"asker": {"code": "WALIKOTA"}, **given})
    assert (error["code"], error["path"]) == (no_party, ["asker"])
    assert (await city.mayor.refused("requestCollaboration", {"givers": [{"code": "DLH"}], **given}))[
        "code"
    ] == no_party
    assert (await city.mayor.refused("offerHelp", {"asker": {"code": "DLH"}, **given}))["code"] == no_party
    request = await city.request(city.camat, city.dlh)
    error = await refusal(city.dlh, "redirectRequest", request, to={"code": "WALIKOTA"}, reason="Ke atas.")
    assert (error["code"], error["path"]) == (no_party, ["to"])
    await act(city.dlh, "redirectRequest", request, to={"code": "DINKES"}, reason="Limbah medis.")
    await act(city.camat, "objectToRedirect", request, reason="Bukan.")
    error = await refusal(city.sekda, "assignRequest", request, giver={"code": "WALIKOTA"}, reason="Kami.")
    assert (error["code"], error["path"]) == (no_party, ["giver"])


async def test_what_was_asked_of_the_mayors_office_before_gets_a_ruling_by_the_first_sweep(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    asked = {"giver_id": decode(city.mayor.organisation_id)[1]}
    await city.altered(Request, request, asked, EventType.REQUEST_PASSED_ON)
    await city.sweep()
    assert await look(city.camat, request, "rulingCause rulingDueAt answerClock { state }") == {
        "rulingCause": "MAYORS_OFFICE", "rulingDueAt": "2026-06-19T23:59:59+07:00", "answerClock": {"state": "PAUSED"},
    }  # fmt: skip
    city.move(days=1)
    assert await city.sweep() == 0
    await act(city.sekda, "assignRequest", request, giver={"code": "DLH"}, reason="Tugas pokok DLH.")
    await act(city.dlh, "acceptRequest", request)


async def test_nobody_redirects_to_what_they_head_themselves(city: City) -> None:
    """“Redirected (bukan wewenang): the giver of a NEED names who is responsible, who has a full clock; nobody names
    what they head themselves.”
    """
    request = await city.request(city.camat, city.dlh)
    await appoint(city, "DINKES", city.dlh, "PLT", city.day())
    both = await city.sign_in("dlh")
    error = await refusal(both, "redirectRequest", request, to={"code": "DINKES"}, reason="Limbah medis.")
    assert (error["code"], error["path"]) == ("HEADED_BY_YOURSELF", ["to"])


# ---- asked back -----------------------------------------------------------------------------------------------------


async def test_a_question_back_stops_the_answer_clock_until_it_is_answered(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    asked = await act(
        city.dlh,
        "askForInformation",
        request,
        "question questionDueAt answerClock { state pauses { reason actor { id } startedAt endedAt } }",
        question="Pasar yang mana?",
    )
    (pause,) = asked["answerClock"]["pauses"]
    assert (asked["question"], asked["answerClock"]["state"]) == ("Pasar yang mana?", "PAUSED")
    assert (pause["actor"], pause["endedAt"]) == ({"id": city.dlh.id}, None)
    assert (await refusal(city.dlh, "askForInformation", request, question="?"))["code"] == "QUESTION_OPEN"
    city.go_to(date(2026, 6, 17))
    error = await refusal(city.camat, "answerQuestion", request, answer=" ")
    assert (error["code"], error["path"]) == ("REQUIRED", ["answer"])
    going = await act(
        city.camat,
        "answerQuestion",
        request,
        "question answerClock { state dueAt pauses { endedAt } } messages { nodes { text author { id } } }",
        answer="Pasar Johor.",
    )
    assert going == {
        "question": None,
        # Wednesday, on which it was answered before noon, counts; the holiday before it does not.
        "answerClock": {
            "state": "RUNNING", "dueAt": "2026-06-19T23:59:59+07:00",
            "pauses": [{"endedAt": "2026-06-17T09:00:00+07:00"}],
        },
        "messages": {
            "nodes": [
                {"text": "Pasar yang mana?", "author": {"id": city.dlh.id}},
                {"text": "Pasar Johor.", "author": {"id": city.camat.id}},
            ]
        },
    }  # fmt: skip
    assert (await refusal(city.camat, "answerQuestion", request, answer="Lagi."))["code"] == "NO_QUESTION"
    await act(city.dlh, "askForInformation", request, question="Jam berapa?")
    await act(city.camat, "answerQuestion", request, answer="Pagi.")
    error = await refusal(city.dlh, "askForInformation", request, question="Siapa?")
    assert error["code"] == "QUESTIONS_USED_UP"


async def test_questions_are_counted_per_request_and_giver_also_when_a_giver_comes_back(city: City) -> None:
    """“Asked back: two questions for each giver, also when a giver comes back; each pauses the clock until its answer,
    for three working days at most.”
    """
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "askForInformation", request, question="Pasar yang mana?")
    await act(city.camat, "answerQuestion", request, answer="Pasar Johor.")
    moved = {"to": {"code": city.neighbour.organisation}, "reason": "Urusan kecamatan."}
    counts = "questionCount countersRefusedCount redirects { questionCount countersRefusedCount }"
    assert await act(city.dlh, "redirectRequest", request, counts, **moved) == {
        "questionCount": 0, "countersRefusedCount": 0,
        "redirects": [{"questionCount": 1, "countersRefusedCount": 0}],
    }  # fmt: skip
    await act(city.neighbour, "redirectRequest", request, to={"code": "DLH"}, reason="Urusan DLH.")
    back = await act(city.sekda, "assignRequest", request, counts, giver={"code": "DLH"}, reason="Tugas pokok DLH.")
    assert back["questionCount"] == 1
    await act(city.dlh, "askForInformation", request, question="Jam berapa?")
    await act(city.camat, "answerQuestion", request, answer="Pagi.")
    error = await refusal(city.dlh, "askForInformation", request, question="Siapa?")
    assert error["code"] == "QUESTIONS_USED_UP"


async def test_heads_and_staff_of_all_who_were_asked_and_the_mayors_office_write_in_the_thread(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await act(city.dlh, "redirectRequest", request, to={"code": city.neighbour.organisation}, reason="Bukan kami.")
    for person in (city.camat_staff, city.dlh, city.dlh_staff, city.neighbour, city.sekda):
        await act(person, "postMessage", request, text=f"Dari {person.name}.")
    assert (await refusal(city.lurah, "postMessage", request, text="Ikut."))["code"] == "NOT_YOUR_ORGANISATION"
    assert (await refusal(city.outsider, "postMessage", request, text="Ikut."))["code"] == "NOT_YOUR_ORGANISATION"
    thread = (await look(city.outsider, request, "messages { totalCount nodes { text } }"))["messages"]
    assert (thread["totalCount"], thread["nodes"][1]["text"]) == (5, f"Dari {city.dlh.name}.")


# ---- the commitment -------------------------------------------------------------------------------------------------


async def test_a_commitment_is_not_laid_aside_moved_or_put_off_by_itself(city: City) -> None:
    """“A commitment is the task that an accepted request became; it changes through its request and is neither
    cancelled nor moved alone.”
    """
    plan = await city.approved(city.dlh)
    request = await city.request(city.camat, city.dlh)
    task = await city.promise(city.dlh, request)
    alone: dict[str, Json] = {
        "cancelTask": {"reason": "Tidak sempat."}, "moveTask": {"workPlanId": plan}, "archiveTask": {},
        "updateTask": {"dueOn": city.day(20)},
    }  # fmt: skip
    for verb, more in alone.items():
        assert (await city.dlh.refused(verb, {"taskId": task, **more}))["code"] == "COMMITMENT", verb
    await city.dlh.mutate("updateTask", {"taskId": task, "title": "Angkut dengan dua truk"})
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.dlh.mutate("completeTask", {"taskId": task})
    assert (await city.dlh.refused("reopenTask", {"taskId": task, "reason": "Lagi."}))["code"] == "COMMITMENT"


async def test_a_withdrawn_request_leaves_an_ordinary_task(city: City) -> None:
    """“Withdrawn by whoever began it, after a no as well; the commitment is then an ordinary task.”"""
    request = await city.request(city.camat, city.dlh)
    task = await city.promise(city.dlh, request)
    assert (await refusal(city.dlh, "withdrawRequest", request))["code"] == "NOT_YOUR_ORGANISATION"
    assert (await act(city.camat, "withdrawRequest", request))["status"] == "WITHDRAWN"
    await city.dlh.mutate("cancelTask", {"taskId": task, "reason": "Tidak diperlukan lagi."})
    assert (await refusal(city.dlh, "deliverRequest", request))["code"] == "MOVE_NOT_ALLOWED"


async def test_a_new_date_holds_once_the_asker_agrees(city: City) -> None:
    """“Another date counts when the asker agrees.”"""
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request)
    later = {"newDueOn": city.day(21), "reason": "Truk diperbaiki."}
    proposed = "agreedDueOn newDueOn newDueReason commitment { dueOn }"
    due = city.day(10)
    error = await refusal(city.dlh, "proposeNewDate", request, newDueOn=city.day(-1), reason="x")
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["newDueOn"])
    assert (await refusal(city.camat, "proposeNewDate", request, **later))["code"] == "NOT_YOUR_ORGANISATION"
    assert await act(city.dlh, "proposeNewDate", request, proposed, **later) == {
        "agreedDueOn": due, "newDueOn": later["newDueOn"], "newDueReason": later["reason"],
        "commitment": {"dueOn": due},
    }  # fmt: skip
    refused = await act(city.camat, "refuseNewDate", request, proposed)
    assert refused == {
        "agreedDueOn": due, "newDueOn": None, "newDueReason": None, "commitment": {"dueOn": due},
    }  # fmt: skip
    assert (await refusal(city.camat, "agreeNewDate", request))["code"] == "NO_DATE_PROPOSED"
    await act(city.dlh, "proposeNewDate", request, **later)
    agreed = await act(city.camat, "agreeNewDate", request, proposed)
    assert (agreed["agreedDueOn"], agreed["commitment"]["dueOn"]) == (later["newDueOn"], later["newDueOn"])


async def test_a_new_date_that_passed_before_it_was_agreed_to_cannot_be_agreed_to(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request)
    await act(city.dlh, "proposeNewDate", request, newDueOn=city.day(11), reason="Sehari saja.")
    city.move(days=12)
    assert (await refusal(city.camat, "agreeNewDate", request))["code"] == "DATE_PASSED"
    await act(city.camat, "refuseNewDate", request)


async def test_a_disputed_delivery_is_taken_up_again_and_its_task_reopens(city: City) -> None:
    """“Taken up again within three working days of a dispute, below 100 %: the first time for five working days from
    then, if the agreed day is not later.”
    """
    request = await city.request(city.camat, city.dlh)
    task = await city.promise(city.dlh, request, is_done=True)
    await act(city.dlh, "deliverRequest", request)
    error = await refusal(city.camat, "disputeDelivery", request, reason="")
    assert (error["code"], error["path"]) == NO_REASON
    disputed = await act(
        city.camat, "disputeDelivery", request, "status disputeReason confirmDueAt", reason="Masih ada."
    )
    assert disputed == {"status": "DISPUTED", "disputeReason": "Masih ada.", "confirmDueAt": None}
    again = await act(
        city.dlh,
        "resumeDelivery",
        request,
        "status deliveredAt agreedDueOn commitment { status statusReason progress }",
    )
    assert again == {
        "status": "ACCEPTED", "deliveredAt": None, "agreedDueOn": city.day(10),
        "commitment": {"status": "IN_PROGRESS", "statusReason": "Masih ada.", "progress": 99},
    }  # fmt: skip
    assert (await refusal(city.dlh, "resumeDelivery", request))["code"] == "MOVE_NOT_ALLOWED"  # twice in a row
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.dlh.mutate("completeTask", {"taskId": task})
    await act(city.dlh, "deliverRequest", request)
    await act(city.camat, "confirmDelivery", request)
    assert (await refusal(city.camat, "disputeDelivery", request, reason="Lagi."))["code"] == "MOVE_NOT_ALLOWED"


async def test_a_commitment_done_in_time_is_to_deliver_and_counts_as_delivered_by_the_clock(city: City) -> None:
    request = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    await city.promise(city.dlh, request, is_done=True)
    waiting = "{ viewer { inbox { nodes { kind verb dueAt } } } }"
    city.go_to(date(2026, 6, 22))  # agreed for Thursday the 18th
    due_at = "2026-06-23T23:59:59+07:00"
    inbox = (await city.dlh.query(waiting))["viewer"]["inbox"]["nodes"]
    assert to_the_second(inbox) == [{"kind": "DELIVERY_DUE", "verb": "DELIVER_REQUEST", "dueAt": due_at}]
    assert (await look(city.camat, request, GROUNDS))["eligibility"]["grounds"] == []
    city.go_to(date(2026, 6, 24))
    await city.sweep()
    assert await look(city.outsider, request, "status deliveredAt daysLate confirmDueAt") == {
        "status": "DELIVERED", "deliveredAt": due_at, "daysLate": 0, "confirmDueAt": "2026-07-07T23:59:59+07:00",
    }  # fmt: skip
    event = await last_event(city.outsider, request)
    assert (event["type"], event["actor"]) == ("REQUEST_DELIVERED_BY_CLOCK", None)
    await act(city.camat, "confirmDelivery", request)


async def test_delivering_may_complete_the_task_in_the_same_call(city: City) -> None:
    """“Delivered once the commitment is done (deliverRequest may complete it), then confirmed or disputed; silence
    confirms.”
    """
    request = await city.request(city.camat, city.dlh)
    task = await city.promise(city.dlh, request)
    error = await refusal(city.dlh, "deliverRequest", request, completesTask=True)
    assert error["code"] == "COMMITMENT_NOT_DONE"
    await city.dlh_staff.mutate("reportProgress", {"taskId": task, "progress": 100})
    error = await refusal(city.dlh, "deliverRequest", request)
    assert (error["code"], error["path"]) == ("COMMITMENT_NOT_DONE", ["completesTask"])
    delivered = await act(city.dlh, "deliverRequest", request, "status commitment { status }", completesTask=True)
    assert delivered == {"status": "DELIVERED", "commitment": {"status": "DONE"}}


async def test_a_commitment_that_needs_evidence_is_not_completed_by_its_delivery_without_it(city: City) -> None:
    await city.approved(city.dlh, needsEvidence=True)
    request = await city.request(city.camat, city.dlh)
    task = await city.promise(city.dlh, request)
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    assert (await refusal(city.dlh, "deliverRequest", request, completesTask=True))["code"] == "EVIDENCE_NEEDED"
    actions = "allowedActions { verb isAllowed refusals { code } }"
    said = {each["verb"]: each for each in (await look(city.dlh, request, actions))["allowedActions"]}
    assert said["DELIVER_REQUEST"]["refusals"] == [{"code": "EVIDENCE_NEEDED"}]
    await city.dlh.mutate("addEvidence", {"taskId": task, "url": "https://berkas.example/1.jpg", "title": "Foto"})
    done = await act(city.dlh, "deliverRequest", request, "status", completesTask=True)
    assert done["status"] == "DELIVERED"


async def test_delivering_late_leaves_no_ground_but_its_days_stay_with_the_request_and_its_giver(city: City) -> None:
    """“How many days late it was stays with the request and in the giver's helpfulness, and is no ground.”"""
    request = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    task = await city.promise(city.dlh, request)
    city.go_to(date(2026, 6, 22))
    assert (await look(city.camat, request, GROUNDS))["eligibility"]["grounds"] == ["BROKEN_COMMITMENT"]
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await act(city.dlh, "deliverRequest", request, completesTask=True)
    seen = await look(city.camat, request, f"daysLate {GROUNDS}")
    assert (seen["daysLate"], seen["eligibility"]["grounds"]) == (4, [])
    late = '{ organisation(by: {code: "DLH"}) { helpfulness { deliveredCount deliveredLateCount daysLate } } }'
    counts = (await city.outsider.query(late))["organisation"]["helpfulness"]
    assert counts == {"deliveredCount": 1, "deliveredLateCount": 1, "daysLate": 4}


async def test_a_dispute_is_a_ground_when_it_is_not_taken_up_and_after_a_second_one_at_once(city: City) -> None:
    request = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    task = await city.promise(city.dlh, request, is_done=True)
    await act(city.dlh, "deliverRequest", request)
    city.go_to(date(2026, 6, 22))
    disputed = await act(city.camat, "disputeDelivery", request, f"disputeDueAt {GROUNDS}", reason="Masih ada.")
    assert (disputed["disputeDueAt"], disputed["eligibility"]["grounds"]) == ("2026-06-25T23:59:59+07:00", [])
    city.go_to(date(2026, 6, 26))
    assert (await look(city.camat, request, GROUNDS))["eligibility"]["grounds"] == ["BROKEN_COMMITMENT"]
    # The first time the giver has five working days from now.
    again = await act(city.dlh, "resumeDelivery", request, f"agreedDueOn commitment {{ dueOn }} {GROUNDS}")
    assert (again["agreedDueOn"], again["commitment"]["dueOn"]) == ("2026-07-03", "2026-07-03")
    assert (await look(city.camat, request, GROUNDS))["eligibility"]["grounds"] == []
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await act(city.dlh, "deliverRequest", request, completesTask=True)
    second = await act(city.camat, "disputeDelivery", request, f"disputeCount {GROUNDS}", reason="Belum juga.")
    assert (second["disputeCount"], second["eligibility"]["grounds"]) == (2, ["BROKEN_COMMITMENT"])
    city.go_to(date(2026, 7, 6))
    stays = await act(city.dlh, "resumeDelivery", request, "agreedDueOn")
    assert stays["agreedDueOn"] == "2026-07-03"
    assert (await look(city.camat, request, GROUNDS))["eligibility"]["grounds"] == ["BROKEN_COMMITMENT"]


async def test_what_is_disputed_may_still_be_confirmed(city: City) -> None:
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request, is_done=True)
    await act(city.dlh, "deliverRequest", request)
    await act(city.camat, "disputeDelivery", request, reason="Belum.")
    assert (await act(city.camat, "confirmDelivery", request))["status"] == "CONFIRMED"


async def test_a_commitment_without_a_plan_joins_that_of_its_year_once_it_is_approved(city: City) -> None:
    now = await city.promise(city.dlh, await city.request(city.camat, city.dlh))
    later = await city.promise(city.dlh, await city.request(city.camat, city.dlh, neededOn="2027-02-01"))
    where = "query($id: ID!) { task(by: {id: $id}) { workPlan { id year } } }"
    assert (await city.dlh.query(where, id=now))["task"]["workPlan"] is None
    plan = await city.approved(city.dlh)
    await city.settled()
    assert (await city.dlh.query(where, id=now))["task"]["workPlan"] == {"id": plan, "year": 2026}
    assert (await city.dlh.query(where, id=later))["task"]["workPlan"] is None
    next_plan = await city.approved(city.dlh, year=2027)
    await city.settled()
    assert (await city.dlh.query(where, id=later))["task"]["workPlan"] == {"id": next_plan, "year": 2027}


async def test_a_commitment_is_carried_over_when_its_plan_is_closed(city: City) -> None:
    plan = await city.approved(city.dlh)
    task = await city.promise(city.dlh, await city.request(city.camat, city.dlh))
    city.go_to(date(2027, 2, 1))
    settle = {"workPlanId": plan, "remaining": "CANCEL", "reason": "Tahun berakhir."}
    named = {**settle, "exceptions": [{"taskId": task, "settlement": "CANCEL"}]}
    error = await city.bappeda.refused("closeWorkPlan", named)
    assert (error["code"], error["path"]) == ("COMMITMENT", ["exceptions", "0", "settlement"])
    await city.bappeda.mutate("closeWorkPlan", settle)
    await city.settled()
    found = await city.dlh.query("query($id: ID!) { task(by: {id: $id}) { status workPlan { id } } }", id=task)
    assert found["task"] == {"status": "PLANNED", "workPlan": None}


async def test_the_requests_of_an_organisation_that_ends_pass_to_its_successor(city: City) -> None:
    """“What is open goes to its successor: unapproved plans, open targets and tasks, requests with their clocks, cases,
    accounts.”
    """
    waiting = await city.request(city.camat, city.dlh, title="Menunggu")
    done = await city.request(city.camat, city.dlh, title="Selesai")
    task = await city.promise(city.dlh, done, is_done=True)
    await act(city.dlh, "deliverRequest", done)
    between = await city.request(city.dlh, city.neighbour, title="Ke Medan Kota")
    own = await city.request(city.dlh, city.camat, title="Antara keduanya")
    await appoint(city, "DINKES", city.neighbour, "PLT", city.day())
    ended = {"organisationId": city.dlh.organisation_id, "validTo": city.day(), "successor": {"code": "DINKES"}}
    await city.admin.mutate("endOrganisation", ended)
    city.move(days=1)
    await city.settled()
    error = await city.camat.refused(
        "requestCollaboration", {"givers": [{"code": "DLH"}], "title": "Lagi", "neededOn": city.day(9)}
    )
    assert (error["code"], error["path"]) == ("ORGANISATION_ENDED", ["givers", "0"])
    assert (await look(city.camat, waiting, "status giver { code }")) == {"status": "OPEN", "giver": {"code": "DINKES"}}
    acting = await city.sign_in("neighbour")
    await act(acting, "acceptRequest", waiting)
    assert (await look(city.camat, between, "asker { code }"))["asker"] == {"code": "DINKES"}
    assert (await look(city.camat, own, "asker { code }"))["asker"] == {"code": "DINKES"}
    await act(city.camat, "disputeDelivery", done, reason="Belum.")
    again = await act(acting, "resumeDelivery", done, "commitment { id organisation { code } status }")
    assert again["commitment"] == {"id": task, "organisation": {"code": "DINKES"}, "status": "IN_PROGRESS"}


# ---- bad input ------------------------------------------------------------------------------------------------------


async def test_what_is_wrong_with_a_request_is_told_by_its_field(city: City) -> None:
    good = {"givers": [{"code": "DLH"}], "title": "Bantuan", "neededOn": city.day(5)}
    wrong: list[tuple[Json, str, list[str]]] = [
        ({"givers": []}, "REQUIRED", ["givers"]),
        ({"givers": [{"code": "DLH"}] * 21}, "TOO_MANY", ["givers"]),
        ({"givers": [{"code": "DINKES"}, {"code": "DLH"}, {"code": "DLH"}]}, "ALREADY_EXISTS", ["givers", "2"]),
        ({"givers": [{"code": "DLH"}, {"code": "TIDAK-ADA"}]}, "NOT_FOUND", ["givers", "1"]),
        ({"givers": [{"code": city.camat.organisation}]}, "SAME_ORGANISATION", ["givers", "0"]),
        ({"title": "  "}, "REQUIRED", ["title"]),
        ({"title": "x" * 301}, "TOO_LONG", ["title"]),
        ({"neededOn": city.day(-1)}, "OUT_OF_RANGE", ["neededOn"]),
        ({"answerDueAt": "2026-06-17T09:00:00+07:00"}, "OUT_OF_RANGE", ["answerDueAt"]),
        ({"answerDueAt": "2028-06-17T09:00:00+07:00"}, "OUT_OF_RANGE", ["answerDueAt"]),
        ({"organisation": {"code": "DLH"}}, "NOT_YOUR_ORGANISATION", []),
    ]
    for more, code, path in wrong:
        error = await city.camat.refused("requestCollaboration", {**good, **more})
        assert (error["code"], error["path"]) == (code, path), more
    assert (await city.camat_staff.refused("requestCollaboration", good))["code"] == "NOT_YOUR_ROLE"
    error = await city.camat.refused(
        "offerHelp", {"asker": {"code": "12.71.11"}, "title": "x", "neededOn": city.day(1)}
    )
    assert (error["code"], error["path"]) == ("SAME_ORGANISATION", ["asker"])


async def test_an_answer_may_be_given_more_time(city: City) -> None:
    request = await city.request(city.camat, city.dlh, answerDueAt="2026-06-26T12:00:00+07:00")
    seen = await look(city.camat, request, "answerDueAt answerClock { dueAt workingDaysLeft }")
    due = "2026-06-26T23:59:59+07:00"
    assert (seen["answerDueAt"], seen["answerClock"]["dueAt"]) == (due, due)


@pytest.mark.parametrize("who", ["dlh_staff", "neighbour", "outsider", "admin", "bappeda", "mayor", "camat"])
async def test_nobody_answers_for_another_organisation(city: City, who: str) -> None:
    request = await city.request(city.camat, city.dlh)
    person: Person = getattr(city, who)
    expected = "NOT_YOUR_ROLE" if who == "dlh_staff" else "NOT_YOUR_ORGANISATION"
    for verb, more in (("acceptRequest", {}), ("declineRequest", {"reason": "x"}), ("counterRequest", {"terms": "x"})):
        assert (await refusal(person, verb, request, **more))["code"] == expected


async def test_a_request_whose_day_has_passed_is_accepted_for_another(city: City) -> None:
    request = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    city.move(days=4)
    error = await refusal(city.dlh, "acceptRequest", request)
    assert (error["code"], error["path"]) == ("REQUIRED", ["agreedDueOn"])
    error = await refusal(city.dlh, "acceptRequest", request, agreedDueOn=city.day(30))
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["agreedDueOn"])
    assert (await act(city.dlh, "acceptRequest", request, "agreedDueOn", agreedDueOn=city.day(3)))["agreedDueOn"]


async def test_every_clock_of_a_request_is_shown_the_same_way(city: City) -> None:
    one = "{ startedAt dueAt state workingDaysLeft pauses { reason } nextReminderAt explanation }"
    names = ("question", "counter", "ruling", "commitment", "delivery", "confirmation", "dispute")
    every = "ageWorkingDays answerClock { state } " + " ".join(f"{name}Clock {one}" for name in names)

    async def running(request: str) -> dict[str, str]:
        seen = await look(city.outsider, request, every)
        shown = {name: seen[f"{name}Clock"] for name in names}
        assert all(each["explanation"] for each in shown.values() if each)
        return {name: f"{each['state']} {each['dueAt'][:10]}" for name, each in shown.items() if each}

    asked = await city.request(city.camat, city.dlh)
    assert await running(asked) == {}
    await act(city.dlh, "askForInformation", asked, question="Pasar yang mana?")
    assert await running(asked) == {"question": "RUNNING 2026-06-19"}
    await act(city.camat, "answerQuestion", asked, answer="Johor.")
    await act(city.dlh, "counterRequest", asked, terms="Separuh.")
    assert await running(asked) == {"counter": "RUNNING 2026-06-30"}
    moved = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    await act(city.dlh, "redirectRequest", moved, to={"code": city.neighbour.organisation}, reason="Urusan kecamatan.")
    await act(city.camat, "objectToRedirect", moved, reason="Urusan DLH.")
    assert await running(moved) == {"ruling": "RUNNING 2026-06-19"}
    city.move(days=2)
    await act(city.sekda, "assignRequest", moved, giver={"code": "DLH"}, reason="Tugas pokok.")
    assert (await look(city.camat, moved, "ageWorkingDays"))["ageWorkingDays"] == 1  # the holiday does not count
    task = await city.promise(city.dlh, moved)
    assert await running(moved) == {"commitment": "RUNNING 2026-06-18"}
    for verb, more in (("reportProgress", {"progress": 100}), ("completeTask", {})):
        await city.dlh.mutate(verb, {"taskId": task, **more})
    assert await running(moved) == {"commitment": "ENDED 2026-06-18", "delivery": "RUNNING 2026-06-23"}
    await act(city.dlh, "deliverRequest", moved)
    assert await running(moved) == {"commitment": "ENDED 2026-06-18", "confirmation": "RUNNING 2026-07-01"}
    await act(city.camat, "disputeDelivery", moved, reason="Belum.")
    assert await running(moved) == {"commitment": "ENDED 2026-06-18", "dispute": "RUNNING 2026-06-22"}
    city.go_to(date(2026, 6, 23))
    assert (await running(moved))["dispute"] == "BREACHED 2026-06-22"


# ---- thanks ---------------------------------------------------------------------------------------------------------


async def test_helpfulness_is_what_the_rule_counts(city: City) -> None:
    """“Helpfulness counts answers in time and deliveries.”"""
    for number in range(8):
        request = await city.request(city.camat, city.dlh, title=f"Bantuan {number}", neededOn=city.day(20))
        city.move(days=9 if number % 4 == 1 else 0)
        if number in (0, 1, 2):
            await city.promise(city.dlh, request, is_done=True)
            await act(city.dlh, "deliverRequest", request)
        elif number in (3, 4, 5):
            await act(city.dlh, "declineRequest", request, reason="Tidak bisa.")
    # Answered with other terms, which were refused, and then not at all: that it ran out counts for DLH.
    refused = await city.request(city.camat, city.dlh, title="Bantuan 8", neededOn=city.day(20))
    await act(city.dlh, "counterRequest", refused, terms="Bulan depan.")
    await act(city.camat, "refuseCounter", refused)
    city.move(days=9)
    # Nothing swept since: what has run out is asked of the kept date and the server's own now.
    rows = await city.rows(
        "SELECT kind, status, answer_due_at, answer_stopped_at, answered_at, lapsed_at FROM collaboration_request"
    )
    assert sum(row["lapsed_at"] is not None for row in rows) < sum(row["answer_due_at"] < city.now for row in rows)
    expected = helpfulness(
        GivenHelp(
            kind=RequestKind(row["kind"]),
            status=RequestStatus(row["status"]),
            answer_due_at=row["answer_due_at"],
            answer_stopped_at=row["answer_stopped_at"],
            is_answered=row["answered_at"] is not None,
            is_lapsed=row["answer_due_at"] < city.now,
        )
        for row in rows
    )
    fields = "askedCount answeredCount answeredInTimeCount answeredInTimeShare deliveredCount offeredCount"
    query = f'{{ organisation(by: {{code: "DLH"}}) {{ helpfulness {{ {fields} }} last: helpfulness(year: 2025)'
    found = (await city.outsider.query(query + " { askedCount answeredInTimeShare } } }"))["organisation"]
    counts = found["helpfulness"]
    assert counts.pop("answeredInTimeShare") == float(expected.share or Decimal(0)) == 44.4
    assert counts == {
        "askedCount": expected.asked_count, "answeredCount": expected.answered_count,
        "answeredInTimeCount": expected.answered_in_time_count, "deliveredCount": expected.delivered_count,
        "offeredCount": expected.offered_count,
    }  # fmt: skip
    assert found["last"] == {"askedCount": 0, "answeredInTimeShare": None}
