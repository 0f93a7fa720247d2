"""Nothing that an outsider can read moves at a hidden event: no moment, version, time stamp, id, count or cost.

What everybody sees is looked at before and after each verb whose event is not everybody's, and after all that follows
from it; sealed cursors and the ids of requests count by their length. And what is made where others see it has the
moment of its own transaction, whatever hidden work led to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest

from server.actions import follow_up
from server.ids import decode, made_at, milliseconds
from server.query.run import shared_answers as states
from server.rules.event import EventType
from tests import cases, inputs
from tests.api.test_allowed_actions import know
from tests.api.test_live import executed, quiet
from tests.city import City
from tests.person import Json, Person
from tests.valid import Known, valid
from tests.verbs import EVENTS
from tests.walking import documents, looks
from tests.watching import Watcher, until

# All that is told of an account's own sign-ins, and of cases.
PRIVATE = ("PASSWORD_", "SIGNED_OUT", "ESCALATION_")
HIDDEN_VERBS = {verb for verb, (event, *_) in EVENTS.items() if event.startswith(PRIVATE)}
# Verbs on what may stand in a draft, by what their events begin with.
OF_DRAFTS = ("WORK_PLAN_", "TARGET_", "TASK_")
BOARD = (
    "{ statusBoard { readAt countedAt cursor totals { taskCount openRequestCount } latest(first: 50) { id cursor } } }"
)
NOTHING = re.compile(r"(?!)")
# When the sweeper looked is told to everybody; it looks at fixed distances, whatever it finds.
SWEPT = re.compile(r'"(?:sweptAt|countedAt)": "[^"]*"')
SEALED = re.compile(r'("(?:cursor|position|requestId)": ?)"([^"]*)"')


@pytest.fixture(autouse=True)
def lasting_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board does not grow old by the clock alone, which is a millisecond later at each look: whatever is made anew
    shows it."""
    monkeypatch.setattr(states, "OLDEST", timedelta(days=1))


def sealed(answer: Json) -> str:
    """The answer's text; of what is sealed anew each time only how long it is."""
    return SEALED.sub(lambda found: f'{found[1]}"{"·" * len(found[2])}"', json.dumps(answer))


async def seen(person: Person) -> dict[str, str]:
    """All that this person can read, by what was asked, with what each answer says of itself."""
    asked = [BOARD, "{ city { id name sweptAt } }", *(document for document, _ in documents(looks()))]
    found = {document: sealed(await person.ask(document)) for document in asked}
    async with person.city.site.client(**person.headers) as client:
        for path in ("/readyz", "/healthz"):
            found[path] = (await client.get(path)).text
    return found


