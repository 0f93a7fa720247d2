"""SQL and Python read one visibility alike; nobody learns of a hidden row by a count, a filter or an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.query.compile.scope import scope
from server.query.compile.statement import Run, Statement
from server.query.run.engine import Engine
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.visibility import (
    All,
    Equals,
    Everyone,
    IsNotViewers,
    IsNull,
    IsViewers,
    Through,
    ViewerIs,
    Visibility,
    holds,
    related,
)
from tests.engine.query.example import VISIBILITIES
from tests.engine.query.rows import Library, Rows, make_rows

ROWS: Rows = make_rows()
ACCOUNTS = [each["id"] for each in ROWS["account"]]
ORGANISATIONS = [each["id"] for each in ROWS["organisation"]]
some_viewer = st.builds(
    Viewer,
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ORGANISATIONS),
    st.sampled_from(list(Role)),
    st.frozensets(st.tuples(st.sampled_from(ORGANISATIONS), st.sampled_from(list(Capacity))), max_size=2),
    st.booleans(),
    st.booleans(),
    admitted=st.frozensets(st.sampled_from([*ACCOUNTS, *ORGANISATIONS]), max_size=2),
)
FACTS = ["account_id", "organisation_ids", "case_headed_ids", "case_account_ids", "admitted_ids"]
conditions = st.recursive(
    st.one_of(
        st.just(Everyone()),
        st.just(IsNull("audience_id")),
        st.sampled_from(["EVERYONE", "ACCOUNT", "it's"]).map(lambda value: Equals("audience", value)),
        st.sampled_from(FACTS).map(lambda fact: IsViewers("audience_id", fact)),  # type: ignore[arg-type]
        st.sampled_from(FACTS).map(lambda fact: IsNotViewers("audience_id", fact)),  # type: ignore[arg-type]
        st.sampled_from(FACTS).map(lambda fact: IsNotViewers("audience_id", fact, or_null=True)),  # type: ignore[arg-type]
        st.sampled_from(["sees_drafts", "is_admin", "is_office", "handles_cases"]).map(lambda flag: ViewerIs(flag)),  # type: ignore[arg-type]
        st.sampled_from(FACTS).map(lambda fact: Through("actor_id", "account", (IsViewers("organisation_id", fact),))),  # type: ignore[arg-type]
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda each: All(tuple(each))),
    max_leaves=4,
)


async def seen(library: Library, table: str, visibility: Visibility, viewer: Viewer) -> set[UUID]:
    statement = Statement(False)
    condition = scope(visibility, "t", statement, viewer) or "true"
    context = library.context()
    context.asker = viewer
    sql = f"SELECT t.id FROM {table} t WHERE {condition}"
    async with library.pool.connection() as connection:
        rows = await connection.fetch(sql, *statement.values(Run(context, {})))
    return {row["id"] for row in rows}


@pytest.mark.parametrize(("table", "name"), [("task", "DRAFTS"), ("event", "EVENTS"), ("account", "OWN_OR_ADMIN")])
@given(viewer=some_viewer)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_declared_rules_hold_in_sql_as_in_python(library: Library, table: str, name: str, viewer: Viewer) -> None:
    visibility = VISIBILITIES[name]
    expected = {each["id"] for each in library.rows[table] if holds(visibility, viewer, each)}
    assert await seen(library, table, visibility, viewer) == expected


@given(viewer=some_viewer, visibility=st.lists(conditions, max_size=3).map(tuple))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_rule_holds_in_sql_as_in_python(library: Library, viewer: Viewer, visibility: Visibility) -> None:
    accounts = {each["id"]: each for each in library.rows["account"]}
    events = [
        {**each, related("actor_id", "account"): accounts.get(each["actor_id"])} for each in library.rows["event"]
    ]
    expected = {each["id"] for each in events if holds(visibility, viewer, each)}
    assert await seen(library, "event", visibility, viewer) == expected


async def test_viewers_of_two_kinds_are_not_served_by_one_text(engine: Engine, library: Library) -> None:
    source = "{ tasks(includeArchived: true) { totalCount } accounts { nodes { login } } }"
    answers: dict[str, Any] = {}
    for viewer in ("mayor", "observer", "admin", "head", "mayor", "observer"):
        result = await engine.execute(source, None, None, library.context(viewer), may_change=False)
        assert isinstance(result.data, bytes)
        answers.setdefault(viewer, result.data)
        assert answers[viewer] == result.data
    counts = {viewer: orjson.loads(data)["tasks"]["totalCount"] for viewer, data in answers.items()}
    assert counts["mayor"] == len(library.rows["task"]) > max(counts["head"], counts["observer"])
    logins = {
        viewer: [each["login"] for each in orjson.loads(data)["accounts"]["nodes"]] for viewer, data in answers.items()
    }
    assert None not in logins["admin"]
    assert [each for each in logins["observer"] if each] == ["a5"]


async def test_a_hidden_plan_is_found_by_no_filter_and_sorts_as_null(engine: Engine, library: Library) -> None:
    hidden = next(each for each in library.rows["work_plan"] if each["draft_of_id"])
    source = """query ($title: String!) {
        found: workPlans(filter: {title: {eq: $title}}, includeArchived: true) { totalCount }
        tasks: tasks(filter: {workPlan: {title: {eq: $title}}}, includeArchived: true) { totalCount }
        not: tasks(filter: {not: {workPlan: {title: {eq: $title}}}}, includeArchived: true) { totalCount }
        all: tasks(includeArchived: true) { totalCount } }"""
    result = await engine.execute(
        source, {"title": hidden["title"]}, None, library.context("observer"), may_change=False
    )
    assert isinstance(result.data, bytes)
    counts = {key: each["totalCount"] for key, each in orjson.loads(result.data).items()}
    assert counts["found"] == counts["tasks"] == 0
    assert counts["not"] == counts["all"]


async def test_a_masked_column_cannot_be_guessed_by_a_filter(engine: Engine, library: Library) -> None:
    source = """{ a: accounts(filter: {login: {eq: "a0"}}) { totalCount }
        b: accounts(filter: {login: {neq: "a0"}}) { totalCount } }"""
    result = await engine.execute(source, None, None, library.context("observer"), may_change=False)
    assert isinstance(result.data, bytes)
    answer = orjson.loads(result.data)
    assert (answer["a"]["totalCount"], answer["b"]["totalCount"]) == (0, len(library.rows["account"]))
