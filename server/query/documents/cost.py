"""The price of an operation before it runs: the rows that its plans may fetch.

A statement costs one, a row costs one; a to-one row is free, since it comes with its statement. A condition that no
index serves costs SCAN in each statement that has it: it is looked at for row after row, whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from server.query.compile.statement import Run
from server.query.problem import too_costly
from server.query.run.fetch import Level

MOST_ROWS = 20_000
SCAN = 500  # what 50,000 rows cost that are only looked at, beside one that is fetched and written


@dataclass(slots=True)
class Part:
    """A level as it is priced: rows for each parent, and how often it has a parent."""

    level: Level
    page: int
    parents: int

    @property
    def rows(self) -> int:
        return self.page * self.parents

    @property
    def cost(self) -> int:
        counted = (1 + self.parents) if self.level.count else 0
        return 1 + self.rows + counted + SCAN * self.scans

    @property
    def scans(self) -> int:
        return self.level.scans + (self.level.count.scans if self.level.count else 0)


Sizes = dict[int, int]  # id(level) → a smaller page, tried for the hint


def price(levels: Iterable[Level], run: Run, sizes: Sizes | None = None) -> list[Part]:
    """Every level with its rows, outermost first."""
    parts: list[Part] = []
    for level in levels:
        _price(level, run, 1, sizes or {}, parts)
    return parts


def _price(level: Level, run: Run, parents: int, sizes: Sizes, parts: list[Part]) -> None:
    page = sizes.get(id(level), level.page.of(run) if level.page else level.most)
    part = Part(level, page, parents)
    parts.append(part)
    for child in level.children:
        below = part.rows if part.rows or not level.page else 0
        _price(child.level, run, below, sizes, parts)


def fixed_price(levels: list[Level], run: Run) -> int | None:
    """What the plans may cost, if no page size of theirs is a variable; else None."""
    is_fixed = all(level.page is None or isinstance(level.page.size, int) for level in _paged(levels))
    return sum(part.cost for part in price(levels, run)) if is_fixed else None


def check_price(levels: list[Level], run: Run, limit: int = MOST_ROWS) -> tuple[int, GraphQLError | None]:
    """What the plans may cost, and a refusal that says which part and what would pass."""
    parts = price(levels, run)
    requested = sum(part.cost for part in parts)
    if requested <= limit:
        return requested, None
    breakdown = [_told(part) for part in sorted(parts, key=lambda each: -each.cost)[:10]]
    sizes = _fitting(levels, run, limit)
    pages = [f"{'.'.join(level.path)} → {sizes[id(level)]}" for level in _paged(levels) if id(level) in sizes]
    worst = breakdown[0]
    if not pages and (places := _left_out(parts, requested - limit)):
        scanned = sum(part.scans for part in parts)
        return requested, too_costly(
            "too_many_scans", requested, limit, hint="fewer_scans", breakdown=breakdown,
            place=worst["path"], count=scanned, each=SCAN, places=", ".join(places),
        )  # fmt: skip
    return requested, too_costly(
        "too_many_rows",
        requested,
        limit,
        hint="page_sizes" if pages else "fewer_lists",
        breakdown=breakdown,
        pages=pages,
        place=worst["path"],
        rows=worst["rows"],
    )


def _told(part: Part) -> dict[str, Any]:
    told = {"path": ".".join(part.level.path), "pageSize": part.page, "rows": part.rows, "cost": part.cost}
    return told | ({"unindexed": part.scans} if part.scans else {})


def _left_out(parts: list[Part], surplus: int) -> list[str]:
    """The lists whose conditions no index serves, the dearest first, until the rest passes; none if it never does."""
    places: list[str] = []
    left = list(parts)
    for part in sorted((each for each in parts if each.scans), key=lambda each: -each.cost):
        if surplus <= 0:
            break
        path = part.level.path
        gone = [each for each in left if each.level.path[: len(path)] == path]
        if gone:
            places.append(".".join(path))
        surplus -= sum(each.cost for each in gone)
        left = [each for each in left if each not in gone]
    return places if surplus <= 0 else []


def _paged(levels: Iterable[Level]) -> Iterable[Level]:
    for level in levels:
        if level.page:
            yield level
        yield from _paged(child.level for child in level.children)


def _fitting(levels: list[Level], run: Run, limit: int) -> Sizes:
    """Page sizes that pass: the dearest list is made smaller until it fits."""
    sizes: Sizes = {}
    paged = list(_paged(levels))
    while sum(part.cost for part in price(levels, run, sizes)) > limit:
        now: Any = {id(level): sizes.get(id(level), level.page.of(run) if level.page else 1) for level in paged}
        largest = max(paged, key=lambda level: now[id(level)], default=None)
        if largest is None or now[id(largest)] <= 1:
            return {}
        low, high = 1, now[id(largest)] - 1
        if high > 20:
            low = high // 2  # halve large pages in turn, so that no single list bears it all
        while low < high:
            middle = (low + high + 1) // 2
            fits = sum(part.cost for part in price(levels, run, sizes | {id(largest): middle})) <= limit
            low, high = (middle, high) if fits else (low, middle - 1)
        sizes[id(largest)] = low
    return sizes
