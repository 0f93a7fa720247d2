"""Relay connections: one generic for all lists."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

from server.query.declare.fields import total
from server.query.values import Cursor

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="More follow this page.")
    has_previous_page: bool = strawberry.field(
        description="More stand before this page; when paging forwards: whether `after` was given."
    )
    start_cursor: Cursor | None = strawberry.field(description="The first edge's cursor; null for an empty page.")
    end_cursor: Cursor | None = strawberry.field(description="The last edge's cursor; null for an empty page.")


@strawberry.type(description="One place in a list.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="What stands there.")
    cursor: Cursor = strawberry.field(description="Its place, for `after` and `before` of this very list.")


@strawberry.type(
    description="A page of a list: 50 unless `first` or `last` says otherwise (at most 200); 10 and 50 in nested lists."
)
class Connection(Generic[T]):
    nodes: list[T] = strawberry.field(description="The page without its edges.")
    edges: list[Edge[T]] = strawberry.field(description="The page with a cursor for each.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")
    total_count: int = total(
        "How many there are in all, as far as the viewer may see them; counted only when selected, at most `atMost`. "
        "With `search` at most 10,000 matches are counted."
    )
