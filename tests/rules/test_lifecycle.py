"""Every row of every lifecycle table, allowed and refused."""

from __future__ import annotations

import os
from enum import StrEnum
from itertools import product
from pathlib import Path

import pytest

from server.rules import lifecycle
from server.rules.aggregates import DECLARED, as_markdown, lifecycles
from server.rules.refusal import Code
from tests.rules.known import refusal

LIFECYCLES = lifecycles()
ROWS = [
    pytest.param(each.moves, status, verb, id=f"{status.name}-{verb}")
    for each in LIFECYCLES.values()
    for status, verb in product(each.states or (), each.moves)
]

# Every move that changes a state, written out once more and compared with the tables of rules/lifecycle.py. A small
# table that stands in its own declaration is read at a glance.
PLAN_MOVES = {
    ("DRAFT", "SUBMITTED"), ("RETURNED", "SUBMITTED"), ("SUBMITTED", "DRAFT"), ("SUBMITTED", "RETURNED"),
    ("SUBMITTED", "APPROVED"), ("APPROVED", "CLOSED"), ("CLOSED", "APPROVED"),
}  # fmt: skip
TASK_MOVES = {
    ("PLANNED", "IN_PROGRESS"), ("PLANNED", "BLOCKED"), ("IN_PROGRESS", "BLOCKED"), ("BLOCKED", "IN_PROGRESS"),
    ("IN_PROGRESS", "DONE"), ("PLANNED", "CANCELLED"), ("IN_PROGRESS", "CANCELLED"), ("BLOCKED", "CANCELLED"),
    ("DONE", "IN_PROGRESS"), ("CANCELLED", "IN_PROGRESS"),
}  # fmt: skip
AMENDMENT_MOVES = {
    ("PREPARED", "PROPOSED"), ("PROPOSED", "ACCEPTED"), ("PROPOSED", "REFUSED"),
    ("PROPOSED", "APPROVED"), ("ACCEPTED", "APPROVED"), ("PROPOSED", "RETURNED"), ("ACCEPTED", "RETURNED"),
    ("PREPARED", "WITHDRAWN"), ("PROPOSED", "WITHDRAWN"), ("ACCEPTED", "WITHDRAWN"),
}  # fmt: skip
COLLABORATION_MOVES = {
    ("OPEN", "ACCEPTED"), ("OPEN", "DECLINED"), ("OPEN", "COUNTERED"), ("COUNTERED", "ACCEPTED"), ("COUNTERED", "OPEN"),
    ("DECLINED", "ACCEPTED"), ("ACCEPTED", "DELIVERED"), ("DELIVERED", "CONFIRMED"), ("DELIVERED", "DISPUTED"),
    ("DISPUTED", "ACCEPTED"), ("DISPUTED", "CONFIRMED"),
    ("OPEN", "WITHDRAWN"), ("COUNTERED", "WITHDRAWN"), ("DECLINED", "WITHDRAWN"), ("ACCEPTED", "WITHDRAWN"),
    ("DISPUTED", "WITHDRAWN"),
}  # fmt: skip
ESCALATION_MOVES = {
    ("FILED", "REPLIED"), ("FILED", "REPLY_LAPSED"), ("REPLY_LAPSED", "REPLIED"),
    ("REPLIED", "MEDIATION"), ("REPLY_LAPSED", "MEDIATION"), ("MEDIATION", "REPLIED"), ("MEDIATION", "REPLY_LAPSED"),
    ("REPLIED", "DECIDED"), ("REPLY_LAPSED", "DECIDED"), ("MEDIATION", "DECIDED"), ("FILED", "DECIDED"),
    ("DECIDED", "CLOSED"), ("CLOSED", "DECIDED"),
    ("FILED", "WITHDRAWN"), ("REPLIED", "WITHDRAWN"), ("REPLY_LAPSED", "WITHDRAWN"), ("MEDIATION", "WITHDRAWN"),
}  # fmt: skip

MOVES = {
    "Work plan": PLAN_MOVES,
    "Task": TASK_MOVES,
    "Amendment": AMENDMENT_MOVES,
    "Request": COLLABORATION_MOVES,
    "Escalation": ESCALATION_MOVES,
}


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


TABLES = [id(each) for each in vars(lifecycle).values()]


@pytest.mark.parametrize("name", [name for name, each in LIFECYCLES.items() if id(each.moves) in TABLES])
def test_the_tables_know_the_moves_of_the_design_and_no_other(name: str) -> None:
    assert name in MOVES, f"write out the moves of {name} in MOVES, from what was decided and not from its table"
    known = {
        (from_, to)
        for leads_to in LIFECYCLES[name].moves.values()
        for from_, to in leads_to.items()
        if from_ and from_ != to
    }
    assert known == MOVES[name]


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_state_is_in_the_table(name: str) -> None:
    """That no other is named there is asked at the start."""
    named = {state for leads_to in LIFECYCLES[name].moves.values() for pair in leads_to.items() for state in pair}
    assert named - {None} == {*LIFECYCLES[name].states.__members__}  # type: ignore[union-attr]


# What is done to a part, or through one, moves what it belongs to.
THROUGH = {"Task": {"Comment"}, "Escalation": {"Decision", "FollowUp"}}


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_verb_of_a_part_stands_in_the_table_of_what_it_belongs_to(name: str) -> None:
    """That its own verbs stand there is asked at the start."""
    parts = [each for _, each in DECLARED if each.name in THROUGH.get(name, set())]
    verbs = {verb for part in parts for verbs in (part.verbs, *part.offered.values()) for verb in verbs}
    assert verbs <= {verb.partition(", ")[0] for verb in LIFECYCLES[name].moves}


@pytest.mark.golden
def test_the_page_of_states_is_fresh() -> None:
    page = Path(__file__).parents[2] / "docs" / "states.md"
    if os.environ.get("GOLDEN") == "write":
        page.write_text(as_markdown(), "utf-8")
    assert page.read_text("utf-8") == as_markdown(), "make golden"
