"""What the house asks of the query engine: a statement says what it reads, and no pattern reads it back."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from graphql import GraphQLObjectType

import server.schema
from server.query.declare.fields import declaration_of

QUERY = Path(__file__).parents[2] / "server" / "query"
# What follows FROM or JOIN in a template that names its tables: a table's place, a sub-select, or a function's rows.
LOOKS = re.compile(r"\b(?:FROM|JOIN)\s+(?!\{table:|\(|jsonb_array_elements\()(\w+)")
# Of what these tell no table knows when it changes.
VOLATILE = re.compile(r"pg_|\b(?:now|random)\(|\bcurrent_", re.IGNORECASE)


@pytest.mark.parametrize("room", ["compile", "run"])
def test_no_pattern_reads_back_a_statement_that_was_written(room: str) -> None:
    for path in sorted((QUERY / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert "re" not in names, f"{path}: let Statement note what you want to know while it is written"


def texts(value: object) -> Iterator[str]:
    """Every text within a declaration."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in texts(each))
    elif isinstance(value, Sequence):
        yield from (text for each in value for text in texts(each))
    elif dataclasses.is_dataclass(value):
        yield from (text for each in dataclasses.fields(value) for text in texts(getattr(value, each.name)))


def templates() -> Iterator[tuple[str, str]]:
    """Every SQL template of the schema that looks into a table, or may, and where it stands."""
    for type_ in server.schema.schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                declaration = declaration_of(field.extensions.get("strawberry-definition"))
                for text in texts(declaration):
                    if re.search(r"[{(]", text):
                        yield f"{type_.name}.{name}", text


def test_a_template_names_all_tables_that_it_looks_into_or_none() -> None:
    named = [(place, text) for place, text in templates() if "{table:" in text]
    assert len(named) > 10
    wrong = [(place, found[1]) for place, text in named for found in [LOOKS.search(text)] if found]
    assert not wrong, "write FROM {table:name}: what is not named is taken to change never"


def test_no_template_calls_another_table_by_the_name_of_the_lists_own_rows() -> None:
    wrong = [place for place, text in templates() if re.search(r"\{table:[\w.]+\} t\b", text)]
    assert not wrong, "t is a row of the list: what is known of which rows it has would be taken to hold of others"


def test_a_template_that_no_table_tells_says_that_it_is_volatile() -> None:
    wrong = [place for place, text in templates() if VOLATILE.search(text) and "{volatile}" not in text]
    assert not wrong, "begin it with {volatile}"
