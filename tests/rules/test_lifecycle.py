"""Every row of every lifecycle table, allowed and refused."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from server.rules import (
    amendment,
    collaboration,
    comment,
    decision,
    escalation,
    follow_up,
    lifecycle,
    target,
    task,
    work_plan,
)
from server.rules.collaboration import CollaborationStatus
from server.rules.escalation import EscalationStatus
from server.rules.refusal import Code
from server.rules.target import AmendmentStatus
from server.rules.task import TaskStatus
from server.rules.work_plan import WorkPlanStatus
from tests.rules.known import refusal

TABLES: list[tuple[lifecycle.Table, type[StrEnum]]] = [
    (lifecycle.WORK_PLAN, WorkPlanStatus),
    (lifecycle.TASK, TaskStatus),
    (lifecycle.AMENDMENT, AmendmentStatus),
    (lifecycle.COLLABORATION, CollaborationStatus),
    (lifecycle.ESCALATION, EscalationStatus),
]
ROWS = [
    pytest.param(table, status, verb, id=f"{status.name}-{verb}")
    for table, statuses in TABLES
    for status, verb in product(statuses, table)
]

# DESIGN §2, written out once more and compared with the tables: every move that changes a state.
PLAN_MOVES = {
    ("DRAFT", "SUBMITTED"), ("RETURNED", "SUBMITTED"), ("SUBMITTED", "DRAFT"), ("SUBMITTED", "RETURNED"),
    ("SUBMITTED", "APPROVED"), ("APPROVED", "CLOSED"), ("CLOSED", "APPROVED"),
}  # fmt: skip
TASK_MOVES = {
    ("PLANNED", "IN_PROGRESS"), ("PLANNED", "BLOCKED"), ("IN_PROGRESS", "BLOCKED"), ("BLOCKED", "IN_PROGRESS"),
    ("IN_PROGRESS", "DONE"), ("PLANNED", "CANCELLED"), ("IN_PROGRESS", "CANCELLED"), ("BLOCKED", "CANCELLED"),
    ("DONE", "IN_PROGRESS"), ("CANCELLED", "IN_PROGRESS"),
}  # fmt: skip
AMENDMENT_MOVES = {("PROPOSED", "APPROVED"), ("PROPOSED", "RETURNED"), ("PROPOSED", "WITHDRAWN")}
COLLABORATION_MOVES = {
    ("OPEN", "ACCEPTED"), ("OPEN", "DECLINED"), ("OPEN", "COUNTERED"), ("COUNTERED", "ACCEPTED"), ("COUNTERED", "OPEN"),
    ("DECLINED", "ACCEPTED"), ("ACCEPTED", "DELIVERED"), ("DELIVERED", "CONFIRMED"), ("DELIVERED", "DISPUTED"),
    ("DISPUTED", "ACCEPTED"), ("DISPUTED", "CONFIRMED"),
    ("OPEN", "WITHDRAWN"), ("COUNTERED", "WITHDRAWN"), ("ACCEPTED", "WITHDRAWN"), ("DISPUTED", "WITHDRAWN"),
}  # fmt: skip
ESCALATION_MOVES = {
    ("FILED", "REPLIED"), ("FILED", "REPLY_LAPSED"), ("REPLY_LAPSED", "REPLIED"),
    ("REPLIED", "MEDIATION"), ("REPLY_LAPSED", "MEDIATION"), ("MEDIATION", "REPLIED"), ("MEDIATION", "REPLY_LAPSED"),
    ("REPLIED", "DECIDED"), ("REPLY_LAPSED", "DECIDED"), ("MEDIATION", "DECIDED"), ("FILED", "DECIDED"),
    ("DECIDED", "CLOSED"), ("CLOSED", "DECIDED"),
    ("FILED", "WITHDRAWN"), ("REPLIED", "WITHDRAWN"), ("REPLY_LAPSED", "WITHDRAWN"), ("MEDIATION", "WITHDRAWN"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "status", "verb"), ROWS)
def test_a_verb_moves_as_the_table_says_and_is_refused_elsewhere(
    table: lifecycle.Table, status: StrEnum, verb: str
) -> None:
    if status in table[verb]:
        moved = lifecycle.move(table, status, verb)
        assert moved == table[verb][status]
        assert type(moved) is type(status)
        return
    told = refusal(lifecycle.move, table, status, verb)
    assert told.code is Code.MOVE_NOT_ALLOWED
    assert told.facts["from_"] is status
    assert told.facts["to"] in table[verb].values()
    assert told.facts["allowed"] == [*map(type(status), lifecycle.reachable(table, status))]


@pytest.mark.parametrize(
    ("table", "moves"),
    [
        (lifecycle.WORK_PLAN, PLAN_MOVES),
        (lifecycle.TASK, TASK_MOVES),
        (lifecycle.AMENDMENT, AMENDMENT_MOVES),
        (lifecycle.COLLABORATION, COLLABORATION_MOVES),
        (lifecycle.ESCALATION, ESCALATION_MOVES),
    ],
)
def test_the_tables_know_the_moves_of_the_design_and_no_other(
    table: lifecycle.Table, moves: set[tuple[str, str]]
) -> None:
    known = {(from_, to) for leads_to in table.values() for from_, to in leads_to.items() if from_ and from_ != to}
    assert known == moves


@pytest.mark.parametrize(("table", "statuses"), TABLES)
def test_the_tables_name_only_states_that_there_are(table: lifecycle.Table, statuses: type[StrEnum]) -> None:
    named = {state for leads_to in table.values() for pair in leads_to.items() for state in pair}
    assert named - {None} == {status.name for status in statuses}


def test_every_verb_with_a_state_is_in_a_table() -> None:
    assert {*work_plan.VERBS, *work_plan.ORGANISATION_VERBS} == set(lifecycle.WORK_PLAN)
    assert {*task.VERBS, *task.ORGANISATION_VERBS, *comment.VERBS} == set(lifecycle.TASK)
    assert set(amendment.VERBS) < set(lifecycle.AMENDMENT)
    by_people = {verb for verb in lifecycle.COLLABORATION if verb not in lifecycle.OF_ITSELF}
    assert {*collaboration.VERBS, *collaboration.ORGANISATION_VERBS} == by_people
    by_people = {verb.partition(",")[0] for verb in lifecycle.ESCALATION if verb not in lifecycle.OF_ITSELF}
    known = {*escalation.VERBS, *escalation.REQUEST_VERBS, *decision.VERBS, *follow_up.VERBS}
    assert {*known, *follow_up.ESCALATION_VERBS} == by_people
    assert set(lifecycle.AMENDMENT) - set(amendment.VERBS) <= {*target.VERBS, *target.WORK_PLAN_VERBS}


def test_the_page_of_states_is_fresh() -> None:
    page = Path(__file__).parents[2] / "docs" / "states.md"
    assert page.read_text("utf-8") == lifecycle.as_markdown(), "run: python -m server.rules.lifecycle > docs/states.md"
