"""The text of statements: pages, and pages of each parent's list (LATERAL), with the limit written out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from server.query.compile.keyset import Key, order_by
from server.query.compile.statement import Statement


def select(statement: Statement, from_: str, *before: str) -> str:
    columns = [*before, *(f"{sql} AS c{number}" for number, sql in enumerate(statement.columns))]
    joins = "".join(f"\n{text}" for _, text in statement.joins.values())
    return f"SELECT {', '.join(columns) or '1'}\nFROM {from_}{joins}"


def page_sql(
    statement: Statement,
    from_: str,
    where: list[str],
    branches: Sequence[str | None],
    keys: Sequence[Key],
    backwards: bool,
    limit: int,
    is_nested: bool,
) -> str:
    """A page of a list, or of each parent's list. LIMIT is never bound: its generic plan would always look dearer."""
    places = []
    if is_nested or len(branches) > 1:
        places = [f"c{statement.column(key.sql) - statement.has_parents}" for key in keys]
    order = order_by(keys, backwards)
    head, tail = select(statement, from_), f"\nORDER BY {order}\nLIMIT {limit}"
    texts = [head + where_text([*where, branch] if branch else where) + tail for branch in branches]
    page = texts[0]
    if len(texts) > 1:
        # Both branches in the very same order, so that PostgreSQL merges them from the index.
        union = "\nUNION ALL\n".join(f"(\n{indent(text, 2)}\n)" for text in texts)
        outer = order_by(keys, backwards, [f"u.{place}" for place in places])
        page = f"SELECT u.*\nFROM (\n{indent(union, 2)}\n) u\nORDER BY {outer}\nLIMIT {limit}"
    if not is_nested:
        return page
    outer = order_by(keys, backwards, [f"r.{place}" for place in places])
    head = f"SELECT p.n, r.*\nFROM {statement.parents}"
    return f"{head}\nCROSS JOIN LATERAL (\n{indent(page, 2)}\n) r\nORDER BY p.n, {outer}"


def found_sql(from_: str, branches: Sequence[str | None], keys: Sequence[Key], backwards: bool, limit: int) -> str:
    """The keys of a page's rows, where a narrower source than the rows themselves has all of them."""
    order = order_by(keys, backwards)
    head, tail = f"SELECT {', '.join(key.sql for key in keys)}\nFROM {from_}", f"\nORDER BY {order}\nLIMIT {limit}"
    texts = [head + where_text([branch] if branch else []) + tail for branch in branches]
    if len(texts) == 1:
        return texts[0]
    union = "\nUNION ALL\n".join(f"(\n{indent(text, 2)}\n)" for text in texts)
    return f"SELECT s.*\nFROM (\n{indent(union, 2)}\n) s{tail}"


def where_text(conditions: Sequence[str]) -> str:
    return "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""


def indent(text: str, by: int) -> str:
    return textwrap.indent(text, " " * by)
