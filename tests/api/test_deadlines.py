"""Every deadline by which something may be done or not: asked of the clock, whoever has noticed that it ran out.

Nothing is swept in these tests: what is allowed, what `allowedActions` says and what the inbox shows follow from the
promised moment and the server's now alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests import cases
from tests.city import City
from tests.person import Json, Person

A_SECOND = timedelta(seconds=1)
Begun = tuple[str, datetime]  # the subject, and the deadline's last second


@dataclass(frozen=True)
class Ask:
    """One verb on the subject: by whom, with what, and what refuses it before and after the deadline (None: nothing).

    `named`: the input that names the subject.
    """

    verb: str
    who: str
    before: str | None
    after: str | None
    given: Mapping[str, Any] = field(default_factory=dict)
    named: str = "requestId"


Begin = Callable[[City], Awaitable[Begun]]


async def due(city: City, id: str, clock: str) -> Begun:
    seen = await city.outsider.query(f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {clock} {{ dueAt }} }} }}", id=id)
    return id, datetime.fromisoformat(seen["request"][clock]["dueAt"])


async def asked(city: City) -> Begun:
    return await due(city, await city.request(city.camat, city.dlh, neededOn=city.day(90)), "answerClock")


async def asked_back(city: City) -> Begun:
    request, _ = await asked(city)
    await city.dlh.mutate("askForInformation", {"requestId": request, "question": "Pasar yang mana?"})
    return await due(city, request, "questionClock")


async def countered(city: City) -> Begun:
    request, _ = await asked(city)
    await city.dlh.mutate("counterRequest", {"requestId": request, "terms": "Separuh."})
    return await due(city, request, "counterClock")


async def done_in_time(city: City) -> Begun:
    request = await city.request(city.camat, city.dlh, neededOn=city.day(3))
    await city.promise(city.dlh, request, is_done=True)
    await city.dlh.mutate("proposeNewDate", {"requestId": request, "newDueOn": city.day(60), "reason": "Sisanya."})
    return await due(city, request, "deliveryClock")


async def delivered(city: City) -> Begun:
    request, _ = await done_in_time(city)
    await city.dlh.mutate("deliverRequest", {"requestId": request})
    return await due(city, request, "confirmationClock")


async def disputed(city: City) -> Begun:
    request, _ = await delivered(city)
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Belum bersih."})
    return await due(city, request, "disputeClock")


async def filed(city: City) -> Begun:
    case = await cases.filed(city)
    seen = await cases.look(city.camat, case, "replyClock { dueAt }")
    return case, datetime.fromisoformat(seen["replyClock"]["dueAt"])


async def said_to_be_done(city: City) -> Begun:
    case, follow_up, task = await cases.instructed(city)
    await cases.do(city, task)
    (seen,) = (await cases.look(city.camat, case, "followUps { objectionClock { dueAt } }"))["followUps"]
    return follow_up, datetime.fromisoformat(seen["objectionClock"]["dueAt"])


def end_of(city: City, day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=city.zone)


async def headed_for_a_while(city: City) -> Begun:
    """An acting head beside the camat, for three days."""
    given = {
        "organisation": {"code": city.camat.organisation}, "accountId": city.camat_staff.id, "capacity": "PLH",
        "validFrom": city.day(), "validTo": city.day(3),
    }  # fmt: skip
    await city.admin.mutate("appoint", given)
    return await city.request(city.camat, city.dlh, neededOn=city.day(90)), end_of(city, city.day(3))


async def delegated(city: City) -> Begun:
    case = await cases.replied(city)
    given = {"accountId": city.bappeda.id, "validFrom": city.day(), "validTo": city.day(3)}
    await city.mayor.mutate("delegateDecisions", given)
    return case, end_of(city, city.day(3))


MOVE, NOBODY = "MOVE_NOT_ALLOWED", "NOT_YOUR_ORGANISATION"
CASE, PART = "escalationId", "followUpId"
MEETING = {"meetingAt": "2026-08-03T09:00:00+07:00"}
DATE, WHY = {"newDueOn": "2026-08-03", "reason": "Alat rusak."}, {"reason": "Belum."}
DEADLINES: Mapping[Begin, tuple[Ask, ...]] = {
    # An answer, a reply or taking up a dispute may come late.
    asked: (
        Ask("acceptRequest", "dlh", None, None),
        Ask("declineRequest", "dlh", None, None, WHY),
        Ask("counterRequest", "dlh", None, None, {"terms": "Separuh."}),
        Ask("askForInformation", "dlh", None, None, {"question": "Berapa?"}),
        Ask("answerQuestion", "camat", "NO_QUESTION", "NO_QUESTION", {"answer": "Dua."}),
        Ask("withdrawRequest", "camat", None, None),
    ),
    disputed: (Ask("resumeDelivery", "dlh", None, None), Ask("confirmDelivery", "camat", None, None)),
    filed: (
        Ask("replyToEscalation", "dlh", None, None, {"reply": "Armada rusak."}, CASE),
        Ask("proposeMediation", "sekda", "REPLY_PENDING", None, MEETING, CASE),
        Ask("withdrawEscalation", "camat", None, None, {}, CASE),
    ),
    # What silence settles is settled.
    asked_back: (
        Ask("answerQuestion", "camat", None, "NO_QUESTION", {"answer": "Johor."}),
        Ask("askForInformation", "dlh", "QUESTION_OPEN", None, {"question": "Berapa?"}),
        Ask("acceptRequest", "dlh", None, None),
    ),
    countered: (
        Ask("acceptCounter", "camat", None, MOVE),
        Ask("refuseCounter", "camat", None, MOVE),
        Ask("withdrawRequest", "camat", None, MOVE),
    ),
    done_in_time: (
        Ask("deliverRequest", "dlh", None, MOVE),
        Ask("proposeNewDate", "dlh", None, MOVE, DATE),
        Ask("agreeNewDate", "camat", None, MOVE),
        Ask("refuseNewDate", "camat", None, MOVE),
        Ask("withdrawRequest", "camat", None, MOVE),
        Ask("confirmDelivery", "camat", MOVE, None),
        Ask("disputeDelivery", "camat", MOVE, None, WHY),
    ),
    delivered: (
        Ask("confirmDelivery", "camat", None, MOVE),
        Ask("disputeDelivery", "camat", None, MOVE, WHY),
    ),
    said_to_be_done: (
        Ask("objectToFollowUp", "camat", None, "OBJECTION_TIME_OVER", WHY, PART),
        Ask("closeFollowUp", "sekda", "OBJECTION_POSSIBLE", "FOLLOW_UP_CLOSED", {}, PART),
    ),
    # A power ends with its last day.
    headed_for_a_while: (Ask("withdrawRequest", "camat_staff", None, "NOT_YOUR_ROLE"),),
    delegated: (
        Ask("decideEscalation", "bappeda", None, "NOT_FOUND", {"kind": "DISMISS", "facts": "Selesai."}, CASE),
    ),
}  # fmt: skip


async def foretold(person: Person, id: str, verb: str) -> list[str] | None:
    """What `allowedActions` says of this verb; None: the subject is not seen."""
    name = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in verb)
    of = "... on Request", "... on Escalation", "... on FollowUp"
    query = " ".join(f"{each} {{ allowedActions(verbs: [{name}]) {{ refusals {{ code }} }} }}" for each in of)
    found = (await person.query(f"query($id: ID!) {{ node(id: $id) {{ {query} }} }}", id=id))["node"]
    if found is None:
        return None
    (action,) = found["allowedActions"]
    return [each["code"] for each in action["refusals"]]


async def must_say(city: City, subject: str, ask: Ask, expected: str | None, when: str) -> None:
    person: Person = getattr(city, ask.who)
    told = await foretold(person, subject, ask.verb)
    assert told == (None if expected == "NOT_FOUND" else [] if expected is None else [expected]), (ask.verb, when)
    given = {ask.named: subject, **ask.given, "dryRun": True}
    if expected is None:
        await person.mutate(ask.verb, given)
    else:
        assert (await person.refused(ask.verb, given))["code"] == expected, (ask.verb, when)


@pytest.mark.parametrize("begin", DEADLINES, ids=lambda begin: begin.__name__)
async def test_a_second_before_a_deadline_it_is_not_over_and_a_second_after_it_is_whoever_has_looked(
    city: City, begin: Begin
) -> None:
    """“What silence settles (other terms, a delivery, a question) is settled when its clock runs out, whoever has
    noticed.”
    """
    subject, due_at = await begin(city)
    for moment, when in ((due_at - A_SECOND, "before"), (due_at + A_SECOND, "after")):
        city.now = moment
        for ask in DEADLINES[begin]:
            await must_say(city, subject, ask, getattr(ask, when), when)


# ---- what is done then ----------------------------------------------------------------------------------------------


async def shown(city: City, request: str, selection: str) -> Any:
    query = f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {selection} }} }}"
    return (await city.outsider.query(query, id=request))["request"]


async def waiting(person: Person) -> list[str]:
    found = await person.query("{ viewer { inbox(first: 20) { nodes { kind } } } }")
    return [each["kind"] for each in found["viewer"]["inbox"]["nodes"]]


async def test_the_answer_clock_runs_again_from_the_end_of_the_question_whoever_has_noticed(city: City) -> None:
    request, due_at = await asked_back(city)
    clock = "answerClock { state dueAt workingDaysLeft pauses { startedAt endedAt } }"
    assert (await shown(city, request, clock))["answerClock"]["state"] == "PAUSED"
    assert "QUESTION_TO_ANSWER" in await waiting(city.camat)
    assert "REQUEST_TO_ANSWER" not in await waiting(city.dlh)
    city.now = due_at + A_SECOND
    before = (await shown(city, request, clock))["answerClock"]
    assert before["state"] == "RUNNING"
    assert [each["endedAt"] for each in before["pauses"]] == [due_at.isoformat()]
    assert "QUESTION_TO_ANSWER" not in await waiting(city.camat)
    assert "REQUEST_TO_ANSWER" in await waiting(city.dlh)
    await city.sweep()
    assert (await shown(city, request, clock))["answerClock"] == before


async def test_who_asks_again_after_a_question_that_nobody_answered_stops_the_clock_anew(city: City) -> None:
    request, due_at = await asked_back(city)
    city.now = due_at + A_SECOND
    await city.dlh.mutate("askForInformation", {"requestId": request, "question": "Berapa truk?"})
    seen = await shown(
        city,
        request,
        "question questionCount answerClock { state pauses { endedAt } } endedClocks { kind ending endedAt }",
    )
    assert (seen["question"], seen["questionCount"]) == ("Berapa truk?", 2)
    assert seen["answerClock"] == {"state": "PAUSED", "pauses": [{"endedAt": due_at.isoformat()}, {"endedAt": None}]}
    assert seen["endedClocks"] == [{"kind": "QUESTION", "ending": "SILENCE", "endedAt": due_at.isoformat()}]


@pytest.mark.parametrize(
    ("verb", "given", "status", "ending"),
    [("confirmDelivery", {}, "CONFIRMED", "IN_TIME"), ("disputeDelivery", WHY, "DISPUTED", None)],
)
async def test_what_counts_as_delivered_is_confirmed_or_disputed_before_anybody_has_noticed(
    city: City, verb: str, given: Json, status: str, ending: str | None
) -> None:
    request, due_at = await done_in_time(city)
    assert "DELIVERY_TO_CONFIRM" not in await waiting(city.camat)
    city.now = due_at + A_SECOND
    assert "DELIVERY_TO_CONFIRM" in await waiting(city.camat)
    assert "DELIVERY_DUE" not in await waiting(city.dlh)
    await city.camat.mutate(verb, {"requestId": request, **given})
    seen = await shown(
        city,
        request,
        "status newDueOn deliveredAt daysLate deliveryClock { state } confirmationClock { ending }"
        " endedClocks { kind ending }",
    )
    assert (seen["status"], seen["newDueOn"], seen["daysLate"]) == (status, None, 0)
    assert seen["deliveredAt"] == due_at.isoformat()
    assert seen["deliveryClock"] is None
    assert seen["confirmationClock"] == (ending and {"ending": ending})
    assert {"kind": "CONFIRMATION", "ending": "IN_TIME"} in seen["endedClocks"]
    assert await city.sweep() == 0
    assert date.fromisoformat(seen["deliveredAt"][:10]) < city.today
