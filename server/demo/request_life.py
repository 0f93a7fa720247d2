"""A request's life told by its verbs, and by the clock, with the commitment that it becomes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.demo.ledger import Columns, new_id
from server.demo.plan_life import PlanLife
from server.demo.scene import Scene
from server.demo.staff import Crew
from server.demo.task_life import A_MOMENT, TaskLife
from server.ids import encode
from server.models import Message, Request
from server.rules import collaboration_answer as answer
from server.rules import collaboration_clock as clocks
from server.rules import collaboration_delivery as delivery
from server.rules import collaboration_lapse as lapse_rules
from server.rules import collaboration_redirect as redirect
from server.rules.clock import Clock, ClockKind, ClockState
from server.rules.collaboration_answer import NewRequest, Side
from server.rules.collaboration_facts import RequestChange, RequestFacts, RequestStatus
from server.rules.event import EventType
from server.rules.office import Office
from server.rules.organisation import id_or_nobodys
from server.rules.task_content import PlanPlace
from server.rules.viewer import Viewer
from server.rules.workdays import local_day

# Each organisation's plans by organisation and year.
Plans = Mapping[tuple[UUID, int], PlanLife]

_BESIDE = {"made_at", "mayors_office_id", "commitment_status", "commitment_progress", "commitment_completed_at"}
_BESIDE |= {"commitment_lacks_evidence", "overlaps", "absences", "silence"}  # nobody heads both sides in the demo
_FACTS = tuple(field.name for field in fields(RequestFacts) if field.name not in _BESIDE)


@dataclass(frozen=True, slots=True)
class Lapse:
    """What the clock alone does to a request at a deadline: a reminder where `change` is None."""

    deadline: tuple[str, datetime]
    event: EventType
    due_on: date
    change: Callable[[RequestFacts, datetime], RequestChange] | None


class RequestLife:
    """One request; every method is the verb of that name, at a moment, by whoever heads the side that may.

    Before each verb, and with `wait` at the end, the clock does what it did until then.
    """

    def __init__(self, scene: Scene, plans: Plans, asker: Crew, giver: Crew, row: Columns) -> None:
        self.asker, self.giver, self.row = asker, giver, row
        self.commitment: TaskLife | None = None
        self._scene, self._plans, self._ledger = scene, plans, scene.ledger
        # Every office of the demo is held throughout: no vacancy stops a clock.
        self._office = Office(scene.city.calendar)
        self._recorded: set[tuple[str, datetime]] = set()

    @property
    def status(self) -> RequestStatus:
        status: RequestStatus = self.row["status"]
        return status

    @property
    def starter(self) -> Crew:
        return self.asker if self.facts().starter_id == self.asker.id else self.giver

    @property
    def answerer(self) -> Crew:
        return self.giver if self.facts().starter_id == self.asker.id else self.asker

    def facts(self) -> RequestFacts:
        """As it stands now."""
        row = self.row
        return RequestFacts(
            **{name: row[name] for name in _FACTS},
            made_at=row["created_at"],
            mayors_office_id=id_or_nobodys(self._scene.staff.mayor.facts.organisation_id),
            commitment_status=None if self.commitment is None else self.commitment.status,
            commitment_progress=None if self.commitment is None else self.commitment.row["progress"],
            commitment_completed_at=None if self.commitment is None else self.commitment.row["completed_at"],
        )

    # ---- answered ---------------------------------------------------------------------------------------------------

    def accept(self, at: datetime, agreed_due_on: date | None = None) -> None:
        viewer, facts, today = self._turn(self.answerer, at)
        change = answer.accept_request(viewer, facts, agreed_due_on, self._office, today, at)
        self._promise(EventType.REQUEST_ACCEPTED, viewer, self.answerer, facts, at, change)

    def decline(self, at: datetime, reason: str) -> None:
        viewer, facts, today = self._turn(self.answerer, at)
        change = answer.decline_request(viewer, facts, reason, self._office, today, at)
        self._change(EventType.REQUEST_DECLINED, viewer, self.answerer, at, change, reason=change["answer_reason"])

    def counter(self, at: datetime, terms: str, needed_on: date | None) -> None:
        viewer, facts, today = self._turn(self.answerer, at)
        change = answer.counter_request(viewer, facts, terms, needed_on, self._office, self._office, today, at)
        told = {"terms": change["counter_terms"], "neededOn": needed_on}
        self._change(EventType.REQUEST_COUNTERED, viewer, self.answerer, at, change, **told)

    def accept_counter(self, at: datetime) -> None:
        viewer, facts, today = self._turn(self.starter, at)
        change = answer.accept_counter(viewer, facts, self._office.calendar, today, at)
        self._promise(EventType.REQUEST_COUNTER_ACCEPTED, viewer, self.starter, facts, at, change)

    def refuse_counter(self, at: datetime) -> None:
        viewer, facts, today = self._turn(self.starter, at)
        change = answer.refuse_counter(viewer, facts, self._office, today, at)
        self._change(EventType.REQUEST_COUNTER_REFUSED, viewer, self.starter, at, change)

    # ---- whose it is ------------------------------------------------------------------------------------------------

    def redirect(self, at: datetime, to: Crew, reason: str) -> None:
        giver = self.giver
        viewer, facts, today = self._turn(giver, at)
        days = self._scene.city.ruling_working_days
        change = redirect.redirect_request(viewer, facts, self._side(to), reason, self._office, days, today, at)
        told = {"to": to.facts.name, "reason": reason}
        self._change(EventType.REQUEST_REDIRECTED, viewer, giver, at, change, **told)
        if "giver_id" in change:
            self.giver = to

    def object_to_redirect(self, at: datetime, reason: str) -> None:
        viewer, facts, today = self._turn(self.asker, at)
        days = self._scene.city.ruling_working_days
        change = redirect.object_to_redirect(viewer, facts, reason, self._office, days, today, at)
        told = {"reason": change["ruling_reason"]}
        self._change(EventType.REQUEST_REDIRECT_OBJECTED, viewer, self.asker, at, change, **told)

    def assign(self, at: datetime, to: Crew, reason: str) -> None:
        """By the secretary, for the mayor's office."""
        self.wait(at)
        viewer, today = self._scene.staff.secretary.viewer, self._scene.hours.day_of(at)
        change = redirect.assign_request(viewer, self.facts(), self._side(to), reason, self._office, today, at)
        self._ledger.change(
            Request,
            self.row,
            EventType.REQUEST_ASSIGNED,
            viewer,
            at,
            change,
            {"to": to.facts.name, "reason": reason},
            acting_for=self._scene.staff.mayor.facts.organisation_id,
        )
        self.giver = to

    # ---- asked back, talked of --------------------------------------------------------------------------------------

    def ask_for_information(self, at: datetime, question: str) -> None:
        viewer, facts, today = self._turn(self.answerer, at)
        change = answer.ask_for_information(viewer, facts, question, self._office, self._office, today, at)
        self._message(viewer, at, question)
        self._change(EventType.REQUEST_INFORMATION_ASKED, viewer, self.answerer, at, change, question=question)

    def answer_question(self, at: datetime, said: str) -> None:
        viewer, facts, today = self._turn(self.starter, at)
        change = answer.answer_question(viewer, facts, said, self._office, today, at)
        self._message(viewer, at, said)
        self._change(EventType.REQUEST_QUESTION_ANSWERED, viewer, self.starter, at, change, answer=said)

    def post_message(self, at: datetime, viewer: Viewer, body: str) -> None:
        """By anybody of the two sides, or the mayor's office."""
        self.wait(at)
        facts = self.facts()
        said = delivery.post_message(viewer, facts, body, self._scene.hours.day_of(at))
        message = self._message(viewer, at, said)
        headed = next((each for each in (facts.asker_id, facts.giver_id) if viewer.is_head_of(each)), None)
        told = {"body": said, "messageId": encode("msg", message["id"])}
        event = EventType.REQUEST_MESSAGE_POSTED
        self._ledger.change(Request, self.row, event, viewer, at, {}, told, acting_for=headed)

    # ---- promised and kept ------------------------------------------------------------------------------------------

    def propose_new_date(self, at: datetime, new_due_on: date, reason: str) -> None:
        viewer, facts, today = self._turn(self.giver, at)
        change = delivery.propose_new_date(viewer, facts, new_due_on, reason, today, at)
        told = {"newDateOn": new_due_on, "reason": change["new_due_reason"]}
        self._change(EventType.REQUEST_NEW_DATE_PROPOSED, viewer, self.giver, at, change, **told)

    def agree_new_date(self, at: datetime) -> None:
        viewer, facts, today = self._turn(self.asker, at)
        assert facts.new_due_on is not None
        task, year = self._task(at), facts.new_due_on.year
        plan = self._plans.get((self.giver.id, year))
        change, moved = delivery.agree_new_date(
            viewer, facts, task.facts(at), self._places(year, at), self._office.calendar, today
        )
        task.move_promise(viewer, at, moved, plan)
        told = {"newDateOn": facts.new_due_on}
        self._change(EventType.REQUEST_NEW_DATE_AGREED, viewer, self.asker, at, change, **told)

    def refuse_new_date(self, at: datetime) -> None:
        viewer, facts, today = self._turn(self.asker, at)
        change = delivery.refuse_new_date(viewer, facts, today)
        self._change(EventType.REQUEST_NEW_DATE_REFUSED, viewer, self.asker, at, change)

    def deliver(self, at: datetime) -> None:
        """Once the commitment is done."""
        viewer, facts, today = self._turn(self.giver, at)
        change = delivery.deliver_request(viewer, facts, self._office, today, at)
        self._change(EventType.REQUEST_DELIVERED, viewer, self.giver, at, change)

    def confirm(self, at: datetime) -> None:
        viewer, facts, today = self._turn(self.asker, at)
        change = delivery.confirm_delivery(viewer, facts, self._office, today, at)
        self._change(EventType.REQUEST_CONFIRMED, viewer, self.asker, at, change)

    def dispute(self, at: datetime, reason: str) -> None:
        viewer, facts, today = self._turn(self.asker, at)
        change = delivery.dispute_delivery(viewer, facts, reason, self._office, today, at)
        self._change(EventType.REQUEST_DISPUTED, viewer, self.asker, at, change, reason=change["dispute_reason"])

    def resume(self, at: datetime) -> None:
        """The commitment reopens; its plan is open as long as its deliveries are disputed."""
        viewer, facts, today = self._turn(self.giver, at)
        task = self._task(at)
        calendar = self._office.calendar
        year = delivery.resumed_for(facts, calendar, today).year
        plan = self._plans.get((self.giver.id, year))
        change, reopened = delivery.resume_delivery(
            viewer, facts, task.facts(at), self._places(year, at), None, calendar, today, at
        )
        task.take_up(viewer, at, reopened, plan)
        self._change(EventType.REQUEST_DELIVERY_RESUMED, viewer, self.giver, at, change)

    def withdraw(self, at: datetime) -> None:
        """A commitment is an ordinary task of the giver from then on."""
        viewer, facts, today = self._turn(self.starter, at)
        change = delivery.withdraw_request(viewer, facts, self._office, today, at)
        self._change(EventType.REQUEST_WITHDRAWN, viewer, self.starter, at, change)
        if self.commitment is not None:
            self.commitment.is_commitment = False

    # ---- of itself --------------------------------------------------------------------------------------------------

    def wait(self, until: datetime) -> None:
        """What the clock alone did by then: reminders, and what ran out, each noticed a moment after its deadline."""
        if self.commitment is not None:
            self.commitment.wait(until)
        while True:
            facts = self.facts()
            due = [each for each in self._lapses(facts) if each.deadline[1] + A_MOMENT <= until]
            if not due:
                return
            lapse = min(due, key=lambda each: each.deadline[1])
            at = lapse.deadline[1] + A_MOMENT
            change = {} if lapse.change is None else lapse.change(facts, at)
            self._recorded.add(lapse.deadline)
            told, row = {"dueOn": lapse.due_on}, self.row
            self._ledger.change(Request, row, lapse.event, None, at, change, told, deadline=lapse.deadline)

    def _lapses(self, facts: RequestFacts) -> Iterator[Lapse]:
        """What the clocks that run would do, and have not done yet."""
        office = self._office
        ends: Mapping[ClockKind, tuple[EventType, Callable[[RequestFacts, datetime], RequestChange]]] = {
            ClockKind.QUESTION: (
                EventType.REQUEST_QUESTION_LAPSED,
                lambda then, at: lapse_rules.lapse_question(then, office, office, at),
            ),
            ClockKind.ANSWER: (EventType.REQUEST_LAPSED, lambda then, at: lapse_rules.lapse_request(then, office, at)),
            ClockKind.COUNTER: (
                EventType.REQUEST_COUNTER_LAPSED,
                lambda then, at: lapse_rules.lapse_counter(then, office, at),
            ),
            ClockKind.DELIVERY: (
                EventType.REQUEST_DELIVERED_BY_CLOCK,
                lambda then, at: lapse_rules.deliver_by_clock(then, office, at),
            ),
            ClockKind.CONFIRMATION: (
                EventType.REQUEST_CONFIRMED_BY_SILENCE,
                lambda then, at: lapse_rules.confirm_by_silence(then, office, at),
            ),
            ClockKind.RULING: (EventType.REQUEST_RULING_LAPSED, lambda then, at: {}),
            ClockKind.DISPUTE: (EventType.REQUEST_DISPUTE_LAPSED, lambda then, at: {}),
        }
        for clock in clocks.waiting_clocks(facts, office, office):
            is_told = clock is None or (clock.kind is ClockKind.ANSWER and self.row["lapsed_at"] is not None)
            if clock is not None and not is_told:
                yield from self._of_clock(clock, *ends.get(clock.kind, (None, None)))

    def _of_clock(
        self,
        clock: Clock,
        event: EventType | None,
        change: Callable[[RequestFacts, datetime], RequestChange] | None,
    ) -> Iterator[Lapse]:
        """A reminder that is still to come since the last event, and the lapse."""
        due_on, last = local_day(clock.due_at, self._office.calendar), self.row["updated_at"]
        reminder_at = clock.reminder_at
        if (
            reminder_at is not None
            and reminder_at > last
            and clock.state(reminder_at + A_MOMENT) is ClockState.RUNNING
            and (f"{clock.kind}_REMINDER", reminder_at) not in self._recorded
        ):
            yield Lapse((f"{clock.kind}_REMINDER", reminder_at), EventType.REQUEST_REMINDED, due_on, None)
        lapse = (clock.kind.value, clock.due_at)
        if event is not None and lapse not in self._recorded and clock.has_run_out(clock.due_at + A_MOMENT):
            yield Lapse(lapse, event, due_on, change)

    # ---- how --------------------------------------------------------------------------------------------------------

    def _turn(self, crew: Crew, at: datetime) -> tuple[Viewer, RequestFacts, date]:
        """Whose turn it is, with what the rules need to know at that moment."""
        self.wait(at)
        today = self._scene.hours.day_of(at)
        return crew.acting(today), self.facts(), today

    def _change(
        self, event: EventType, viewer: Viewer, crew: Crew, at: datetime, change: RequestChange, **facts: Any
    ) -> None:
        self._ledger.change(Request, self.row, event, viewer, at, change, facts, acting_for=crew.id)

    def _promise(
        self,
        event: EventType,
        viewer: Viewer,
        crew: Crew,
        facts: RequestFacts,
        at: datetime,
        change: RequestChange,
    ) -> None:
        """The giver's task is made with the answer, and both are linked."""
        agreed = change["agreed_due_on"]
        assert agreed is not None
        self.commitment = TaskLife(self._ledger, self.giver, self._plans.get((self.giver.id, agreed.year)))
        self.commitment.promise(viewer, at, delivery.commitment(facts, agreed, self._places(agreed.year, at)))
        promised: RequestChange = {**change, "commitment_id": self.commitment.row["id"]}
        self._change(event, viewer, crew, at, promised, agreedOn=agreed)

    def _places(self, year: int, at: datetime) -> Mapping[int, PlanPlace]:
        plan = self._plans.get((self.giver.id, year))
        return {} if plan is None or plan.created_at >= at else {year: plan.place_at(at)}

    def _task(self, at: datetime) -> TaskLife:
        assert self.commitment is not None
        self.commitment.wait(at)
        return self.commitment

    def _message(self, viewer: Viewer, at: datetime, body: str) -> Columns:
        told = {"request_id": self.row["id"], "author_id": viewer.account_id, "text": body, "created_at": at}
        return self._ledger.part(Message, at, **told)

    def _side(self, crew: Crew) -> Side:
        return Side(crew.facts, self._office)


