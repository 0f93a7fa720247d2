"""Query cost analysis: the price of an operation before it runs, by the rows that its plans may fetch.

A statement costs one, a row costs one, and as many as are made of it where a field says so (`Derived.price`); a to-one
row is free, since it comes with its statement. A condition that no
index serves costs SCAN in each statement that has it: it is looked at for row after row, whatever comes of it.

Where rows of several types may stand (an interface, a union, `nodes`), each type is fetched by statements of its own,
but a row is of one type only. So the place costs what its rows cost if all were of the dearest type. To this come the
statements: of the rows themselves at most one for each row, and whatever the types have below them (lists, counts,
looks), because each of them may occur. This is never less than what is fetched: of m types that occur there are at
least m rows, and no mixture of rows costs more than the same number of the dearest. And a type of which a document
asks for nothing below its own row adds nothing, so that a new aggregate makes no existing document dearer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from server.query.compile.plan import Level
from server.query.compile.statement import Run, resolved
from server.query.problem import too_costly

MOST_ROWS = 20_000
SCAN = 500  # what 50,000 rows cost that are only looked at, beside one that is fetched and written


@dataclass(slots=True)
class PricedLevel:
    """A level as it is priced: rows for each parent, how often it has a parent, and its own statements."""

    level: Level
    page: int
    parents: int
    statements: int = 1

    @property
    def rows(self) -> int:
        return self.page * self.parents

    @property
    def cost(self) -> int:
        counted = (1 + self.parents) if self.level.count else 0
        return self.statements + self.rows * (1 + self.level.weight) + counted + SCAN * self.scans

    @property
    def scans(self) -> int:
        return self.level.scans + (self.level.count.scans if self.level.count else 0)


Path = tuple[str, ...]
Sizes = dict[int, int]  # id(level) → a smaller page, tried for the hint
LOOKS = 10_000  # at levels, while smaller pages are looked for, before the hint is to ask for fewer lists


class _Prices:
    """What levels cost, as a function of how many parents they have: so much once, and so much for each.

    Each level is looked at once, however deep the document: below a place of many types that would else be the types
    to the power of the depth.
    """

    def __init__(self, run: Run, sizes: Sizes, without: Collection[Path]) -> None:
        self._run = run
        self._sizes = sizes
        self._without = without
        self._known: dict[int, tuple[int, int]] = {}

    def page(self, level: Level) -> int:
        if level.given is not None:
            return level.most * len(resolved(level.given, self._run))
        return self._sizes.get(id(level), level.page.of(self._run) if level.page else level.most)

    def places(self, levels: Iterable[Level]) -> Iterable[list[Level]]:
        """The levels by where they stand in the answer: several of them are the types that may stand there."""
        found: dict[Any, list[Level]] = {}
        for level in levels:
            if level.path not in self._without:
                found.setdefault(level.path if level.is_one_of_types else id(level), []).append(level)
        return found.values()

    def total(self, levels: Iterable[Level]) -> tuple[int, int]:
        """Once, and for each parent."""
        once = each = 0
        for types in self.places(levels):
            prices = [self.of(level) for level in types]
            if len(types) > 1:  # at most one statement for each row, instead of one; all rows are of the dearest
                prices = [(of_type - 1, rows + self.page(level)) for level, (of_type, rows) in zip(types, prices)]  # noqa: B905
            once += sum(of_type for of_type, _ in prices)
            each += max(rows for _, rows in prices)
        return once, each

    def of(self, level: Level) -> tuple[int, int]:
        """Of one level and what stands below it."""
        if (known := self._known.get(id(level))) is None:
            once, each = self.total(child.level for child in level.children)
            alone, page = PricedLevel(level, 0, 0).cost, self.page(level)
            counted = 1 if level.count else 0
            known = self._known[id(level)] = (alone + once, page * (1 + level.weight) + counted + page * each)
        return known

    def parts(self, levels: Iterable[Level], parents: int) -> Iterable[PricedLevel]:
        """Every level with its rows, outermost first; of the types in one place the dearest, and the others' lists."""
        for types in self.places(levels):
            dearest = max(types, key=lambda level: self.of(level)[1] + self.page(level))
            first, *below = self._part(dearest, parents)
            if len(types) > 1:
                first.statements = first.rows
            yield first
            yield from below
            for level in types:
                if level is not dearest:
                    first, *below = self._part(level, 0)
                    first.statements = 0
                    yield from (part for part in (first, *below) if part.cost)

    def _part(self, level: Level, parents: int) -> Iterable[PricedLevel]:
        part = PricedLevel(level, self.page(level), parents)
        yield part
        yield from self.parts((child.level for child in level.children), part.rows)


