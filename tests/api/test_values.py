"""Every scalar of the schema, written in the document or given as a variable: refused in our words, never rounded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
import pytest
from graphql import GraphQLInputObjectType, GraphQLScalarType, get_named_type, is_list_type, is_non_null_type

from tests import inputs
from tests.city import City
from tests.sending import Json, Raw, check, send, verb
from tests.walking import GRAPHQL, GROUPS, ROOTS
from tests.watching import Watcher, until

# What a caller need not know: in which language the server is written, and how.
PYTHON = re.compile(
    r"\bint\(|set_int_max|Decimal\(|datetime|\bNone\b|\binf\b|\bnan\b|<class|Exceeds the limit|could not convert"
    r"|fromisoformat|recursion|\bdict\b|\bfloat\b|\bstr\b|Python",
)
LONG = "9" * 5_000
LITERALS = {
    "5,000 digits": LONG, "minus 5,000 digits": f"-{LONG}", "a fraction of 5,000 digits": f"0.{LONG}",
    "a text of 5,000 digits": f'"{LONG}"', "past a double": "1e400", "an exponent of 5,000 digits": f"1e{LONG}",
    "nearly nothing": "1e-400", "NaN": "NaN", "a text NaN": '"NaN"', "minus zero": "-0", "Infinity": "Infinity",
    "true": "true", "null": "null", "a list": "[" * 90 + "1" + "]" * 90,
    "an object": "{a: " * 90 + "1" + "}" * 90, "a variable's name": "$nothing",
}  # fmt: skip
VARIABLES = [
    LONG, f"-{LONG}", f"0.{LONG}", f'"{LONG}"', "1e400", f"1e{LONG}", f"1e-{LONG}", "1e-400",
    "NaN", '"NaN"', "-0", "-0.0",
    "Infinity", "true", "null", "[" * 90 + "1" + "]" * 90, '{"a":' * 90 + "1" + "}" * 90, "1" * 25, "1.0",
]  # fmt: skip


def inside(kind: Any, depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Each place of an input type, as a literal with a hole, and what belongs there."""
    below = get_named_type(kind)
    if isinstance(below, GraphQLScalarType):
        yield ("[%s]" if is_list_type(kind.of_type if is_non_null_type(kind) else kind) else "%s"), below
    elif isinstance(below, GraphQLInputObjectType) and depth:
        for name, field in below.fields.items():
            for literal, scalar in inside(field.type, depth - 1):
                yield f"{{{name}: {literal}}}", scalar


def places() -> dict[str, str]:
    """For each scalar that something takes, a document with a hole for it."""
    found: dict[str, str] = {}
    assert GRAPHQL.mutation_type is not None
    for operation, fields in (("query", ROOTS), ("mutation", GRAPHQL.mutation_type.fields)):
        for root, field in fields.items():
            for name, argument in field.args.items():
                for literal, scalar in inside(argument.type):
                    found.setdefault(scalar.name, f"{operation} %s {{ {root}({name}: {literal}) {{ __typename }} }}")
    return found


PLACES = places()


def test_every_scalar_of_the_schema_is_walked() -> None:
    assert {"ID", "Int", "String", "Boolean", "Date", "DateTime", "Decimal", "Percent", "Cursor"} <= set(PLACES)
    assert {"RelativeDate", "RelativeDateTime"} <= set(PLACES)


def is_in_our_words(error: Json) -> bool:
    told = json.dumps(error)
    return not PYTHON.search(told) and LONG[:300] not in told and len(told) < 1_500


async def test_a_wrong_literal_is_told_in_our_words_and_not_repeated(city: City) -> None:
    for number, (scalar, literal) in enumerate(product(PLACES, LITERALS.values())):
        language = ("id", "en")[number % 2]
        _, answer = await send(city.camat, PLACES[scalar] % ("", literal), {}, language)
        for error in check(answer, scalar, literal[:20], language=language):
            assert is_in_our_words(error), (scalar, literal[:20], error)