def request_collaboration(
    scene: Scene, plans: Plans, asker: Crew, givers: Sequence[Crew], new: NewRequest, at: datetime
) -> list[RequestLife]:
    """One NEED of each giver, under a shared thread."""
    today, office = scene.hours.day_of(at), Office(scene.city.calendar)
    viewer = asker.acting(today)
    sides = [Side(giver.facts, office) for giver in givers]
    lives = []
    made = answer.request_collaboration(viewer, asker.facts, sides, new, new_id(at), today, at)
    for giver, columns in zip(givers, made, strict=True):
        told = {"giver": giver.facts.name, "neededOn": columns["needed_on"]}
        row = _create(scene, EventType.REQUEST_MADE, viewer, at, columns, told, asker)
        lives.append(RequestLife(scene, plans, asker, giver, row))
    return lives


def offer_help(scene: Scene, plans: Plans, giver: Crew, asker: Crew, new: NewRequest, at: datetime) -> RequestLife:
    """An OFFER of the giver's."""
    today, side = scene.hours.day_of(at), Side(asker.facts, Office(scene.city.calendar))
    viewer = giver.acting(today)
    columns = answer.offer_help(viewer, giver.facts, side, new, new_id(at), today, at)
    row = _create(scene, EventType.REQUEST_OFFERED, viewer, at, columns, {"asker": asker.facts.name}, giver)
    return RequestLife(scene, plans, asker, giver, row)


def _create(
    scene: Scene,
    event: EventType,
    viewer: Viewer,
    at: datetime,
    columns: RequestChange,
    facts: Mapping[str, Any],
    starter: Crew,
) -> Columns:
    return scene.ledger.create(Request, event, viewer, at, columns, facts, acting_for=starter.id)
