"""Relay connections: what a connection's own fields (nodes, edges, pageInfo, totalCount) become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from server.query.compile.complete import object_of
from server.query.compile.keyset import Key, encode
from server.query.compile.plan import Page
from server.query.compile.selection import Selection
from server.query.compile.statement import Run
from server.query.declare.catalogue import Entries

Path = tuple[str, ...]


@dataclass(slots=True)
class ConnectionFields:
    """What a connection's own fields (nodes, edges, pageInfo, totalCount) become."""

    selection: Selection
    target: Entries
    keys: tuple[Key, ...]
    sign: Callable[[Run], str]
    page: Page
    path: Path
    _cursor: str = ""

    def build(self, type_: GraphQLObjectType, fields: Sequence[tuple[str, str, Any]]) -> tuple[Any, bool, bool]:
        """The function that makes the connection, whether it needs rows, and whether one more than the page."""
        parts = {}
        wants_rows = wants_more = False
        for key, name, details in fields:
            match name:
                case "__typename":
                    value = repr(type_.name)
                case "nodes":
                    wants_rows = True
                    node = self.selection.object(self.target, details, "t", (*self.path, key))
                    value = f"[{node} for r in rows]"
                case "edges":
                    wants_rows = True
                    value = f"[{self._edge(type_, details, key)} for r in rows]"
                case "pageInfo":
                    wants_rows = True
                    value, needs_more = self._page_info(type_, details)
                    wants_more = wants_more or needs_more
                case _:
                    limit = self.selection.asked.arguments(type_, details).get("atMost")
                    path = self.selection.code.keep((*self.path, key), "path")
                    value = f"capped(count, {self.selection.code.keep(limit, 'limit')}, run, {path})"
            parts[key] = value
        made = self.selection.code.function("rows, run, k, more, count", object_of(parts))
        return made, wants_rows, wants_more

    def _edge(self, connection: GraphQLObjectType, details: Any, key: str) -> str:
        type_ = get_named_type(connection.fields["edges"].type)
        assert isinstance(type_, GraphQLObjectType)
        parts = {}
        for own_key, name, each in self.selection.asked.named(type_, details):
            if name == "__typename":
                value = repr(type_.name)
            elif name == "cursor":
                value = f"{self._cursor_maker()}(r, run)"
            else:
                value = self.selection.object(self.target, each, "t", (*self.path, key, own_key))
            parts[own_key] = value
        return object_of(parts)

    def _page_info(self, connection: GraphQLObjectType, details: Any) -> tuple[str, bool]:
        type_ = get_named_type(connection.fields["pageInfo"].type)
        assert isinstance(type_, GraphQLObjectType)
        beyond = "hasPreviousPage" if self.page.backwards else "hasNextPage"
        parts = {}
        needs_more = False
        for key, name, _ in self.selection.asked.named(type_, details):
            match name:
                case "__typename":
                    value = repr(type_.name)
                case "startCursor" | "endCursor":
                    row = "rows[0]" if name == "startCursor" else "rows[-1]"
                    value = f"({self._cursor_maker()}({row}, run) if rows else None)"
                case _ if name == beyond:
                    needs_more = True
                    value = "more"
                case _:
                    value = repr(self.page.is_continued)
            parts[key] = value
        return object_of(parts), needs_more

    def _cursor_maker(self) -> str:
        if not self._cursor:
            places = [self.selection.statement.column(key.sql) for key in self.keys]
            sign, seal = self.sign, self.selection.asked.tools.seal

            def cursor(row: Any, run: Run) -> str:
                return encode(sign(run), [row[place] for place in places], seal)

            self._cursor = self.selection.code.keep(cursor, "cursor")
        return self._cursor
