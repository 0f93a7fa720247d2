"""graphql-core itself says each sentence that we read: a version that words it otherwise fails here, and says where."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, execute, parse, validate
from graphql.execution.values import get_variable_values

from server.query import graphql_core
from tests.words import sentences


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Its own scalars, and one that fails as nobody foresaw."""
    made = build_schema(
        """
        type Query {
          field(needed: Int!, key: Key, colour: Colour): Int
          other(share: Float, part: Part, odd: Odd): Int
          thing: Thing
        }
        type Subscription { one: Int two: Int }
        interface Thing { size: Int number: Int }
        type Box implements Thing { size: Int number: Int height: Int name: String }
        type Bag implements Thing { size: Int number: Int name: String }
        enum Colour { RED GREEN }
        input Key @oneOf { id: ID code: String }
        input Part { size: Int! more: [Part!] }
        scalar Odd
        """
    )

    def fail(value: object) -> None:
        raise RuntimeError("odd")

    made.type_map["Odd"].coerce_input_value = fail  # type: ignore[attr-defined]
    return made


def of_variable(schema: GraphQLSchema, type_: str, value: Any) -> str:
    """What it says of a variable of this type."""
    (operation,) = parse(f"query ($v: {type_}) {{ __typename }}").definitions
    found = get_variable_values(schema, operation.variable_definitions, {"v": value})  # type: ignore[attr-defined]
    assert isinstance(found, list)
    return found[0].message


def test_a_document_of_too_many_tokens() -> None:
    with pytest.raises(GraphQLError) as found:
        parse("{ a b c }", max_tokens=3)
    assert graphql_core.has_too_many_tokens(found.value.message)
    with pytest.raises(GraphQLError) as other:
        parse("{ tokens aborted")
    assert not graphql_core.has_too_many_tokens(other.value.message)


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [("", {}), ("(needed: $v)", {}), ("(needed: $v)", {"v": None}), ("(needed: 1, key: {id: $text})", {})],
)
def test_an_argument_that_is_missing_or_whose_variable_does_not_fit(
    schema: GraphQLSchema, arguments: str, variables: dict[str, Any]
) -> None:
    document = parse(f"query ($v: Int, $text: ID) {{ field{arguments} }}")
    result: Any = execute(schema, document, variable_values=variables)
    (error,) = result.errors
    assert graphql_core.is_of_argument(error.message), error.message
    assert graphql_core.place_in(error.message)[0] == ("key" if "key" in arguments else "needed")


def test_a_field_that_fails_is_not_taken_for_an_argument(schema: GraphQLSchema) -> None:
    result: Any = execute(schema, parse("{ field(needed: 1) }"), root_value={"field": "no argument"})
    assert not graphql_core.is_of_argument(result.errors[0].message)


@pytest.mark.parametrize(
    ("type_", "value", "place", "kind", "wanted"),
    [
        ("Int", "x", ["v"], "scalar", "whole_number"),
        ("Int", 2**40, ["v"], "scalar", "whole_number"),
        ("Float", "x", ["v"], "scalar", "finite_number"),
        ("String", 1, ["v"], "scalar", "string"),
        ("Boolean", 1, ["v"], "scalar", "true_or_false"),
        ("ID", 1.5, ["v"], "scalar", "ID"),
        ("Int!", None, ["v"], "missing", "Int!"),
        ("[Int!]", [1, None], ["v", "1"], "missing", "Int!"),
        ("Part", 1, ["v"], "other", "Part"),
        ("Part", {}, ["v"], "missing_field", "Part"),
        ("Part", {"size": 1, "colour": 1}, ["v"], "unknown_field", "Part"),
        ("Part", {"size": 1, "sise": 1}, ["v"], "unknown_field", "Part"),
        ("Part", {"size": 1, "more": [{"size": "x"}]}, ["v", "more", "0", "size"], "scalar", "whole_number"),
        ("Part", {"size": 1, "more": [{"size": 1}, {}]}, ["v", "more", "1"], "missing_field", "Part"),
        ("Key", {}, ["v"], "one_of", "Key"),
        ("Key", {"id": None}, ["v", "id"], "one_of", "Key"),
        ("Colour", "RAD", ["v"], "no_such_value", "Colour"),
        ("Colour", 1, ["v"], "no_such_value", "Colour"),
        ("Odd", 1, ["v"], "other", "Odd"),
    ],
)
def test_a_variable_s_place_and_what_would_be_right(
    schema: GraphQLSchema, type_: str, value: Any, place: list[str], kind: str, wanted: str
) -> None:
    message = of_variable(schema, type_, value)
    reason = graphql_core.of_value(message)
    assert (graphql_core.place_in(message), reason.kind, graphql_core.wanted_by(reason)) == (place, kind, wanted), (
        message
    )


