"""A case's life told by its verbs, by the clock, and by what becomes of the tasks that it orders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from server.demo.ledger import Columns, as_row, new_id
from server.demo.request_life import Plans, RequestLife
from server.demo.scene import Scene
from server.demo.staff import Member
from server.demo.task_life import A_MOMENT, TaskLife
from server.ids import encode
from server.models import Appendix, Escalation, FollowUp, Remark
from server.rules import decision as decision_rules
from server.rules import escalation as rules
from server.rules import follow_up as follow_up_rules
from server.rules import reply_clock as clocks
from server.rules.clock import Clock, ClockKind, ClockState
from server.rules.collaboration_facts import RequestFacts, RequestStatus
from server.rules.decision import AppendixKind, Instruction, Law, NewDecision
from server.rules.eligibility import EscalationGround, Ground, eligibility
from server.rules.escalation_facts import OPEN, EscalationChange, EscalationStatus, Filing, Named
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.office import Office
from server.rules.reply_clock import ReplyClockFacts
from server.rules.viewer import Viewer
from server.rules.workdays import local_day

_FACTS = tuple(field.name for field in fields(ReplyClockFacts) if "at" not in field.metadata)


@dataclass(slots=True)
class Following:
    """A follow-up, and the task that was ordered with it; a referral has none."""

    row: Columns
    task: TaskLife | None


class CaseLife:
    """One case; every method is the verb of that name, at a moment, by whoever may.

    Before each verb, and with `wait` at the end, the clock does what it did until then.
    """

    def __init__(self, scene: Scene, plans: Plans, request: RequestLife, at: datetime, statement: str) -> None:
        """Filed by the asker's head, on the ground that the request's record shows."""
        self.filer, self.respondent = request.asker, request.giver
        self.following: list[Following] = []
        self._scene, self._plans, self._ledger = scene, plans, scene.ledger
        self._office = Office(scene.city.calendar)
        self._mayors_office_id = scene.staff.mayor.facts.organisation_id
        self._recorded: set[tuple[str, datetime]] = set()
        request.wait(at)
        facts, today = request.facts(), scene.hours.day_of(at)
        assert self._mayors_office_id is not None
        shown = eligibility(facts, self._office, at, mayors_office_id=self._mayors_office_id)
        filing = Filing(
            request_id=facts.id,
            asker_id=self.filer.id,
            giver_id=self.respondent.id,
            eligibility=shown,
            person=self._person(facts, shown.grounds[0]),
        )
        viewer, days = self.filer.acting(today), scene.city.person_reply_working_days
        columns = rules.file_escalation(viewer, filing, statement, self._office, today, at, person_reply_days=days)
        self.row = self._ledger.create(Escalation, EventType.ESCALATION_FILED, viewer, at, columns)

    @property
    def status(self) -> EscalationStatus:
        status: EscalationStatus = self.row["status"]
        return status

    def facts(self) -> ReplyClockFacts:
        """As it stands now."""
        assert self._mayors_office_id is not None
        return ReplyClockFacts(
            **{name: self.row[name] for name in _FACTS},
            mayors_office_id=self._mayors_office_id,
            respondent_kind=self.respondent.facts.kind,
            respondent=self._office,
        )

    def _person(self, request: RequestFacts, ground: Ground) -> Named:
        """Who held the giver's office when the ground arose, or delivered; here they also declined."""
        day = local_day(ground.arose_at, self._office.calendar)
        if request.status is RequestStatus.DISPUTED and request.delivered_at is not None:
            day = local_day(request.delivered_at, self._office.calendar)
        elif ground.ground is EscalationGround.BROKEN_COMMITMENT and request.agreed_due_on is not None:
            day = request.agreed_due_on
        return Named(account_id=self.respondent.acting(day).account_id, signs_in=True)

    # ---- up to the decision -----------------------------------------------------------------------------------------

    def reply(self, at: datetime, reply: str) -> None:
        self.wait(at)
        today = self._scene.hours.day_of(at)
        viewer = self.respondent.acting(today)
        change = rules.reply_to_escalation(viewer, self.facts(), reply, today, at)
        self._change(EventType.ESCALATION_REPLIED, viewer, at, change)

    def propose_mediation(self, at: datetime, meeting_at: datetime, place: str) -> None:
        self.wait(at)
        viewer, today = self._scene.staff.secretary.viewer, self._scene.hours.day_of(at)
        change = rules.propose_mediation(viewer, self.facts(), meeting_at, place, today, at)
        told = {"meetingOn": local_day(meeting_at, self._office.calendar), "place": change["meeting_place"]}
        self._change(EventType.ESCALATION_MEDIATION_PROPOSED, viewer, at, change, told)

    def conclude_mediation(self, at: datetime, outcome: str, is_settled: bool) -> None:
        self.wait(at)
        viewer, today = self._scene.staff.secretary.viewer, self._scene.hours.day_of(at)
        change = rules.conclude_mediation(viewer, self.facts(), outcome, is_settled, today, at)
        told = {"outcome": change["mediation_outcome"]}
        self._change(EventType.ESCALATION_MEDIATION_CONCLUDED, viewer, at, change, told)

    # ---- decided ----------------------------------------------------------------------------------------------------

    def decide(self, at: datetime, decision: NewDecision, viewer: Viewer) -> None:
        """By the mayor, or a delegate on the mayor's behalf; what an INSTRUCT orders becomes the first follow-up.

        Where nothing follows, it is closed.
        """
        self.wait(at)
        city, today = self._scene.city, self._scene.hours.day_of(at)
        bodies = frozenset(self._scene.staff.crews[code].id for code in city.referral_bodies)
        inspectorate = None if city.inspectorate is None else self._scene.staff.crews[city.inspectorate].id
        law = Law(city.calendar, city.legal_bases, bodies, inspectorate, city.reprimand_kinds)
        mayor_id = self._scene.staff.mayor.id
        change = decision_rules.decide_escalation(viewer, self.facts(), decision, law, today, at, mayor_id=mayor_id)
        told: dict[str, Any] = {"decision": decision.kind}
        following = None
        if decision.instruction is not None:
            task = self._order(viewer, at, decision.instruction)
            text, due_on = task.row["title"], task.row["due_on"]
            columns = follow_up_rules.followed_up(self.row["id"], text, due_on, task.row["id"])
            following = self._follow(at, {**columns, "added_by_id": viewer.account_id}, task)
            told |= {"instruction": asdict(decision.instruction), **self._told(following)}
        elif decision.referred_to is not None:
            crews = self._scene.staff.crews.values()
            body = next(crew.facts.name for crew in crews if crew.id == decision.referred_to.id)
            columns = follow_up_rules.referred(self.row["id"], body)
            told |= self._told(self._follow(at, {**columns, "added_by_id": viewer.account_id}, None))
        self._ledger.change(
            Escalation,
            self.row,
            EventType.ESCALATION_DECIDED,
            viewer,
            at,
            change,
            told,
            on_behalf_of_id=change["on_behalf_of_id"],
        )
        self._link(at, following)
        self._close_if_nothing_is_open(at, viewer)

    def remark(self, at: datetime, who: Member, text: str) -> None:
        """What the mayor's office says to itself: the case stays as it is, and no clock of it is looked at."""
        said = rules.remark_on_escalation(who.viewer, self.facts(), text, self._scene.hours.day_of(at))
        columns = {"id": new_id(at), "escalation_id": self.row["id"], "author_id": who.id, "text": said}
        told = {
            "label": as_row(Escalation, self.row).label(),
            "escalationId": encode(Escalation.prefix, self.row["id"]),
            "remarkId": encode(Remark.prefix, columns["id"]),
        }
        self._ledger.create(Remark, EventType.ESCALATION_REMARKED, who.viewer, at, columns, told)

    def append(self, at: datetime, who: Member, kind: AppendixKind, text: str) -> None:
        self.wait(at)
        viewer, today = who.viewer, self._scene.hours.day_of(at)
        kind, text = decision_rules.append_to_decision(viewer, self.facts(), kind, text, today)
        columns = {"kind": kind, "text": text, "author_id": viewer.account_id, "created_at": at}
        appendix = self._ledger.part(Appendix, at, escalation_id=self.row["id"], **columns)
        told = {"kind": kind, "text": text, "appendixId": encode(Appendix.prefix, appendix["id"])}
        self._change(EventType.ESCALATION_DECISION_APPENDED, viewer, at, {}, told)

    def add_follow_up(self, at: datetime, text: str, instruction: Instruction) -> None:
        """By the mayor, with a task that is ordered with it; a closed case opens again."""
        self.wait(at)
        viewer, today = self._scene.staff.mayor.viewer, self._scene.hours.day_of(at)
        columns, change = follow_up_rules.add_follow_up(viewer, self.facts(), text, instruction.due_on, today)
        task = self._order(viewer, at, instruction)
        following = self._follow(at, {**columns, "task_id": task.row["id"]}, task)
        told = {**self._told(following), "instruction": asdict(instruction)}
        self._change(EventType.ESCALATION_FOLLOW_UP_ADDED, viewer, at, change, told)
        self._link(at, following)

    def task_was_completed(self, following: Following) -> None:
        """In the wake of its completion: from then on the filer may object."""
        assert following.task is not None
        done_at: datetime = following.task.row["completed_at"]
        at = done_at + A_MOMENT
        self.wait(at)
        following.row.update(follow_up_rules.task_completed(done_at, self._office))
        due_on = local_day(following.row["objection_due_at"], self._office.calendar)
        self._change(EventType.ESCALATION_FOLLOW_UP_DONE, None, at, {}, {**self._told(following), "dueOn": due_on})

    # ---- of itself --------------------------------------------------------------------------------------------------

    def wait(self, until: datetime) -> None:
        """What the clock alone did by then, each noticed a moment after its deadline."""
        if self.status is EscalationStatus.FILED:
            clock = clocks.reply_clock(self.facts(), self._office)
            self._remind(clock, until)
            at = clock.due_at + A_MOMENT
            if at <= until:
                change = clocks.lapse_reply(self.facts(), self._office, at)
                self._lapse(EventType.ESCALATION_REPLY_LAPSED, ClockKind.REPLY.value, clock.due_at, change)
        person = clocks.person_clock(self.facts(), self._office.calendar)
        if person is not None and self.status in OPEN:
            self._remind(person, until)
            lapse = (person.kind.value, person.due_at)
            if person.stopped_at is None and person.due_at + A_MOMENT <= until and lapse not in self._recorded:
                self._recorded.add(lapse)
                self._lapse(EventType.ESCALATION_PERSON_REPLY_LAPSED, *lapse, {})
        if self.status is not EscalationStatus.DECIDED:
            return
        for each in self.following:
            facts = self._follow_up_facts(each)
            objection = follow_up_rules.objection_clock(facts, self._office)
            if objection is None or facts.closed_at is not None:
                continue
            self._remind(objection, until)
            at = objection.due_at + A_MOMENT
            if at <= until:
                each.row.update(follow_up_rules.close_by_silence(facts, self._office, at))
                name = f"{ClockKind.OBJECTION}-{facts.id.hex[-20:]}"
                told = {"followUpId": encode("followup", facts.id)}
                self._lapse(EventType.ESCALATION_FOLLOW_UP_CLOSED, name, objection.due_at, {}, told)
                self._close_if_nothing_is_open(at, None, ("CLOSING", objection.due_at))

    def _remind(self, clock: Clock, until: datetime) -> None:
        at = clock.reminder_at
        name = f"{clock.kind}_REMINDER"
        if (
            at is not None
            and self.row["updated_at"] < at <= until - A_MOMENT
            and clock.state(at + A_MOMENT) is ClockState.RUNNING
            and (name, at) not in self._recorded
        ):
            self._recorded.add((name, at))
            self._of_itself(EventType.ESCALATION_REMINDED, (name, at), {}, clock.due_at)

    def _lapse(
        self,
        event: EventType,
        name: str,
        due_at: datetime,
        change: EscalationChange,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._of_itself(event, (name, due_at), change, due_at, facts)

    def _of_itself(
        self,
        event: EventType,
        deadline: tuple[str, datetime],
        change: Mapping[str, Any],
        due_at: datetime,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        told = {"dueOn": local_day(due_at, self._office.calendar), **(facts or {})}
        at = deadline[1] + A_MOMENT
        self._ledger.change(Escalation, self.row, event, None, at, change, told, deadline=deadline)

    # ---- how --------------------------------------------------------------------------------------------------------

    def _order(self, viewer: Viewer, at: datetime, instruction: Instruction | None) -> TaskLife:
        today = self._scene.hours.day_of(at)
        new = decision_rules.ordered(instruction, today)
        assert new.due_on is not None
        plan = self._plans.get((self.respondent.id, new.due_on.year))
        task = TaskLife(self._ledger, self.respondent, None if plan is None or plan.created_at >= at else plan)
        task.order(viewer, at, today, new, None)
        return task

    def _link(self, at: datetime, following: Following | None) -> None:
        """In the wake of the event that told to order it."""
        if following is not None:
            self._change(EventType.ESCALATION_FOLLOW_UP_ORDERED, None, at, {}, self._told(following))

    def _follow(self, at: datetime, columns: Mapping[str, Any], task: TaskLife | None) -> Following:
        row = self._ledger.part(FollowUp, at, **columns, created_at=at)
        following = Following(row, task)
        self.following.append(following)
        return following

    def _follow_up_facts(self, following: Following) -> FollowUpFacts:
        names = ("id", "is_referral", "task_id", "closed_at", "objectable_from", "objection_due_at", "objected_at")
        columns = {name: following.row[name] for name in names}
        status = None if following.task is None else following.task.status
        return FollowUpFacts(**columns, case=self.facts(), task_status=status)

    def _told(self, following: Following) -> dict[str, Any]:
        return {"followUpId": encode("followup", following.row["id"]), "text": following.row["text"]}

    def _close_if_nothing_is_open(
        self, at: datetime, viewer: Viewer | None, deadline: tuple[str, datetime] | None = None
    ) -> None:
        still_open = sum(each.row["closed_at"] is None for each in self.following)
        moment = at if deadline is None else deadline[1]
        change = follow_up_rules.close_escalation(self.facts(), still_open, moment)
        if change:
            event = EventType.ESCALATION_CLOSED
            self._ledger.change(Escalation, self.row, event, viewer, at, change, deadline=deadline)

    def _change(
        self,
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        change: EscalationChange,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._ledger.change(Escalation, self.row, event, viewer, at, change, facts)