class Eye:
    """What the outsider saw last."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.last: dict[str, str] = {}
        self.live: list[Watcher] = []
        self.heard: list[int] = []
        self.ran = 0

    async def open(self) -> None:
        """Look, after something that everybody may know."""
        if not self.live:
            await self._watch()
        await self.city.settled()
        self.last = await seen(self.city.outsider)
        await quiet(self.city)
        self.heard = [each.count for each in self.live]
        self.ran = executed(self.city)

    async def _watch(self) -> None:
        """All that is looked at, live as well."""
        asked = [BOARD, *(document for document, _ in documents(looks()))]
        for start in range(0, len(asked), 100):
            socket = await self.city.outsider.socket()
            opened = [socket.start("", query=f"subscription {{ live {each} }}") for each in asked[start : start + 100]]
            for each in opened:
                each.hears_all = True
            self.live += opened
        for each in self.live:
            await until(lambda each=each: each.last or each.is_ended, what="a live query is answered")  # type: ignore[misc]
        refused = {each.errors[0]["extensions"]["code"] for each in self.live if each.errors}
        assert refused <= {"COST_EXCEEDED"}, refused
        self.live = [each for each in self.live if not each.errors]
        assert len(self.live) > 20

    async def saw_nothing_of(self, what: str, but: re.Pattern[str] = NOTHING) -> None:
        """All that follows has followed, and everything looks as it did; `but`: what may differ."""
        await self.city.settled()
        now = {asked: but.sub("", answer) for asked, answer in (await seen(self.city.outsider)).items()}
        last = {asked: but.sub("", answer) for asked, answer in self.last.items()}
        moved = {asked: parting(last[asked], now[asked]) for asked in now if now[asked] != last[asked]}
        assert not moved, f"{what} is seen: {moved}"
        await quiet(self.city)
        told = [each.last for each, count in zip(self.live, self.heard, strict=True) if each.count != count]
        assert not told or but is not NOTHING, f"{what} is told live: {told}"
        assert executed(self.city) == self.ran or but is not NOTHING, (what, self.city.site.installation.groups.facts())


def parting(one: str, other: str) -> tuple[str, str]:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(at - 120, 0) : at + 80], other[max(at - 120, 0) : at + 80]


def dated(value: Any) -> Iterator[tuple[str, str]]:
    """Every id in an answer that stands beside the moment at which its row was made."""
    if isinstance(value, dict):
        made = value.get("createdAt") or value.get("recordedAt")
        if isinstance(value.get("id"), str) and isinstance(made, str):
            yield value["id"], made
        for each in value.values():
            yield from dated(each)
    elif isinstance(value, list):
        for each in value:
            yield from dated(each)


async def lapsed(city: City) -> str:
    """A request that was made by its verb and not answered in time; its id."""
    request = await city.request(city.camat, city.dlh)
    city.move(days=6)
    await city.sweep()
    return request


async def test_nothing_moves_at_what_is_done_on_a_case_or_at_the_door(city: City) -> None:
    await city.approved(city.dlh)
    made = {"organisation": {"code": "DLH"}, "login": "mantan-dlh", "name": "Mantan", "role": "STAFF"}
    unknowing = (await city.admin.mutate("createAccount", made))["account"]["id"]
    acting = {"organisation": {"code": "DLH"}, "accountId": unknowing, "capacity": "PLH"}
    await city.admin.mutate("appoint", {**acting, "validFrom": city.day(), "validTo": city.day(8)})
    request, other = await lapsed(city), await lapsed(city)
    eye = Eye(city)
    await eye.open()
    done: set[str] = set()

    async def still(who: Person, verb: str, input: Mapping[str, Any], selection: str | None = None) -> Json:
        payload = await who.mutate(verb, input, selection)
        await eye.saw_nothing_of(verb)
        done.add(verb)
        return payload

    filed = {"requestId": request, "statement": "Tidak dijawab."}
    case = (await still(city.camat, "fileEscalation", filed))["escalation"]["id"]
    own = {"escalationId": case}
    await still(city.camat, "withdrawEscalation", own)
    case = (await still(city.camat, "fileEscalation", {**filed, "requestId": other}))["escalation"]["id"]
    own = {"escalationId": case}
    await still(city.sekda, "remarkOnEscalation", {**own, "text": "Catatan."})
    await still(city.sekda, "namePerson", {**own, "accountId": unknowing})
    await still(city.sekda, "recordNotice", {**own, "documentNumber": "800/1", "receivedOn": city.day()})
    await still(city.sekda, "recordReply", {**own, "reply": "Menurut surat saya."})
    await still(city.dlh, "replyToEscalation", {**own, "reply": "Armada rusak."})
    meeting = {**own, "meetingAt": f"{city.day(3)}T09:00:00+07:00", "place": "Balai Kota"}
    await still(city.sekda, "proposeMediation", meeting)
    await still(city.sekda, "concludeMediation", {**own, "outcome": "Tidak sepakat.", "isSettled": False})
    await still(
        city.mayor,
        "decideEscalation",
        {**own, "kind": "GUIDANCE", "facts": "Fakta.", "signedBy": "Wali Kota", "documentNumber": "1"},
    )
    await still(city.dlh, "appendToDecision", {**own, "kind": "OBJECTION", "text": "Keberatan."})
    added = {**own, "text": "Laporkan."}
    await still(city.sekda, "addFollowUp", added)
    followed = (await cases.look(city.mayor, case, "followUps { id }"))["followUps"]
    await still(city.sekda, "closeFollowUp", {"followUpId": followed[0]["id"]})
    # The task that a follow-up orders is public; what its end means for the case is not.
    ordered = {**added, "instruction": {"title": "Angkut sampah", "dueOn": city.day(20)}}
    await city.mayor.mutate("addFollowUp", ordered)
    await city.settled()
    *_, follow_up = (await cases.look(city.mayor, case, "followUps { id task { id } }"))["followUps"]
    await cases.do(city, follow_up["task"]["id"])
    await eye.open()
    await still(city.camat, "objectToFollowUp", {"followUpId": follow_up["id"], "reason": "Belum."})
    await still(city.sekda, "closeFollowUp", {"followUpId": follow_up["id"]})

    await still(city.admin, "makePasswordLink", {"accountId": city.dlh_staff.id})
    await still(city.admin, "signOutEverywhere", {"accountId": city.lurah.id})
    camat = await city.sign_in("camat")
    async with city.site.client(**camat.headers) as client:
        assert (await client.post("/auth/sign-out")).status_code == 204
    await eye.saw_nothing_of("a sign-out")
    assert done == HIDDEN_VERBS, "do each of the hidden verbs here"


async def test_nothing_moves_when_a_clock_of_a_case_runs_out(city: City) -> None:
    request = await lapsed(city)
    await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tidak dijawab."})
    swept_on = city.today
    city.move(days=8)
    await city.site.installation.days.keep(swept_on, city.today)  # any sweep does, case or not
    eye = Eye(city)
    await eye.open()
    before = await hidden_events(city)
    await city.site.installation.sweep.once()
    assert await hidden_events(city) > before
    await eye.saw_nothing_of("a reply that lapsed", but=SWEPT)


async def hidden_events(city: City) -> int:
    (row,) = await city.rows("SELECT count(*) AS n FROM event WHERE audience <> 'EVERYONE'")
    found: int = row["n"]
    return found


async def test_nothing_moves_at_what_is_done_in_a_draft(city: City) -> None:
    await city.task(city.dlh)
    eye = Eye(city)
    await eye.open()
    plan = await city.draft(city.camat, targets=1)
    task = await city.task(city.camat, workPlanId=plan, checklist=["Periksa"])
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Rancangan"})
    await eye.saw_nothing_of("a new draft")
    known = Known(city.today, {}, asker=city.camat.organisation)
    done: set[str] = set()
    new: list[str] = []
    kinds = {"workPlanId": "workPlans", "targetId": "targets", "taskId": "tasks", "commentId": "comments"}
    for verb, (event, *_) in EVENTS.items():
        if not event.startswith(OF_DRAFTS) or verb in ("submitWorkPlan", "moveTask"):
            continue  # what is submitted is public from then on, and so is what is taken out of a draft
        fields = inputs.mutations()[verb].fields.keys()
        if "organisation" in fields:
            continue  # a new one, as above
        await know(city, known)
        for kind in [kinds[name] for name in kinds if name in fields]:
            row = next((each for each in known.rows[kind] if in_draft(each, plan, task)), None)
            given = None if row is None else valid(verb, known, row)
            if given is not None and not (await city.camat.attempt(verb, given))["errors"]:
                done.add(verb)
                new.append(verb)
        if len(new) >= 6:  # to look costs more than to act, and what has moved stays moved
            await eye.saw_nothing_of(" or ".join(new))
            new.clear()
    await eye.saw_nothing_of(" or ".join(new))
    assert len(done) >= 20, done


def in_draft(row: Json, plan: str, task: str) -> bool:
    return plan in (row["id"], (row.get("workPlan") or {}).get("id")) or row.get("parent") == task


async def test_an_id_tells_no_more_than_the_moment_of_its_row(city: City) -> None:
    plan = await city.approved(city.dlh, targets=2)
    target, *_ = await city.targets_of(plan)
    await city.dlh.mutate("recordMeasurement", {"targetId": target, "value": "1", "measuredOn": city.day()})
    waited_for = await city.task(city.dlh, checklist=["Satu", "Dua"])
    task = await city.task(city.dlh, workPlanId=plan, waitsForIds=[waited_for])
    await city.dlh.mutate("commentOnTask", {"taskId": task, "text": "Catatan"})
    request = await city.request(city.camat, city.dlh)
    await city.camat.mutate("postMessage", {"requestId": request, "text": "Mohon kabar."})
    await city.promise(city.dlh, request)
    request = await lapsed(city)
    case = (await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tidak dijawab."}))[
        "escalation"
    ]["id"]
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada rusak."})
    instruction = {"title": "Disposisi: angkut sampah", "dueOn": city.day(20)}
    given = {"escalationId": case, "kind": "INSTRUCT", "facts": "Fakta.", "instruction": instruction}
    await city.mayor.mutate("decideEscalation", given)
    await city.mayor.mutate("orderTask", {"organisation": {"code": "DLH"}, **instruction})
    await city.settled()
    answers = [json.loads(text) for asked, text in (await seen(city.mayor)).items() if asked.startswith("{")]
    pairs = {pair for answer in answers for pair in dated(answer)}
    kinds = {id_.partition("_")[0] for id_, _ in pairs}
    assert {"task", "event", "req", "case", "plan", "target", "comment", "msg"} <= kinds, kinds
    apart = {id_: made_at(decode(id_)[1]) - milliseconds(datetime.fromisoformat(moment)) for id_, moment in pairs}
    assert not {id_: distance for id_, distance in apart.items() if distance}, "these ids tell of another moment"
    assert not await same_low_bits(city), "below the millisecond an id is random"


async def same_low_bits(city: City) -> bool:
    """Whether ids of one moment can be put in an order."""
    rows = await city.rows("SELECT id FROM event ORDER BY sequence")
    ids = [each["id"].int & (1 << 80) - 1 for each in rows]
    rising = sum(one < other for one, other in pairwise(ids))
    return len(ids) > 40 and (rising < len(ids) / 5 or rising > len(ids) * 4 / 5)


async def test_an_order_of_a_case_is_an_order_like_any_other(city: City) -> None:
    await city.approved(city.dlh)
    case = await cases.replied(city)
    instruction = {"title": "Angkut sampah", "dueOn": city.day(10)}
    plain = (await city.mayor.mutate("orderTask", {"organisation": {"code": "DLH"}, **instruction}))["task"]["id"]
    given = {"escalationId": case, "kind": "INSTRUCT", "facts": "Fakta.", "instruction": instruction}
    await city.mayor.mutate("decideEscalation", given)
    await city.settled()
    (follow_up,) = (await cases.look(city.mayor, case, "followUps { task { id } }"))["followUps"]
    own = "actor { id } capacity onBehalfOf { id } subjectVersion sentence changes { field before after } type"
    task = (
        "title description status priority progress isOrdered needsEvidence dueOn startsOn externalId version"
        f" workPlan {{ id }} target {{ id }} checklist {{ text }} history {{ totalCount nodes {{ {own} }} }}"
    )
    found = [
        (await city.outsider.query(f"query($id: ID!) {{ task(by: {{id: $id}}) {{ {task} }} }}", id=id_))["task"]
        for id_ in (plain, follow_up["task"]["id"])
    ]
    assert found[0] == found[1]
    rows = await city.rows("SELECT xid, type FROM event WHERE type IN ('TASK_ORDERED', 'ESCALATION_DECIDED')")
    assert len({row["xid"] for row in rows}) == 3, "each in a transaction of its own"


async def test_an_order_is_made_once_however_often_its_reaction_is_tried(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, tried = follow_up.link_order, count(1)

    async def failing(*given: Any) -> None:
        if next(tried) == 1:
            raise RuntimeError("the process dies once the task is ordered")
        await link(*given)

    monkeypatch.setattr("server.actions.escalation_reaction.link_order", failing)
    _, _, task = await cases.instructed(city)
    ordered = await city.rows("SELECT subject_id FROM event WHERE type = 'TASK_ORDERED'")
    assert [row["subject_id"] for row in ordered] == [decode(task)[1]]
    assert next(tried) == 3


def test_every_event_of_a_case_or_of_the_door_belongs_to_a_verb_or_to_the_clock() -> None:
    """So that a new one is covered above, or named here as one that the system makes."""
    of_verbs = {event for events in EVENTS.values() for event in events}
    hidden = {each.value for each in EventType if each.startswith(PRIVATE)}
    assert hidden - of_verbs == {
        *("PASSWORD_SET", "SIGNED_OUT", "ESCALATION_PASSED_ON", "ESCALATION_CLOCK_MOVED", "ESCALATION_REMINDED"),
        *("ESCALATION_REPLY_LAPSED", "ESCALATION_FOLLOW_UP_DONE", "ESCALATION_FOLLOW_UP_REOPENED"),
        "ESCALATION_PERSON_REPLY_LAPSED",
        "ESCALATION_FOLLOW_UP_ORDERED",
    }
