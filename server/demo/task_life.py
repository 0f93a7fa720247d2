"""A task's life told by its verbs: what the rules allow at each moment, with the events that they leave."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from server.demo.ledger import Columns, Ledger, new_id
from server.demo.plan_life import PlanLife
from server.demo.staff import Crew, Member
from server.ids import encode
from server.models import Comment, Task, TaskDependency
from server.rules import comment as comment_rules
from server.rules import task as rules
from server.rules import task_content as content
from server.rules import task_moves as moves
from server.rules import task_support
from server.rules.event import EventType
from server.rules.organisation import OrganisationEnd, OrganisationFacts
from server.rules.task import TaskChange, TaskStatus
from server.rules.task_content import NewTask, TargetPlace, TaskInFull
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus

A_MOMENT = timedelta(seconds=2)  # after which what follows of itself is noticed

_FACTS = (
    *("id", "organisation_id", "status", "progress", "is_ordered", "needs_evidence", "checklist", "evidence"),
    *("support_asked_at", "support_answer", "archived_at", "title", "description", "priority", "starts_on", "due_on"),
    *("external_id", "work_plan_id", "target_id", "assignee_id", "kelurahan_id", "draft_of_id"),
)


class TaskLife:
    """One task; every method is the verb of that name, done by a viewer at a moment, as `actions` would do it."""

    def __init__(self, ledger: Ledger, crew: Crew, plan: PlanLife | None) -> None:
        self._ledger, self._crew, self._plan = ledger, crew, plan
        self._awaited: PlanLife | None = None  # the plan that it joins once that is approved
        self.is_commitment = False
        self.row: Columns = {}

    @property
    def status(self) -> TaskStatus:
        status: TaskStatus = self.row["status"]
        return status

    def create(
        self,
        viewer: Viewer,
        at: datetime,
        today: date,
        new: NewTask,
        target: TargetPlace | None,
        assignee: Member | None,
        kelurahan: OrganisationFacts | None,
        waits_for: Sequence[UUID],
    ) -> None:
        columns = content.create_task(
            viewer,
            self._crew.facts,
            new,
            today,
            plan=None if self._plan is None else self._plan.place_at(at),
            target=target,
            assignee=None if assignee is None else assignee.facts,
            kelurahan=kelurahan,
            new_item_id=lambda: encode("item", new_id(at)),
        )
        facts = {"waitsForIds": [encode("task", other) for other in waits_for]} if waits_for else {}
        self.row = self._ledger.create(Task, EventType.TASK_CREATED, viewer, at, columns, facts)
        for other in waits_for:
            self._ledger.part(TaskDependency, at, task_id=self.row["id"], waits_for_id=other)

    def order(
        self, viewer: Viewer, at: datetime, today: date, new: NewTask, kelurahan: OrganisationFacts | None
    ) -> None:
        columns = content.order_task(
            viewer,
            self._crew.facts,
            new,
            True,
            today,
            plan=None if self._plan is None else self._plan.place_at(at),
            kelurahan=kelurahan,
            new_item_id=lambda: encode("item", new_id(at)),
        )
        self._stand(columns.get("work_plan_id"))
        self.row = self._ledger.create(Task, EventType.TASK_ORDERED, viewer, at, columns)

    def promise(self, viewer: Viewer, at: datetime, columns: TaskChange) -> None:
        """It becomes a request's commitment; `columns` are those of `collaboration_delivery.commitment`."""
        self._stand(columns["work_plan_id"])
        self.is_commitment = True
        self.row = self._ledger.create(Task, EventType.TASK_CREATED, viewer, at, columns)

    def take_up(self, viewer: Viewer, at: datetime, change: TaskChange, plan: PlanLife | None) -> None:
        """A delivery was disputed: what resuming it changes; `plan` is that of the year of its new date."""
        if "work_plan_id" in change:
            self._plan = plan
            self._stand(change["work_plan_id"])
        self._change(EventType.TASK_REOPENED, viewer, at, change, {"reason": change["status_reason"]})

    def move_promise(self, viewer: Viewer, at: datetime, change: TaskChange, plan: PlanLife | None) -> None:
        """Both sides agreed on another date; `plan` is that of its year."""
        if "work_plan_id" in change:
            self._plan = plan
            self._stand(change["work_plan_id"])
        self._change(EventType.TASK_UPDATED, viewer, at, change)

    def publish(self, viewer: Viewer, at: datetime) -> None:
        """Its plan is submitted for the first time."""
        self._change(EventType.TASK_PUBLISHED, viewer, at, {"draft_of_id": None})

    def assign(self, viewer: Viewer, at: datetime, today: date, assignee: Member) -> None:
        change = content.assign_task(viewer, self.facts(at), assignee.facts, today)
        self._change(EventType.TASK_ASSIGNED, viewer, at, change, {"assignee": assignee.name})

    def update(self, viewer: Viewer, at: datetime, today: date, **patch: Any) -> None:
        change = content.update_task(viewer, self.facts(at), patch, today)  # type: ignore[arg-type]
        self._change(EventType.TASK_UPDATED, viewer, at, change)

    def start(self, viewer: Viewer, at: datetime, today: date) -> None:
        self._change(EventType.TASK_STARTED, viewer, at, moves.start_task(viewer, self.facts(at), today))

    def report(self, viewer: Viewer, at: datetime, today: date, progress: int, note: str | None) -> None:
        change = moves.report_progress(viewer, self.facts(at), progress, today)
        facts = {"progress": progress, "note": note}
        self._change(EventType.TASK_PROGRESS_REPORTED, viewer, at, change, facts)

    def block(self, viewer: Viewer, at: datetime, today: date, reason: str) -> None:
        change = moves.block_task(viewer, self.facts(at), reason, today)
        self._change(EventType.TASK_BLOCKED, viewer, at, change, {"reason": reason})

    def unblock(self, viewer: Viewer, at: datetime, today: date, note: str | None) -> None:
        change = moves.unblock_task(viewer, self.facts(at), today)
        self._change(EventType.TASK_UNBLOCKED, viewer, at, change, {"note": note})

    def ask_for_support(self, viewer: Viewer, at: datetime, today: date, note: str) -> None:
        change = task_support.ask_for_support(viewer, self.facts(at), note, today, at)
        self._change(EventType.TASK_SUPPORT_ASKED, viewer, at, change, {"note": note})

    def tick(self, viewer: Viewer, at: datetime, today: date, number: int) -> None:
        item = self.row["checklist"][number]
        change = content.tick_checklist_item(viewer, self.facts(at), item["id"], True, today)
        facts = {"item": item["text"], "isDone": True}
        self._change(EventType.TASK_CHECKLIST_ITEM_TICKED, viewer, at, change, facts)

    def add_evidence(self, viewer: Viewer, at: datetime, today: date, url: str, title: str) -> None:
        change = content.add_evidence(viewer, self.facts(at), url, title, today)
        self._change(EventType.TASK_EVIDENCE_ADDED, viewer, at, change, {"url": url})

    def comment(self, viewer: Viewer, at: datetime, today: date, body: str) -> None:
        columns = comment_rules.comment_on_task(viewer, self.facts(at), body, today)
        part = self._ledger.part(
            Comment, at, task_id=self.row["id"], author_id=viewer.account_id, text=columns["text"], created_at=at
        )
        self._change(EventType.TASK_COMMENTED, viewer, at, {}, {"commentId": encode("comment", part["id"])})

    def complete(self, viewer: Viewer, at: datetime, today: date, note: str | None) -> None:
        change = moves.complete_task(viewer, self.facts(at), today, at)
        self._change(EventType.TASK_COMPLETED, viewer, at, change, {"note": note})

    def reopen(self, viewer: Viewer, at: datetime, today: date, reason: str) -> None:
        change = moves.reopen_task(viewer, self.facts(at), reason, None, today)
        self._change(EventType.TASK_REOPENED, viewer, at, change, {"reason": reason})

    def cancel(self, viewer: Viewer, at: datetime, today: date, reason: str) -> None:
        change = moves.cancel_task(viewer, self.facts(at), reason, today)
        self._change(EventType.TASK_CANCELLED, viewer, at, change, {"reason": reason})

    def wait(self, until: datetime) -> None:
        """Time passes: it joins the plan of its year once that is approved (background/react.py)."""
        plan = self._awaited
        approved_at = None if plan is None else plan.moment_of(WorkPlanStatus.APPROVED)
        if plan is None or approved_at is None or approved_at >= until or self.status not in rules.OPEN:
            return
        if approved_at > self.row["updated_at"]:
            self._plan, self._awaited = plan, None
            self._change(EventType.TASK_CARRIED_OVER, None, approved_at + A_MOMENT, {"work_plan_id": plan.row["id"]})

    def needs_evidence(self) -> bool:
        """Whether it can be completed with evidence only."""
        return bool(self.row["needs_evidence"] or (self._plan is not None and self._plan.row["needs_evidence"]))

    def _stand(self, work_plan_id: UUID | None) -> None:
        """In its plan, or in none until that is approved."""
        self._awaited = None
        if work_plan_id is None:
            self._awaited, self._plan = self._plan, None

    def _change(
        self,
        event: EventType,
        viewer: Viewer | None,
        at: datetime,
        change: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._ledger.change(Task, self.row, event, viewer, at, change, facts)

    def facts(self, at: datetime) -> TaskInFull:
        plan = self._plan
        return TaskInFull(
            **{name: self.row[name] for name in _FACTS},
            plan_status=None if plan is None else plan.status_at(at),
            plan_needs_evidence=plan is not None and plan.row["needs_evidence"],
            organisation=OrganisationEnd(),
            is_commitment=self.is_commitment,
        )
