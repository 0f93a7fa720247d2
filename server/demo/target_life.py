"""A target's life told by its verbs: made in a draft, published with its plan, measured and sometimes amended."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.actions.rows import logged
from server.demo.ledger import Columns, Ledger
from server.demo.plan_life import PlanLife
from server.demo.staff import Member
from server.ids import encode
from server.models import Amendment, Measurement, Target, TargetOwner
from server.rules import amendment, measurement, target_content
from server.rules.achievement import state_of
from server.rules.amendment import AmendmentFacts, AmendmentPatch
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.measurement import MeasurementFacts, NewMeasurement
from server.rules.organisation import OrganisationEnd
from server.rules.target import AmendmentKind, AmendmentStatus, TargetChange, TargetInFull, milestones
from server.rules.target_content import NewTarget
from server.rules.task_content import TargetPlace
from server.rules.trajectory import Reading, TargetValues
from server.rules.viewer import Capacity, Viewer
from server.rules.workdays import local_day


class TargetLife:
    """One target; every method is the verb of that name, done by a viewer at a moment, as `actions` would do it."""

    def __init__(self, ledger: Ledger, city: CityFacts, plan: PlanLife) -> None:
        self._ledger, self._city, self.plan = ledger, city, plan
        self._readings: dict[UUID, Reading] = {}
        self._amendment: Columns | None = None
        self._proposed: TargetChange = {}
        self.row: Columns = {}

    @property
    def place(self) -> TargetPlace:
        return TargetPlace(id=self.row["id"], work_plan_id=self.row["work_plan_id"], owner_id=self.row["owner_id"])

    def create(
        self,
        viewer: Viewer,
        at: datetime,
        today: date,
        new: NewTarget,
        responsible: Member | None,
        programme_id: UUID | None,
    ) -> None:
        person = None if responsible is None else responsible.facts
        formula = self._city.target_formula
        columns, _ = target_content.create_target(viewer, self.plan.facts(), new, person, today, formula)
        made = {**columns, "programme_id": programme_id, "counts_from": None, "untold_due_on": []}
        self.row = self._ledger.create(Target, EventType.TARGET_CREATED, viewer, at, {**made, **self._counted(made)})
        self._ledger.part(
            TargetOwner,
            at,
            target_id=self.row["id"],
            organisation_id=self.row["owner_id"],
            valid_from=date(self.plan.year, 1, 1),
        )
        self.plan.target_count += 1

    def publish(self, viewer: Viewer, at: datetime) -> None:
        """Its plan is submitted for the first time."""
        self._change(EventType.TARGET_PUBLISHED, viewer, at, {"draft_of_id": None})

    def count(self, viewer: Viewer, at: datetime, today: date) -> None:
        """Its plan is approved: from now on it owes reports."""
        self._recount(viewer, at, {"counts_from": today})

    def settle(self, viewer: Viewer, at: datetime) -> None:
        """Its plan is closed."""
        self._recount(viewer, at, {})

    def _recount(self, viewer: Viewer, at: datetime, change: Mapping[str, Any]) -> None:
        derived = self._derived(change)
        if any(self.row[name] != value for name, value in derived.items()):
            due_on = derived["report_due_on"]
            told = {} if due_on is None else {"dueOn": due_on}
            self._change(EventType.TARGET_REPORTS_CHANGED, viewer, at, derived, told)

    def record(self, viewer: Viewer, at: datetime, today: date, new: NewMeasurement) -> Columns:
        """The new reading's row."""
        columns = measurement.record_measurement(viewer, self._facts(at), new, today)
        part = self._reading(viewer, at, columns)
        self._change(EventType.TARGET_MEASURED, viewer, at, self._derived({}), self._told(part))
        return part

    def supersede(self, viewer: Viewer, at: datetime, today: date, wrong: Columns, new: NewMeasurement) -> None:
        facts_of_wrong = MeasurementFacts(target=self._facts(at), superseded_by_id=wrong["superseded_by_id"])
        columns = measurement.supersede_measurement(viewer, facts_of_wrong, new, today)
        part = self._reading(viewer, at, columns, supersedes_id=wrong["id"])
        wrong["superseded_by_id"] = part["id"]
        del self._readings[wrong["id"]]
        facts = {**self._told(part), "supersededId": encode("meas", wrong["id"])}
        self._change(EventType.TARGET_MEASUREMENT_SUPERSEDED, viewer, at, self._derived({}), facts)

    def amend(self, viewer: Viewer, at: datetime, today: date, patch: AmendmentPatch, reason: str) -> None:
        """Prepared by somebody of the staff."""
        proposal = amendment.amend_target(viewer, self._facts(at), patch, reason, today)
        columns = {
            "target_id": self.row["id"],
            "kind": proposal.kind,
            "status": AmendmentStatus.PREPARED,
            "reason": proposal.reason,
            "changes": logged(proposal.changes),
            "before": logged(proposal.before),
            "draft_of_id": self.row["owner_id"],
            "prepared_by_id": viewer.account_id,
        }
        told = {
            "label": self.row["indicator"],
            "targetId": encode("target", self.row["id"]),
            "reason": proposal.reason,
            "proposal": columns["changes"],
        }
        row = self._ledger.create(Amendment, EventType.TARGET_AMENDMENT_PREPARED, viewer, at, columns, told)
        self._amendment, self._proposed = row, proposal.changes

    def sign_amendment(self, viewer: Viewer, at: datetime, today: date) -> None:
        row = self._open_amendment()
        signed, change = amendment.sign_amendment(viewer, self._amendment_facts(row, at), today, at)
        row.update(signed)
        facts = {"amendmentId": encode("amend", row["id"]), "reason": row["reason"], "proposal": row["changes"]}
        self._change(EventType.TARGET_AMENDMENT_PROPOSED, viewer, at, change, facts)

    def approve_amendment(self, viewer: Viewer, at: datetime, today: date) -> None:
        row = self._open_amendment()
        facts = self._amendment_facts(row, at)
        decided, change = amendment.approve_amendment(viewer, facts, self._proposed, None, today, at)
        self._decide(EventType.TARGET_AMENDMENT_APPROVED, viewer, at, row, decided, self._derived(change))

    def return_amendment(self, viewer: Viewer, at: datetime, today: date, note: str) -> None:
        row = self._open_amendment()
        facts = self._amendment_facts(row, at)
        decided, change = amendment.return_amendment(viewer, facts, note, today, at)
        self._decide(EventType.TARGET_AMENDMENT_RETURNED, viewer, at, row, decided, change)

    def _decide(
        self,
        event: EventType,
        viewer: Viewer,
        at: datetime,
        row: Columns,
        decided: Mapping[str, Any],
        change: Mapping[str, Any],
    ) -> None:
        row.update(decided)
        self._amendment = None
        self._change(event, viewer, at, change, {"amendmentId": encode("amend", row["id"]), "note": decided["note"]})

    def _reading(
        self, viewer: Viewer, at: datetime, columns: Mapping[str, Any], supersedes_id: UUID | None = None
    ) -> Columns:
        part = self._ledger.part(
            Measurement,
            at,
            **columns,
            target_id=self.row["id"],
            owner_id=self.row["owner_id"],
            recorded_by_id=viewer.account_id,
            recorded_at=at,
            supersedes_id=supersedes_id,
        )
        self._readings[part["id"]] = Reading(part["measured_on"], part["value"])
        return part

    def _told(self, part: Columns) -> dict[str, Any]:
        return {
            "measurementId": encode("meas", part["id"]),
            "value": part["value"],
            "unit": self.row["unit"],
            "measuredOn": part["measured_on"],
        }

    def _derived(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """The change together with what follows from it and the readings."""
        return {**change, **self._counted({**self.row, **change})}

    def _counted(self, row: Columns) -> Mapping[str, Any]:
        """What is kept of a target with these columns."""
        closed_at = self.plan.row["closed_at"]
        values = TargetValues(
            year=self.plan.year,
            direction=row["direction"],
            roll_up=row["roll_up"],
            formula=row["formula"],
            target_value=row["target_value"],
            due_on=row["due_on"],
            target_value_to=row["target_value_to"],
            baseline=row["baseline"],
            milestones=milestones(row["milestones"]),
            counts_from=row["counts_from"],
            closed_on=None if closed_at is None else local_day(closed_at, self._city.calendar),
        )
        return state_of(values, list(self._readings.values()), self._city, row["untold_due_on"])

    def _change(
        self,
        event: EventType,
        viewer: Viewer,
        at: datetime,
        change: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._ledger.change(Target, self.row, event, viewer, at, change, facts)

    def _facts(self, at: datetime) -> TargetInFull:
        row = self.row
        return TargetInFull(
            id=row["id"],
            owner_id=row["owner_id"],
            is_proposed=row["is_proposed"],
            archived_at=row["archived_at"],
            has_open_amendment=self._amendment is not None,
            plan_status=self.plan.status_at(at),
            plan_year=self.plan.year,
            plan_archived_at=None,
            owner=OrganisationEnd(),
            indicator=row["indicator"],
            unit=row["unit"],
            direction=row["direction"],
            roll_up=row["roll_up"],
            formula=row["formula"],
            baseline=row["baseline"],
            target_value=row["target_value"],
            target_value_to=row["target_value_to"],
            due_on=row["due_on"],
            milestones=milestones(row["milestones"]),
            last_measured_on=row["last_measured_on"],
            draft_of_id=row["draft_of_id"],
        )

    def _open_amendment(self) -> Columns:
        assert self._amendment is not None
        return self._amendment

    def _amendment_facts(self, row: Columns, at: datetime) -> AmendmentFacts:
        owner_id = self.row["owner_id"]
        return AmendmentFacts(
            kind=AmendmentKind(row["kind"]),
            status=AmendmentStatus(row["status"]),
            prepared_by_id=row["prepared_by_id"],
            proposed_by_id=row["proposed_by_id"],
            accepted_by_id=None,
            receiver_id=None,
            has_head=self.plan.crew.head.viewer.capacity_in(owner_id) is Capacity.DEFINITIVE,
            has_receiving_head=False,
            receiver_ends_on=None,
            owner_id=owner_id,
            draft_of_id=self.row["draft_of_id"],
            plan_organisation_id=self.plan.crew.id,
            plan_status=self.plan.status_at(at),
        )
