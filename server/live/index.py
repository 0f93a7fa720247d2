"""Inverted index from what is written to who has read it: an event costs a look-up, not a walk over all who watch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from server.events.writes import Write
from server.live.reads import Read

G = TypeVar("G")
# Which rows alone a read is of: a column, and the values that they have there; None: any row of the table.
Pinned = tuple[str, frozenset[UUID]]
Entry = tuple[Read, ...]


class Index(Generic[G]):
    """Who has read what. `everything`: those of whom nothing certain is known."""

    def __init__(self) -> None:
        self.everything: set[G] = set()
        self._any_row: dict[str, dict[G, Entry]] = {}
        self._rows: dict[tuple[str, str, UUID], dict[G, Entry]] = {}
        self._columns: dict[tuple[str, str], dict[G, Entry]] = {}  # the same by table and column
        self._places: dict[G, list[dict[G, Entry]]] = {}

    def put(self, group: G, reads: Sequence[tuple[Read, Pinned | None]] | None) -> None:
        """What this one has read, instead of what it had; None: anything."""
        self.remove(group)
        if reads is None:
            self.everything.add(group)
            return
        places: list[dict[G, Entry]] = []

        def add(place: dict[G, Entry], read: Read) -> None:
            if group not in place:
                places.append(place)
            place[group] = (*place.get(group, ()), read)

        for read, pinned in reads:
            if pinned is None:
                add(self._any_row.setdefault(read.table, {}), read)
                continue
            column, values = pinned
            add(self._columns.setdefault((read.table, column), {}), read)
            for value in values:
                add(self._rows.setdefault((read.table, column, value), {}), read)
        self._places[group] = places

    def remove(self, group: G) -> None:
        """It watches no more."""
        self.everything.discard(group)
        for place in self._places.pop(group, ()):
            place.pop(group, None)

    def sweep(self) -> None:
        """Forget the values that nobody reads any more."""
        for key in [key for key, readers in self._rows.items() if not readers]:
            del self._rows[key]

    def readers(self, writes: Iterable[Write]) -> Iterator[G]:
        """Those who may have read what was written; one may come several times."""
        yield from self.everything
        for write in writes:
            yield from _met(self._any_row.get(write.table), write)
            for (table, column), readers in self._columns.items():
                if table != write.table:
                    continue
                values = write.pins.get(column)
                if values is None:
                    yield from _met(readers, write)
                    continue
                for value in values:
                    yield from _met(self._rows.get((table, column, value)), write)


def _met(readers: Mapping[G, Entry] | None, write: Write) -> Iterator[G]:
    for group, reads in (readers or {}).items():
        if any(_meets(read, write) for read in reads):
            yield group


def _meets(read: Read, write: Write) -> bool:
    if write.is_new:
        return not read.is_by_key
    return write.columns is None or read.columns is None or not write.columns.isdisjoint(read.columns)
