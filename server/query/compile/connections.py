"""Relay connections: what a connection's own fields (nodes, edges, pageInfo, totalCount) become."""

from __future__ import annotations

from collections.abc import Callable
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
    wants_rows: bool = False
    wants_more: bool = False  # a row beyond the page
    _cursor: str = ""

    def build(self, type_: GraphQLObjectType, details: Any) -> Any:
        """The function that makes the connection; `wants_rows` and `wants_more` say then what it needs."""

        def value(key: str, name: str, below: Any) -> str:
            if name == "totalCount":
                limit = self.selection.asked.arguments(type_, below).get("atMost")
                path = self.selection.code.keep((*self.path, key), "path")
                return f"capped(count, {self.selection.code.keep(limit, 'limit')}, run, {path})"
            self.wants_rows = True
            if name == "nodes":
                return f"[{self._node(below, key)} for r in rows]"
            inner = get_named_type(type_.fields[name].type)
            assert isinstance(inner, GraphQLObjectType)
            return (
                f"[{self._edge(inner, below, key)} for r in rows]" if name == "edges" else self._page_info(inner, below)
            )

        made = object_of(self.selection.asked, type_, details, value)
        return self.selection.code.function("rows, run, k, more, count", made)

    def _node(self, details: Any, *keys: str) -> str:
        return self.selection.object(self.target, details, "t", (*self.path, *keys))

    def _edge(self, type_: GraphQLObjectType, details: Any, connection_key: str) -> str:
        def value(key: str, name: str, below: Any) -> str:
            return f"{self._cursor_maker()}(r, run)" if name == "cursor" else self._node(below, connection_key, key)

        return object_of(self.selection.asked, type_, details, value)

    def _page_info(self, type_: GraphQLObjectType, details: Any) -> str:
        beyond = "hasPreviousPage" if self.page.backwards else "hasNextPage"

        def value(key: str, name: str, below: Any) -> str:
            if name in ("startCursor", "endCursor"):
                row = "rows[0]" if name == "startCursor" else "rows[-1]"
                return f"({self._cursor_maker()}({row}, run) if rows else None)"
            if name == beyond:
                self.wants_more = True
                return "more"
            return repr(self.page.is_continued)

        return object_of(self.selection.asked, type_, details, value)

    def _cursor_maker(self) -> str:
        if not self._cursor:
            places = [self.selection.statement.column(key.sql) for key in self.keys]
            sign, seal = self.sign, self.selection.asked.tools.seal

            def cursor(row: Any, run: Run) -> str:
                return encode(sign(run), [row[place] for place in places], seal)

            self._cursor = self.selection.code.keep(cursor, "cursor")
        return self._cursor
