"""Read tracking: an execution's context and viewer that note what was asked of them, by SQL and by Python alike.

Answers may be shared by those for whom everything that was asked is the same. What is noted is what is read: nobody
declares it, so nothing can be forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import fields
from functools import cache, cached_property
from typing import Any, TypeVar

from server.query.declare.context import Context
from server.rules.viewer import Viewer

C = TypeVar("C", bound=Context)
# The moment, as far as it is read: each alters the answer at another time.
NOW, TODAY, CITY = "now", "today", "city"
_MOMENTS = frozenset({NOW, TODAY, CITY})
_FACTS = frozenset(
    {each.name for each in fields(Viewer)}
    | {name for name, each in vars(Viewer).items() if isinstance(each, cached_property | property)}
)


class ReadFacts:
    """What one execution asked: of its viewer, by the names of facts; of the moment; and until when it holds."""

    def __init__(self) -> None:
        self.facts: set[str] = set()
        self.moments: set[str] = set()
        self.sign_in = False
        self.holds_until: dt.datetime | None = None

    def until(self, moment: dt.datetime | None) -> None:
        if moment is not None and (self.holds_until is None or moment < self.holds_until):
            self.holds_until = moment


class NotingViewer(Viewer):
    """The same viewer; each fact that is asked for is noted. Methods are asked of this one, so that what they ask is
    noted as well; a fact that follows from others is noted alone."""

    def __init__(self, viewer: Viewer, noted: ReadFacts) -> None:
        object.__setattr__(self, "_viewer", viewer)
        object.__setattr__(self, "_noted", noted)

    def __getattribute__(self, name: str) -> Any:
        if name not in _FACTS:
            return object.__getattribute__(self, name)
        object.__getattribute__(self, "_noted").facts.add(name)
        return getattr(object.__getattribute__(self, "_viewer"), name)

    def __eq__(self, other: object) -> bool:
        object.__getattribute__(self, "_noted").facts.update(each.name for each in fields(Viewer))
        return bool(object.__getattribute__(self, "_viewer") == other)

    def __hash__(self) -> int:
        object.__getattribute__(self, "_noted").facts.update(each.name for each in fields(Viewer))
        return hash(object.__getattribute__(self, "_viewer"))


def noting(context: C, noted: ReadFacts) -> C:
    """The same context, which notes into `noted`."""
    kind: Any = context.__class__
    made: Any = object.__new__(_noting(kind))
    for each in fields(context):
        object.__setattr__(made, each.name, getattr(context, each.name))
    object.__setattr__(made, "asker", NotingViewer(context.asker, noted))
    object.__setattr__(made, "noted", noted)
    found: C = made
    return found


@cache
def _noting(kind: Any) -> Any:
    class Noting(kind):  # type: ignore[misc]  # of the context's own class, which installation.py chooses
        __slots__ = ("noted",)

        def __getattribute__(self, name: str) -> Any:
            if name in _MOMENTS:
                object.__getattribute__(self, "noted").moments.add(name)
            elif name == "sign_in":
                object.__getattribute__(self, "noted").sign_in = True
            return super().__getattribute__(name)

        @property
        def read_at(self) -> dt.datetime:
            at: dt.datetime = super().__getattribute__(NOW)
            return at

        def holds_until(self, moment: dt.datetime | None) -> dt.datetime:
            object.__getattribute__(self, "noted").until(moment)
            return self.read_at

    return Noting


def facts_of(viewer: Viewer, names: frozenset[str]) -> tuple[Hashable, ...]:
    """What this viewer's answers are to what was asked, in a fixed order."""
    return tuple(_frozen(getattr(viewer, name)) for name in sorted(names))


def _frozen(value: Any) -> Hashable:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value