@pytest.mark.parametrize(
    ("type_", "value", "meant"),
    [
        ("Part", {"size": 1, "sise": 1}, ["size"]),
        ("Part", {"size": 1, "colour": 1}, []),
        ("Colour", "RAD", ["RED"]),
        ("Colour", "PURPLE", []),
        ("Colour", 1, []),
    ],
)
def test_what_it_suggests_for_a_value(schema: GraphQLSchema, type_: str, value: Any, meant: list[str]) -> None:
    reason = graphql_core.of_value(of_variable(schema, type_, value))
    assert graphql_core.named_in(reason.facts.get("suggestions", "")) == meant


def test_a_variable_that_is_not_given(schema: GraphQLSchema) -> None:
    (operation,) = parse("query ($v: Int!) { __typename }").definitions
    (error,) = get_variable_values(schema, operation.variable_definitions, {})  # type: ignore[attr-defined, misc]
    assert isinstance(error, GraphQLError)
    reason = graphql_core.of_value(error.message)
    assert (graphql_core.place_in(error.message), reason.kind, graphql_core.wanted_by(reason)) == (
        ["v"],
        "missing",
        "Int!",
    )


@pytest.mark.parametrize(
    ("literal", "kind"),
    [('needed: "x"', "scalar"), ("needed: 1.5", "scalar"), ("needed: X", "scalar"), ("needed: null", "missing"),
     ("needed: 1, key: {}", "one_of"), ("needed: 1, colour: RAD", "no_such_value"),
     ('needed: 1, colour: "RED"', "no_such_value")],
)  # fmt: skip
def test_a_literal_that_is_refused(schema: GraphQLSchema, literal: str, kind: str) -> None:
    (error,) = validate(schema, parse(f"{{ field({literal}) }}"))
    assert graphql_core.of_value(error.message).kind == kind, error.message


# A document, and what graphql-core says of it: our key and the facts.
DOCUMENTS: list[tuple[str, str, dict[str, str]]] = [
    ("{ thing { sise } }", "no_such_field", {"name": "sise", "type": "Thing", "suggestions": "'size'"}),
    ("{ thing { xyz } }", "no_such_field", {"name": "xyz", "type": "Thing"}),
    ("{ thing { height } }", "field_of_a_subtype", {"name": "height", "type": "Thing", "suggestions": "'Box'"}),
    ("{ field(neded: 1, needed: 1) }", "no_such_argument",
     {"name": "neded", "place": "Query.field", "suggestions": "'needed'"}),
    ("{ field(needed: 1) @skip(iff: true, if: true) }", "no_such_argument",
     {"name": "iff", "place": "@skip", "suggestions": "'if'"}),
    ("{ field }", "argument_missing", {"name": "Query.field(needed:)", "type": "Int!"}),
    ("{ field(needed: 1) @skip }", "argument_missing", {"name": "@skip(if:)", "type": "Boolean!"}),
    ("{ ... on Thin { size } }", "no_such_type", {"name": "Thin", "suggestions": "'Thing'"}),
    ("{ other @nope }", "no_such_directive", {"name": "@nope"}),
    ("query @skip(if: true) { other }", "directive_misplaced", {"name": "@skip", "place": "query"}),
    ("{ other @skip(if: true) @skip(if: true) }", "directive_twice", {"name": "@skip"}),
    ("{ thing }", "selection_missing", {"name": "thing", "type": "Thing"}),
    ("{ other { x } }", "selection_needless", {"name": "other", "type": "Int"}),
    ("{ thing { ... on Box { a: height } ... on Bag { a: name } } }", "different_types",
     {"name": "a", "one": "Int", "other": "String"}),
    ("{ other other: field(needed: 1) }", "different_fields", {"name": "other", "one": "other", "other": "field"}),
    ("{ field(needed: 1) field(needed: 2) }", "different_arguments", {"name": "field"}),
    ("{ thing { size: number } thing { size } }", "different_below", {"name": "thing", "below": "size"}),
    ("{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
     "introspection_too_deep", {}),
    ("{ ...F }", "no_such_fragment", {"name": "F"}),
    ("{ other } fragment F on Query { other }", "fragment_unused", {"name": "F"}),
    ("{ thing { ... on Query { other } } }", "fragment_never_fits", {"type": "Thing", "other": "Query"}),
    ("{ thing { ...F } } fragment F on Query { other }", "fragment_never_fits",
     {"name": "F", "type": "Thing", "other": "Query"}),
    ("{ ... on Int { x } }", "fragment_on_a_leaf", {"type": "Int"}),
    ("{ ...F } fragment F on Int { x }", "fragment_on_a_leaf", {"name": "F", "type": "Int"}),
    ("{ field(needed: $v) }", "variable_undefined", {"name": "$v"}),
    ("query Q { field(needed: $v) }", "variable_undefined", {"name": "$v", "operation": "Q"}),
    ("query ($v: Int) { other }", "variable_unused", {"name": "$v"}),
    ("query Q($v: Int) { other }", "variable_unused", {"name": "$v", "operation": "Q"}),
    ("query ($v: Thing) { field(needed: $v) }", "variable_of_no_input", {"name": "$v", "type": "Thing"}),
    ("query ($v: String) { field(needed: $v) }", "variable_of_another_type",
     {"name": "$v", "type": "String", "other": "Int!"}),
    ("query ($v: ID) { field(needed: 1, key: {id: $v}) }", "variable_may_be_null",
     {"name": "$v", "type": "ID", "other": "Key"}),
    ("{ field(needed: 1, needed: 1) }", "argument_twice", {"name": "needed"}),
    ("{ ...F } fragment F on Query { other } fragment F on Query { other }", "fragment_twice", {"name": "F"}),
    ('{ field(needed: 1, key: {id: "a", id: "a"}) }', "input_field_twice", {"name": "id"}),
    ("query Q { other } query Q { other }", "operation_twice", {"name": "Q"}),
    ("query ($v: Int!, $v: Int!) { field(needed: $v) }", "variable_twice", {"name": "$v"}),
    ("{ other } query Q { other }", "anonymous_not_alone", {}),
    ("{ other } type X { y: Int }", "not_executable", {"name": "X"}),
    ("{ other } extend schema { query: Query }", "not_executable", {}),
    ("subscription { one two }", "several_subscriptions", {}),
    ("subscription S { one two }", "several_subscriptions", {"name": "S"}),
    ("subscription { __typename }", "subscription_to_introspection", {}),
    ("subscription { one @skip(if: true) }", "subscription_on_condition", {}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "key", "facts"), DOCUMENTS)
