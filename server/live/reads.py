"""What a compiled document reads: tables, the columns of their rows, and which rows alone, found in the finished SQL.

It says "not" only where that is certain: a text that is not understood reads every column, and a row that cannot be
named is any row. That nothing is missing is tested against what PostgreSQL itself knows of the same statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from server.events.writes import tables
from server.query.compile.plan import Level, NodesPlan, Plan
from server.query.run.execution import Compiled

Columns = frozenset[str] | None  # None: every one
# Key words are written large in all of our SQL, names small.
_SOURCE = re.compile(r"(?:\b(?:FROM|JOIN)|,)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z]\w*))?")
_COLUMN = re.compile(r"\b([a-z]\w*)\.(\w+|\*)")
_ALL = re.compile(r"SELECT \* FROM ([a-z_]+) ([a-z]\w*)")
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Rows of a table of which these columns are read; `is_by_key`: a row that is new brings nothing."""

    table: str
    columns: Columns
    is_by_key: bool = False
    level: Level | None = None  # whose own rows they are, which its pins or its parents may name


def reads_of(compiled: Compiled) -> tuple[Read, ...]:
    """Everything that the plans of a document read."""
    found: dict[tuple[object, ...], Read] = {}
    for level in _levels(compiled):
        for text in _texts(level):
            own = level.sql is text or (level.count is not None and level.count.sql is text)
            for table, alias, columns, is_by_key in scanned(text):
                of = level if own and alias == "t" else None
                found[table, columns, is_by_key, id(of)] = Read(table, columns, is_by_key, of)
    return tuple(found.values())


def _levels(compiled: Compiled) -> Iterable[Level]:
    waiting = list(compiled.levels)
    for plan in (*compiled.plans.values(), *compiled.payloads.values()):
        if isinstance(plan, Plan | NodesPlan):
            waiting += plan.levels
    known: set[int] = set()
    while waiting:
        level = waiting.pop()
        if id(level) not in known:
            known.add(id(level))
            yield level
            waiting += [child.level for child in level.children]


def _texts(level: Level) -> Iterable[str]:
    if level.sql is not None:
        yield level.sql
    if level.count is not None:
        yield level.count.sql


@lru_cache(2_000)
def scanned(sql: str) -> tuple[tuple[str, str, Columns, bool], ...]:
    """Table, alias, columns, and whether its rows are found by their ids alone: for each alias in a statement."""
    text = _LITERAL.sub("''", sql)
    aliases: dict[str, list[str]] = {}
    nameless: list[str] = []
    for match in _SOURCE.finditer(text):
        table, alias = match[1], match[2]
        if table not in tables():
            continue
        if alias is None:
            nameless.append(table)
        else:
            aliases.setdefault(alias, []).append(table)
    columns: dict[str, set[str]] = {}
    for alias, column in (*_COLUMN.findall(text), *((alias, "*") for _, alias in _ALL.findall(text))):
        columns.setdefault(alias, set()).add(column)
    found: list[tuple[str, str, Columns, bool]] = [(table, "", None, False) for table in nameless]
    for alias, of in aliases.items():
        read = columns.get(alias, set())
        by_key = all(re.search(rf"LEFT JOIN {table} {alias} ON {alias}\.id = ", text) for table in of)
        for table in dict.fromkeys(of):
            own = frozenset(read & tables()[table])
            found.append((table, alias, None if "*" in read else own, by_key and len(of) == 1))
    return tuple(found)
