"""A work plan's life told by its verbs, and where it stood at any moment of it."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from server.demo.ledger import Columns, Ledger
from server.demo.staff import Crew
from server.models import WorkPlan
from server.rules import work_plan as rules
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.organisation import OrganisationEnd
from server.rules.task_content import PlanPlace
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanInFull, WorkPlanStatus


class PlanLife:
    """One plan; every method is the verb of that name, done by a viewer at a moment, as `actions` would do it."""

    def __init__(self, ledger: Ledger, city: CityFacts, crew: Crew, year: int) -> None:
        self.crew, self.year = crew, year
        self._ledger, self._city = ledger, city
        self._moments: list[datetime] = []
        self._states: list[WorkPlanStatus] = []
        self.row: Columns = {}
        self.target_count = 0
        self.submitted: tuple[datetime, Viewer] | None = None  # for the first time, by whom

    @property
    def status(self) -> WorkPlanStatus:
        return self._states[-1]

    @property
    def created_at(self) -> datetime:
        return self._moments[0]

    def status_at(self, at: datetime) -> WorkPlanStatus:
        """Where it stood at a moment of its life."""
        return self._states[bisect_right(self._moments, at) - 1]

    def moment_of(self, status: WorkPlanStatus) -> datetime | None:
        """When it first came to stand there."""
        return next((at for at, state in zip(self._moments, self._states, strict=True) if state is status), None)

    def place_at(self, at: datetime) -> PlanPlace:
        """It as a place for tasks at a moment: a draft until it is first submitted."""
        is_draft = self.submitted is None or at < self.submitted[0]
        return PlanPlace(
            id=self.row["id"],
            organisation_id=self.crew.id,
            status=self.status_at(at),
            draft_of_id=self.crew.id if is_draft else None,
        )

    def facts(self) -> WorkPlanInFull:
        """As it stands now."""
        city = self._city
        return WorkPlanInFull(
            id=self.row["id"],
            organisation_id=self.crew.id,
            year=self.year,
            status=self.row["status"],
            target_count=self.target_count,
            closable_at=rules.closable_at(self.year, city.report_working_days, city.calendar),
            archived_at=None,
            organisation=OrganisationEnd(),
            is_year_taken=False,
            draft_of_id=self.row["draft_of_id"],
            title=self.row["title"],
            needs_evidence=self.row["needs_evidence"],
        )

    def create(self, viewer: Viewer, at: datetime, today: date, title: str, needs_evidence: bool) -> None:
        columns = rules.create_work_plan(viewer, self.crew.facts, self.year, title, needs_evidence, False, today)
        facts = {"organisation": self.crew.facts.short_name, "year": self.year}
        self.row = self._ledger.create(WorkPlan, EventType.WORK_PLAN_CREATED, viewer, at, columns, facts)
        self._stand(at)

    def submit(self, viewer: Viewer, at: datetime, today: date) -> None:
        """The caller publishes targets and tasks when it is the first time."""
        change = rules.submit_work_plan(viewer, self.facts(), today, at)
        self._change(EventType.WORK_PLAN_SUBMITTED, viewer, at, change)
        self.submitted = self.submitted or (at, viewer)

    def return_(self, viewer: Viewer, at: datetime, today: date, note: str) -> None:
        change = rules.return_work_plan(viewer, self.facts(), note, today)
        self._change(EventType.WORK_PLAN_RETURNED, viewer, at, change, {"note": note})

    def approve(self, viewer: Viewer, at: datetime, today: date) -> None:
        change = rules.approve_work_plan(viewer, self.facts(), today, at)
        self._change(EventType.WORK_PLAN_APPROVED, viewer, at, change)

    def close(self, viewer: Viewer, at: datetime, today: date) -> None:
        """When no task is open any more."""
        said = rules.Remaining(settlement=rules.Settlement.CARRY_OVER, exceptions={})
        change, why = rules.close_work_plan(viewer, self.facts(), (), said, today, at)
        told: dict[str, Any] = {"remaining": said.settlement, "settlements": {}, "reason": why}
        self._change(EventType.WORK_PLAN_CLOSED, viewer, at, change, told)

    def _change(
        self,
        event: EventType,
        viewer: Viewer,
        at: datetime,
        change: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._ledger.change(WorkPlan, self.row, event, viewer, at, change, facts)
        self._stand(at)

    def _stand(self, at: datetime) -> None:
        self._moments.append(at)
        self._states.append(self.row["status"])