def price(levels: Iterable[Level], run: Run) -> list[PricedLevel]:
    """Every level with its rows, outermost first."""
    return [*_Prices(run, {}, ()).parts(levels, 1)]


def _total(levels: Iterable[Level], run: Run, sizes: Sizes | None = None, without: Collection[Path] = ()) -> int:
    """What they cost together. `without` these paths and what stands below them."""
    return sum(_Prices(run, sizes or {}, without).total(levels))


def fixed_price(levels: list[Level], run: Run) -> int | None:
    """What the plans may cost, if no page size of theirs is a variable; else None."""
    is_fixed = all(level.page is None or isinstance(level.page.size, int) for level in _paged(levels))
    is_fixed &= all(level.given is None for level in levels)
    return _total(levels, run) if is_fixed else None


def check_price(levels: list[Level], run: Run, limit: int = MOST_ROWS) -> tuple[int, GraphQLError | None]:
    """What the plans may cost, and a refusal that says which part and what would pass."""
    requested = _total(levels, run)
    if requested <= limit:
        return requested, None
    parts = price(levels, run)
    breakdown = [_told(part) for part in sorted(parts, key=lambda each: -each.cost)[:10]]
    sizes = _fitting(levels, run, limit, LOOKS // len(parts))
    pages = [f"{'.'.join(level.path)} → {sizes[id(level)]}" for level in _paged(levels) if id(level) in sizes]
    worst = breakdown[0]
    if not pages and (places := _left_out(levels, run, limit, parts)):
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


def _told(part: PricedLevel) -> dict[str, Any]:
    told = {"path": ".".join(part.level.path), "pageSize": part.page, "rows": part.rows, "cost": part.cost}
    return told | ({"unindexed": part.scans} if part.scans else {})


def _left_out(levels: list[Level], run: Run, limit: int, parts: list[PricedLevel]) -> list[str]:
    """The lists whose conditions no index serves, the dearest first, until the rest passes; none if it never does."""
    scanning = sorted((part for part in parts if part.scans), key=lambda part: -part.cost)
    paths = list(dict.fromkeys(part.level.path for part in scanning))
    count = bisect_left(
        range(len(paths) + 1), True, key=lambda count: _total(levels, run, without=paths[:count]) <= limit
    )
    outer = [
        path for path in paths[:count] if not any(path[:length] in paths[:count] for length in range(1, len(path)))
    ]
    return [".".join(path) for path in outer] if count <= len(paths) else []


def _paged(levels: Iterable[Level]) -> Iterable[Level]:
    for level in levels:
        if level.page:
            yield level
        yield from _paged(child.level for child in level.children)


def _fitting(levels: list[Level], run: Run, limit: int, rounds: int) -> Sizes:
    """Page sizes that pass: the largest page of those that count is made smaller until it fits."""
    sizes: Sizes = {}
    for _ in range(rounds):
        prices = _Prices(run, sizes, ())
        if sum(prices.total(levels)) <= limit:
            return sizes
        paged = [part for part in prices.parts(levels, 1) if part.level.page and part.parents]
        largest = max(paged, key=lambda part: part.page, default=None)
        if largest is None or largest.page <= 1:
            return {}
        low, high = 1, largest.page - 1
        if high > 20:
            low = high // 2  # halve large pages in turn, so that no single list bears it all
        while low < high:
            middle = (low + high + 1) // 2
            fits = _total(levels, run, sizes | {id(largest.level): middle}) <= limit
            low, high = (middle, high) if fits else (low, middle - 1)
        sizes[id(largest.level)] = low
    return {}
