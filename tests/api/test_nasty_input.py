"""Every place in every input, with every nasty value of its kind: typed errors, never a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type, is_list_type, is_non_null_type

from tests import inputs
from tests.city import City
from tests.person import Person
from tests.sending import Json, Raw, check, send, verb
from tests.walking import ROOTS

NASTY: dict[str, list[Any]] = {
    "String": ["", "  ", "\x00", "x" * 20_001, "' OR 1=1 --", "\u202e\ufeff\U0001f4a9", 1, Raw('"\\udfff"')],
    "Int": [-1, 0, 2**31 - 1, 2**63, Raw("1e400"), 1.5, "1"],
    "Float": [-1, Raw("1e400"), Raw("NaN"), "1"],
    "Percent": [-1, Raw("1e300"), Raw("1e400"), "1", "NaN"],
    "Boolean": ["true", 1],
    "ID": ["", "x", "task_", "org_01jd", "ORG_" + "7" * 26, "x" * 5_000, "\x00", 0, 2**70],
    "Date": ["1899-12-31", "2201-01-01", "0000-00-00", "10000-01-01", 0, "\x00", "2200-12-31", "1900-01-01"],
    "RelativeDate": ["0000-00-00", "P99999999Y", "\x00", 5, "-P300Y"],
    "RelativeDateTime": [
        "2026-01-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "-P9999999D",
        "\x00",
        5,
    ],
    "DateTime": ["2026-01-01", 5],
    "Decimal": ["NaN", "1e400", "-0", "-99999999999999.9999", Raw("1e400"), "0.00001", "\x00", True, "9" * 5_000],
    "Cursor": ["", "x", "\x00", "é", "A" * 5_000, 5],
}
SHAPES: list[Any] = [None, [], {}, [None], [[]], {"a": 1}]


def places(kind: Any, path: tuple[str | int, ...], depth: int = 3) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each place in an input where a value stands, with values of its kind that are wrong, odd or at a bound."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        inner = (*path, 0) if _is_list(kind) else path
        seen: set[str] = set()  # comparators of one type are one code
        if depth:
            for name, field in named.fields.items():
                below = get_named_type(field.type).name
                if name not in ("and", "or", "not") and below not in seen:
                    seen |= {below} if below.endswith("Filter") else set()
                    yield from places(field.type, (*inner, name), depth - 1)
        values: list[Any] = []
    else:
        assert isinstance(named, GraphQLEnumType) or named.name in NASTY, f"NASTY has no values of {named.name}"
        values = ["TIDAK_ADA", 1] if isinstance(named, GraphQLEnumType) else NASTY[named.name]
        if _is_list(kind):
            values = [*([each] for each in values[:4]), values[:1] * 300]
    for value in [*values, *SHAPES]:
        yield path, value


def _is_list(kind: Any) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


def put(into: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of the input with this value at that place."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return [put(into[0] if into else {}, tuple(rest), value)]
    return {**(into or {}), step: put((into or {}).get(step), tuple(rest), value)}


def actor(city: City, name: str) -> Person:
    """Somebody whom the verb lets further than its first question."""
    if any(word in name for word in ("Organisation", "Programme", "Account", "ppoint", "Password", "signOut")):
        return city.admin
    if name in (
        "approveWorkPlan",
        "returnWorkPlan",
        "closeWorkPlan",
        "reopenWorkPlan",
        "approveAmendment",
        "returnAmendment",
    ):
        return city.bappeda
    if name in OF_GIVER:
        return city.dlh
    return city.mayor if name in ("orderTask", "assignRequest") else city.camat


OF_PROMISED = ("proposeNewDate", "agreeNewDate", "refuseNewDate", "deliverRequest")
OF_GIVER = (
    *("acceptRequest", "declineRequest", "counterRequest", "redirectRequest", "askForInformation"),
    *("proposeNewDate", "deliverRequest"),
)
OF_APPROVED = ("amendTarget", "recordMeasurement", "handOverTarget")  # what is done to a promise that counts


async def subjects(city: City) -> tuple[Json, Json]:
    """Something for each verb to act on, by the names under which inputs take it; and what was promised."""
    approved = await city.approved(city.camat)
    (promised,) = await city.targets_of(approved)
    reading = {"targetId": promised, "value": "5", "measuredOn": city.day(-1)}
    measured = await city.camat.mutate("recordMeasurement", reading, "measurement { id }")
    plan = await city.draft(city.camat, year=2027)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, workPlanId=plan, targetId=target, checklist=["Satu"])
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Kata"})
    query = "query($id: ID!) { task(by: {id: $id}) { checklist { id } comments { nodes { id } } }"
    query += ' programme(by: {code: "KEBERSIHAN"}) { id } organisation(by: {code: "DLH"}) {'
    query += " appointments { nodes { id } } } }"
    found = await city.camat.query(query, id=task)
    there = {"workPlanId": plan, "targetId": target, "taskId": task, "measurementId": measured["measurement"]["id"]}
    there |= {"itemId": found["task"]["checklist"][0]["id"], "commentId": found["task"]["comments"]["nodes"][0]["id"]}
    there |= {"accountId": city.dlh_staff.id, "organisationId": city.dlh.organisation_id}
    there |= {"programmeId": found["programme"]["id"], "requestId": await city.request(city.camat, city.dlh)}
    there |= {"appointmentId": found["organisation"]["appointments"]["nodes"][0]["id"]}
    request = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, request)
    return there, {"targetId": promised, "requestId": request}


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.exhaustive) for part in (1, 2, 3))])
async def test_no_value_anywhere_in_any_verbs_input_makes_a_fault(city: City, part: int) -> None:
    there, promised = await subjects(city)
    sent, faults = 0, []
    for name, kind in list(inputs.mutations().items())[part::4]:
        base = inputs.least(name, **(there | promised if name in (*OF_APPROVED, *OF_PROMISED) else there))
        for path, value in places(kind, ()):
            if path[-1:] == ("dryRun",):
                continue  # it must stay a dry run
            given = put(base, path, value)
            answer = await verb(actor(city, name), name, given)
            if "INTERNAL" in str(answer):
                faults.append((name, path, str(value)[:60]))
            else:
                check(answer, name, path, str(value)[:60])
            sent += 1
    assert not faults
    assert sent > 500
    assert await city.camat.query("{ city { code } }") == {"city": {"code": "12.71"}}


# Roots take the same few kinds of arguments: for each change a quarter of them is enough, as of the verbs.
@pytest.mark.parametrize(
    "root",
    [
        root if number % 4 == 0 else pytest.param(root, marks=pytest.mark.exhaustive)
        for number, root in enumerate(ROOTS)
    ],
)
async def test_no_value_of_any_argument_of_any_root_makes_a_fault(city: City, root: str) -> None:
    await city.approved(city.camat)
    field = ROOTS[root]
    selection = "" if not hasattr(get_named_type(field.type), "fields") else "{ __typename }"
    for name, argument in field.args.items():
        base = inputs.sample(argument.type, name, {}) if is_non_null_type(argument.type) else None
        depth = 2 if name == "filter" else 3
        others = "".join(
            f", {other}: {json.dumps([inputs.unknown_id('taskId')])}"
            for other, each in field.args.items()
            if other != name and is_non_null_type(each.type)
        )
        query = f"query($x: {argument.type}) {{ {root}({name}: $x{others}) {selection} }}"
        for path, value in places(argument.type, (), depth):
            _, answer = await send(city.camat, query, {"x": put(base, path, value)})
            check(answer, root, name, path, str(value)[:60])
    assert await city.camat.query("{ city { code } }") == {"city": {"code": "12.71"}}