async def test_a_wrong_variable_is_told_in_our_words_and_not_repeated(city: City) -> None:
    for number, (scalar, text) in enumerate(product(PLACES, VARIABLES)):
        language = ("id", "en")[number % 2]
        _, answer = await send(city.camat, PLACES[scalar] % (f"($v: {scalar}!)", "$v"), {"v": Raw(text)}, language)
        for error in check(answer, scalar, text[:20], language=language):
            assert is_in_our_words(error), (scalar, text[:20], error)


async def test_a_whole_number_is_refused_as_literal_with_the_words_of_a_variable(city: City) -> None:
    wanted = {
        "id": "bilangan bulat dari -2147483648 sampai 2147483647",
        "en": "a whole number from -2147483648 to 2147483647",
    }
    for literal, language in product((LONG, f"-{LONG}", "2147483648", "1.5", '"1"', "true"), wanted):
        _, answer = await send(city.camat, f"{{ tasks(first: {literal}) {{ nodes {{ id }} }} }}", {}, language)
        (error,) = check(answer, language=language)
        assert error["extensions"] == {
            "code": "GRAPHQL_VALIDATION_FAILED", "path": ["tasks", "first"], "constraint": wanted[language],
            "coordinate": "Query.tasks(first:)",
        }  # fmt: skip
        assert wanted[language] in error["message"]
        assert "tasks.first" in error["message"]


@pytest.mark.parametrize("text", [LONG, f'{{"a": [1, {LONG}]}}'])
async def test_a_number_past_a_double_in_a_body_is_refused_with_its_place(city: City, text: str) -> None:
    _, answer = await send(city.camat, "query($v: Int) { tasks(first: $v) { nodes { id } } }", {"v": Raw(text)})
    (error,) = check(answer)
    place = ["variables", "v"] if text == LONG else ["variables", "v", "a", "1"]
    assert (error["extensions"]["path"], error["extensions"]["constraint"]) == (place, "64 bit")


async def test_a_number_past_a_double_in_a_sockets_message_is_named_when_it_closes(city: City) -> None:
    socket = await city.camat.socket()
    text = '{"type":"subscribe","id":"1","payload":{"query":"{ city { code } }","variables":{"v":0}}}'.replace(
        "0", LONG
    )
    socket.to_server.put_nowait({"type": "websocket.receive", "text": text})
    await until(lambda: socket.end, what="the socket is closed")
    assert socket.end is not None
    assert socket.end[0] == 4400
    assert "number" in socket.end[1]
    assert not PYTHON.search(socket.end[1])


# ---- decimals -------------------------------------------------------------------------------------------------------

ROUNDED = [
    "12345678901234.5678", "99999999999999.99", "12345678901234.5001", "99999999999999.0001", "-12345678901234.5678",
    "0.1000000000000000055", "50.00000000000000001", "1e-400",
]  # fmt: skip
EXACT = ["12345678901234.5", "123456789.1234", "99999999999999", "99999999999999.0", "0.1", "-0.5", "1e3", "1e-4"]


NUMBERS = ("Decimal", "Percent")
WRONG = Raw("12345678901234.5001")


def by_filter() -> Iterator[str]:
    """Each place of a query's input where a decimal stands, as a document with a variable there."""
    for root, field in ROOTS.items():
        for name, argument in field.args.items():
            for literal, scalar in inside(argument.type, 2):
                if scalar.name in NUMBERS:
                    by = f"by: {GROUPS[root][0]}, " if root in GROUPS else ""
                    asked = f"{root}({by}{name}: {literal.replace('%s', '$v')})"
                    yield f"query($v: {scalar.name}!) {{ {asked} {{ __typename }} }}"


