"""What can be searched for, kept beside each subject (models/words.py): written where its texts are, and only then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from server import models
from server.actions.rows import plain
from server.models.fields import Searched, Subject
from server.models.words import Words
from server.rules.search import words

_TYPES = {"UUIDField": "uuid", "DateField": "date", "DatetimeField": "timestamptz", "IntField": "integer"}
TABLES: Mapping[str, type[Words]] = {
    str(model._meta.db_table): model for name in models.__all__ if issubclass(model := getattr(models, name), Words)
}


def beside(searched: Searched) -> tuple[str, ...]:
    """The row's columns that stand beside its words."""
    return tuple(name for name in TABLES[searched.table]._meta.fields_map if name not in ("id", "words"))


def is_searched_by(model: type[Subject], changed: Collection[str]) -> bool:
    """Whether a change of these columns changes what can be searched for."""
    found = model.searched
    return found is not None and any(name in changed for name in (*found.columns, *beside(found)))


@cache
def keeping(model: type[Subject]) -> str:
    """Writes the words of some rows, given as `kept_words` gives them."""
    searched = _searched(model)
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*beside(searched), "words"))
    return (
        f"INSERT INTO {searched.table} ({', '.join(_names(searched))}, words) SELECT g.* FROM {_given(searched)}"
        f" ON CONFLICT (id) DO UPDATE SET {changed}"
    )


@cache
def differing(model: type[Subject]) -> str:
    """Finds the ids, of rows that are given as `kept_words` gives them, whose words are not these."""
    searched = _searched(model)
    same = " AND ".join(f"w.{name} IS NOT DISTINCT FROM g.{name}" for name in (*beside(searched), "words"))
    return (
        f"SELECT g.id FROM {_given(searched)} LEFT JOIN {searched.table} w ON w.id = g.id"
        f" WHERE w.id IS NULL OR NOT ({same}) ORDER BY g.id"
    )


def _names(searched: Searched) -> tuple[str, ...]:
    return ("id", *beside(searched))


def _given(searched: Searched) -> str:
    """The given rows `g` with their words, which PostgreSQL stems."""
    fields = TABLES[searched.table]._meta.fields_map
    types = ["uuid", *(_TYPES[type(fields[name]).__name__] for name in beside(searched)), "text"]
    given = ", ".join(f"${number}::{type_}[]" for number, type_ in enumerate(types, 1))
    columns = ", ".join(_names(searched))
    said = f"to_tsvector('{searched.config}', said) AS words"
    return f"(SELECT {columns}, {said} FROM unnest({given}) AS u ({columns}, said)) g"


def kept_words(model: type[Subject], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The parameters of `keeping`: a list for each column, and one of the rows' words."""
    searched = _searched(model)
    columns = [[plain(row[name]) for row in rows] for name in _names(searched)]
    return [*columns, [words(*(row[name] for name in searched.columns)) for row in rows]]


def _searched(model: type[Subject]) -> Searched:
    if model.searched is None:
        raise TypeError(f"{model.__name__} has nothing to search for")
    return model.searched
