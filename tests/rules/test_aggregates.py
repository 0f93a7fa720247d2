"""Declarations: what lacks something, or contradicts another, is refused at the start with what to write where."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from enum import StrEnum
from types import ModuleType
from typing import Any

import pytest

from server import models
from server import schema as schema_
from server.models.declared import check_tables
from server.rules.aggregate import Aggregate, Part, Verb
from server.rules.aggregates import AGGREGATES, DECLARED, REFERENCES, VERBS, Undeclared, check, declared, offered_on
from server.rules.event import EventType
from server.rules.programme import PROGRAMME
from server.rules.visibility import DRAFTS, EVERYONE
from server.schema import rows
from server.schema import task as schema_task
from server.schema.declared import check_modules, check_schema
from server.schema.enums import described


class ParadeStatus(StrEnum):
    PLANNED = "PLANNED"
    HELD = "HELD"


def may_hold(viewer: Any, parade: Any, today: Any) -> None: ...


PARADE = Aggregate[Any](
    name="Parade",
    table="parade",
    prefix="parade",
    visibility=EVERYONE,
    states=ParadeStatus,
    moves={"holdParade": {"PLANNED": "HELD"}},
    verbs={"holdParade": Verb(may_hold, EventType.TASK_STARTED)},
)
WRONG: dict[str, tuple[Callable[[], Part[Any]], str]] = {
    "no table": (lambda: replace(PARADE, table=None), "an aggregate has a table: name it"),
    "no prefix": (lambda: replace(PARADE, prefix=None), 'its table "parade" has no prefix for its ids'),
    "nobody sees it": (
        lambda: replace(PARADE, visibility=None),
        'who sees the rows of "parade"? Give it a visibility',
    ),
    "no event": (lambda: replace(PARADE, verbs={"holdParade": Verb(may_hold)}), "the verb holdParade has no event"),
    "an unknown verb": (lambda: replace(PARADE, verbs={}), "its moves name holdParade, which no module of"),
    "an unknown state": (
        lambda: replace(PARADE, moves={"holdParade": {"PLANNED": "DONE"}}),
        "its moves name the state DONE, which is none of its states",
    ),
    "a verb without a move": (
        lambda: replace(PARADE, verbs={**PARADE.verbs, "moveParade": Verb(may_hold, EventType.TASK_MOVED)}),
        "in which states is moveParade allowed? Say it in its moves",
    ),
    "a verb of another": (
        lambda: replace(PARADE, verbs={**PARADE.verbs, "startTask": Verb(may_hold, EventType.TASK_STARTED)}),
        "the verb startTask is declared twice",
    ),
    "a name of another": (lambda: replace(PARADE, name="Task"), 'the name "Task" is taken in server/rules/task.py'),
    "a table of another": (lambda: replace(PARADE, table="task"), 'the table "task" is taken in server/rules/task.py'),
    "a prefix of another": (lambda: replace(PARADE, prefix="task"), 'the prefix "task" is taken in'),
}


def test_what_is_declared_well_is_taken() -> None:
    check((*DECLARED, ("server/rules/parade.py", PARADE)))


@pytest.mark.parametrize("wrong", WRONG)
def test_a_declaration_that_cannot_be_is_refused_with_what_to_write_where(wrong: str) -> None:
    make, says = WRONG[wrong]
    with pytest.raises(Undeclared) as told:
        check((*DECLARED, ("server/rules/parade.py", make())))
    assert str(told.value).startswith("server/rules/parade.py: ")
    assert says in str(told.value)


def test_an_event_that_nothing_leaves_is_refused() -> None:
    without = tuple((place, replace(each, of_itself=())) for place, each in DECLARED)
    with pytest.raises(Undeclared, match=r"nothing leaves \w+\. Name it in the verb that does, or in of_itself"):
        check(without)


IN_TABLES: dict[str, tuple[Part[Any], str]] = {
    "no model": (PARADE, 'no model has its table "parade". Write `class Parade` with it in server/models'),
    "no column": (
        replace(PROGRAMME, visibility=DRAFTS),
        "Programme has no column draft_of_id, by which its visibility in server/rules/x.py goes",
    ),
    "no states": (replace(PROGRAMME, states=ParadeStatus), "Programme has no column of ParadeStatus, its states in"),
    "no subject": (
        Aggregate[Any](name="Comment", table="comment", prefix="comment", visibility=EVERYONE),
        "Comment is declared as an aggregate in server/rules/x.py: derive it from Subject",
    ),
}


@pytest.mark.parametrize("wrong", IN_TABLES)
def test_a_declaration_that_contradicts_its_table_is_refused(wrong: str) -> None:
    part, says = IN_TABLES[wrong]
    with pytest.raises(Undeclared) as told:
        check_tables(models.__all__, vars(models), [("server/rules/x.py", part)])
    assert says in str(told.value)


def test_a_model_that_is_named_and_not_imported_is_refused() -> None:
    with pytest.raises(
        Undeclared, match=r"server/models/__init__\.py names Parade in __all__: import it there as well"
    ):
        check_tables(["Parade"], vars(models))


def test_a_verb_without_a_mutation_and_a_mutation_without_a_verb_are_refused() -> None:
    with pytest.raises(Undeclared, match="The mutation holdParade is no verb: declare it with its aggregate"):
        check_schema([*VERBS, "holdParade"], rows)
    with pytest.raises(Undeclared, match="The verb startTask has no mutation: add it to `mutations`"):
        check_schema([verb for verb in VERBS if verb != "startTask"], rows)


def test_a_module_of_the_schema_that_is_not_listed_is_refused() -> None:
    with pytest.raises(Undeclared, match=r"server/schema/task\.py has queries that nobody finds: name"):
        check_modules({"queries": [each for each in schema_.AGGREGATES if each is not schema_task]})


def test_a_state_without_a_label_is_refused() -> None:
    with pytest.raises(Undeclared, match=r"x\.py: the state ParadeStatus.PLANNED has no label: add .* to .*/id\.toml"):
        check_schema([*VERBS], rows, [("server/rules/x.py", PARADE)])


def test_a_type_that_is_named_otherwise_than_declared_is_refused() -> None:
    (task,) = (copy(row) for row in rows if row.name == "Task")
    task.name = "Job"
    with pytest.raises(Undeclared, match='The type Job is read from "task", the table of Task: name it so'):
        check_schema([*VERBS], [task])


def test_a_declaration_is_found_in_its_own_module_and_not_where_it_was_imported() -> None:
    home, other = ModuleType("server.rules.parade"), ModuleType("server.rules.agenda")
    home.__annotations__ = {"PARADE": "Final"}
    other.__annotations__ = {}
    vars(home)["PARADE"] = vars(other)["PARADE"] = PARADE
    assert declared([other, home]) == declared([home, other]) == (("server/rules/parade.py", PARADE),)
    assert dict(DECLARED)["server/rules/task.py"].name in ("Task", "ChecklistItem")


def test_a_value_without_a_description_is_refused() -> None:
    with pytest.raises(TypeError, match="ParadeStatus: describe its value HELD, where `described` is called"):
        described(ParadeStatus, "Where a parade stands.", PLANNED="To come.")
    with pytest.raises(TypeError, match="ParadeStatus: it has no value MOVED"):
        described(ParadeStatus, "Where a parade stands.", PLANNED="To come.", HELD="Over.", MOVED="Elsewhere.")


def test_what_is_done_to_something_is_offered_on_it_or_where_it_would_be_made() -> None:
    offered = {verb for _, each in DECLARED for verb in offered_on(each.name)} | {*offered_on("Viewer")}
    of_many = {verb for _, each in DECLARED for verb in each.many}  # what is said of the one holds for each row
    assert offered == {*VERBS} - of_many
    assert {"createTask", "createWorkPlan", "appoint"} < {*offered_on("Organisation")}


def test_a_name_says_whose_id_it_is() -> None:
    assert REFERENCES["assignee"] == ("acct",)
    assert set(REFERENCES["about"]) == {"target", "task"}
    assert all(each.table in REFERENCES for each in AGGREGATES)
