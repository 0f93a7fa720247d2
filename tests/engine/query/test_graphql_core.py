"""graphql-core itself says each sentence that we read: a version that words it otherwise fails here, and says where."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, execute, parse, validate
from graphql.execution.values import get_variable_values

from server.query import graphql_core


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """Its own scalars, and one that fails as nobody foresaw."""
    made = build_schema(
        """
        type Query { field(needed: Int!, key: Key): Int  other(share: Float, part: Part, odd: Odd): Int }
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
    ("type_", "value", "place", "wanted"),
    [
        ("Int", "x", ["v"], "whole_number"),
        ("Int", 2**40, ["v"], "whole_number"),
        ("Float", "x", ["v"], "finite_number"),
        ("String", 1, ["v"], "string"),
        ("Boolean", 1, ["v"], "true_or_false"),
        ("ID", 1.5, ["v"], "ID"),
        ("Int!", None, ["v"], "Int!"),
        ("[Int!]", [1, None], ["v", "1"], "Int!"),
        ("Part", 1, ["v"], "Part"),
        ("Part", {}, ["v", "size"], "Part"),
        ("Part", {"size": 1, "colour": 1}, ["v", "colour"], "Part"),
        ("Part", {"size": 1, "sise": 1}, ["v", "sise"], "Part"),
        ("Part", {"size": 1, "more": [{"size": "x"}]}, ["v", "more", "0", "size"], "whole_number"),
        ("Part", {"size": 1, "more": [{"size": 1}, {}]}, ["v", "more", "1", "size"], "Part"),
        ("Key", {}, ["v"], "one_field"),
        ("Key", {"id": None}, ["v", "id"], "one_field"),
        ("Odd", 1, ["v"], "Odd"),
    ],
)
def test_a_variable_s_place_and_what_would_be_right(
    schema: GraphQLSchema, type_: str, value: Any, place: list[str], wanted: str
) -> None:
    message = of_variable(schema, type_, value)
    assert (graphql_core.place_in(message), graphql_core.wanted_by(message)) == (place, wanted), message


def test_a_variable_that_is_not_given(schema: GraphQLSchema) -> None:
    (operation,) = parse("query ($v: Int!) { __typename }").definitions
    (error,) = get_variable_values(schema, operation.variable_definitions, {})  # type: ignore[attr-defined, misc]
    assert isinstance(error, GraphQLError)
    assert (graphql_core.place_in(error.message), graphql_core.wanted_by(error.message)) == (["v"], "Int!")


@pytest.mark.parametrize(
    ("literal", "is_of_scalar", "wanted"),
    [
        ('"x"', True, "whole_number"), ("1.5", True, "whole_number"), ("X", True, "whole_number"),
        ("null", False, "Int!"),
    ],
)  # fmt: skip
def test_a_literal_that_a_scalar_refuses(schema: GraphQLSchema, literal: str, is_of_scalar: bool, wanted: str) -> None:
    (error,) = validate(schema, parse(f"{{ field(needed: {literal}) }}"))
    assert graphql_core.is_of_scalar(error.message) is is_of_scalar, error.message
    assert graphql_core.wanted_by(error.message) == wanted


def test_an_exception_that_a_scalar_did_not_foresee(schema: GraphQLSchema) -> None:
    assert graphql_core.is_of_scalar(of_variable(schema, "Odd", 1))


def test_its_words_are_told_without_python_s_and_at_no_length(schema: GraphQLSchema) -> None:
    said = of_variable(schema, "Int!", None)
    assert "None" in said
    assert graphql_core.shortened(said).endswith("not to be null.")
    long = of_variable(schema, "Int", "x" * 1000)
    assert len(long) > graphql_core.LONGEST_MESSAGE + 1
    assert len(graphql_core.shortened(long)) == graphql_core.LONGEST_MESSAGE + 1