def test_why_a_document_is_not_valid(schema: GraphQLSchema, document: str, key: str, facts: dict[str, str]) -> None:
    found = [graphql_core.of_document(error.message) for error in validate(schema, parse(document))]
    assert (f"document.{key}", facts) in found, [error.message for error in validate(schema, parse(document))]


SYNTAX: list[tuple[str, str, dict[str, str]]] = [
    ("{ a", "expected", {"wanted": "Name", "given": "<EOF>"}),
    ("query Q a", "expected", {"wanted": "'{'", "given": "Name 'a'"}),
    ("{ ..F }", "two_dots", {}),
    ("{ a(b: 'x') }", "single_quote", {}),
    ("{ a(b: \"\ud800\") }", "character_in_string", {"given": "U+D800"}),
    ("{ a % }", "character", {"given": "'%'"}),
    ("{ a \u0007 }", "character", {"given": "U+0007"}),
    ("query ($a: Int = $b) { c }", "variable_in_constant", {"name": "$b"}),
    ('"x" { a }', "description", {}),
    ("}", "unexpected", {"given": "'}'"}),
    ("{ a(b: 01) }", "number", {"given": "'1'"}),
    ("{ a(b: 1.x) }", "number", {"given": "'x'"}),
    ("{ a(b: .1) }", "number", {}),
    ('{ a(b: "x) }', "string_unterminated", {}),
    ('{ a(b: "\\q") }', "escape", {"given": "\\q"}),
    ('{ a(b: "\\uXYZ1") }', "escape", {"given": "\\uXYZ1"}),
    ("{a" * 300, "too_deep", {}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "key", "facts"), SYNTAX)
def test_why_a_document_cannot_be_read(document: str, key: str, facts: dict[str, str]) -> None:
    with pytest.raises(GraphQLError) as found:
        parse(document)
    assert graphql_core.of_document(found.value.message) == (f"syntax.{key}", facts), found.value.message


def test_each_of_its_sentences_that_we_read_it_says_here() -> None:
    said = {f"document.{key}" for _, key, _ in DOCUMENTS} | {f"syntax.{key}" for _, key, _ in SYNTAX}
    ours = {key.removeprefix("problem.") for key in sentences("en")}
    assert said == {key for key in ours if key.startswith(("document.", "syntax."))}


def test_what_it_says_of_something_else_is_nobody_s_reason() -> None:
    assert graphql_core.of_document("Something that no version says.") is None


def test_its_words_are_told_at_no_length(schema: GraphQLSchema) -> None:
    long = of_variable(schema, "Int", "x" * 1000)
    assert len(long) > graphql_core.LONGEST_MESSAGE + 1
    assert len(graphql_core.shortened(long)) == graphql_core.LONGEST_MESSAGE + 1
    (error,) = validate(schema, parse("{ ..." + "x" * 1000 + " }"))
    reason = graphql_core.of_document(error.message)
    assert reason is not None
    assert len(reason.facts["name"]) == graphql_core.LONGEST_FACT + 1


def test_a_message_at_length_is_read_at_both_ends_and_takes_no_time(schema: GraphQLSchema) -> None:
    """Its patterns would try each of a million places anew."""
    repeated = " Did you mean " * 70_000
    for value in (repeated, repeated + "'"):
        reason = graphql_core.of_value(of_variable(schema, "Colour", value))
        assert (reason.kind, reason.facts["type"]) == ("no_such_value", "Colour")
    (error,) = validate(schema, parse(f'{{ field(needed: 1, colour: "{repeated}") }}'))
    assert graphql_core.of_value(error.message).kind == "no_such_value"