def by_verb(kind: GraphQLInputObjectType, given: Json) -> Iterator[tuple[str, Json]]:
    """Each place of a verb's input where a decimal stands, and the input with one there that a double rounds."""
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if below.name in NUMBERS:
            yield name, {**given, name: WRONG}
        elif isinstance(below, GraphQLInputObjectType):
            for inner, each in by_verb(below, inputs.sample(below, name, {})):
                yield f"{name}.0.{inner}", {**given, name: [each]}


async def test_a_decimal_that_a_json_number_rounds_is_refused_everywhere(city: City) -> None:
    filters = list(by_filter())
    assert len(filters) > 10
    assert any("achievement" in each for each in filters)
    for document in filters:
        _, answer = await send(city.camat, document, {"v": WRONG})
        (error,) = check(answer, document)
        assert (error["extensions"]["code"], error["extensions"]["path"]) == ("BAD_USER_INPUT", ["v"])
        assert "sebagai teks" in error["extensions"]["constraint"]
    seen = set()
    for verb_, kind in inputs.mutations().items():
        for place, given in by_verb(kind, inputs.least(verb_)):
            (error,) = check(await verb(city.camat, verb_, given), verb_, place)
            assert (error["extensions"]["code"], error["extensions"]["path"]) == (
                "BAD_USER_INPUT", ["input", *place.split(".")],
            )  # fmt: skip
            seen.add(place)
    assert {"value", "targetValue", "targetValueTo", "baseline", "milestones.0.value"} <= seen


AS_TEXT = {"id": "angka sebagai teks", "en": "the number as a string"}
BY_VALUE = "query($v: Decimal!) { targets(filter: {targetValue: {eq: $v}}) { totalCount } }"


async def test_a_number_is_refused_when_a_double_cannot_hold_it(city: City) -> None:
    for text, language in product(ROUNDED, ("id", "en")):
        for name, given in {"f": {"targetValue": {"eq": Raw(text)}}, "v": Raw(text)}.items():
            query = BY_VALUE if name == "v" else "query($f: TargetFilter) { targets(filter: $f) { totalCount } }"
            _, answer = await send(city.camat, query, {name: given}, language)
            (error,) = check(answer, language=language)
            assert error["extensions"]["path"] == (["v"] if name == "v" else ["f", "targetValue", "eq"])
            assert error["extensions"]["constraint"].startswith(AS_TEXT[language])


async def test_a_number_that_a_double_holds_is_taken(city: City) -> None:
    for text in EXACT:
        _, answer = await send(city.camat, BY_VALUE, {"v": Raw(text)})
        assert not check(answer), text


async def test_a_rounded_number_is_refused_on_a_socket_and_the_others_go_on(city: City) -> None:
    socket = await city.camat.socket()

    def ask(text: str) -> Any:
        watcher = socket.watchers[text] = Watcher(socket, "targets")
        payload = json.dumps({"query": BY_VALUE, "variables": {"v": 0}}).replace("0}", f"{text}}}")
        frame = f'{{"type":"subscribe","id":"{text}","payload":{payload}}}'
        socket.to_server.put_nowait({"type": "websocket.receive", "text": frame})
        return watcher

    refused, answered = ask("12345678901234.5001"), ask("12.5")
    await until(lambda: refused.is_ended and answered.is_ended, what="both are answered")
    (error,) = refused.errors
    assert (error["extensions"]["code"], error["extensions"]["path"]) == ("BAD_USER_INPUT", ["v"])
    assert not answered.errors, answered.errors
    assert answered.told == [{"totalCount": 0}]


async def test_a_text_full_of_digits_is_no_rounded_number(city: City) -> None:
    query = "query($v: Decimal!, $s: String) { targets(search: $s, filter: {targetValue: {eq: $v}}) { totalCount } }"
    _, answer = await send(city.camat, query, {"v": 0.5, "s": "1234567890123456789 1e400"})
    assert not check(answer)
    found: Json = orjson.loads(orjson.dumps(answer))
    assert found["data"]["targets"] == {"totalCount": 0}
