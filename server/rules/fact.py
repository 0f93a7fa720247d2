"""Where the facts of the rules are read: a field of a facts class says it once, for the verbs and for allowedActions.

A facts class is of the rows `{t}` of one table. What its field says nothing of is the row's own column of that name;
for the others `field(metadata=at(place))` names one of these:

    created_at            another column of the row
    work_plan.status      a column of the row to which `work_plan_id` refers, null where it refers to none
    EXISTS (… {t}.id …)   an SQL expression over the row
    escalation            for a field whose type is a facts class itself: the facts of the row to which it refers
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

from server.rules.workdays import Calendar

F = TypeVar("F")


class CityDays(Protocol):
    """What facts that are days are counted by."""

    @property
    def calendar(self) -> Calendar: ...
    @property
    def report_working_days(self) -> int: ...


class Moment(Protocol):
    """When, and in which city: what some facts are made with, whoever asks."""

    @property
    def today(self) -> date: ...
    @property
    def city(self) -> CityDays: ...


Make = Callable[[Any, Moment], Any]


@dataclass(frozen=True, slots=True)
class FactField:
    """A field of a facts class; `part`: the facts class that it holds, of the row to which `place` refers."""

    name: str
    place: str
    make: Make | None
    part: FactsClass | None


@dataclass(eq=False)
class FactsClass:
    """A facts class, and the table of whose rows it is."""

    type: type[Any]
    table: str

    @cached_property
    def facts(self) -> Sequence[FactField]:
        types = get_type_hints(self.type)
        return [_fact(each.name, types[each.name], each.metadata) for each in fields(self.type)]

    @cached_property
    def places(self) -> Mapping[str, str]:
        """By name the places of all values that such facts are made of, in order."""
        found: dict[str, str] = {}
        for each in self.facts:
            if each.part is None:
                found[each.name] = each.place
            else:
                found |= {f"{each.name}_{name}": _from(each.place, place) for name, place in each.part.places.items()}
        return found

    @cached_property
    def found(self) -> Sequence[tuple[str, bool]]:
        """Of each place by which name a verb finds its value: the row's own column, or (True) one of `beside`."""
        names = ((name, place, "." in place or is_expression(place)) for name, place in self.places.items())
        return [(f"beside_{name}" if is_beside else place, is_beside) for name, place, is_beside in names]

    @cached_property
    def beside(self) -> Mapping[str, str]:
        """Those of the places that are no columns of the row itself, by names that are none either."""
        pairs = zip(self.found, self.places.values(), strict=True)
        return {name: place for (name, is_beside), place in pairs if is_beside}


class _Declared(dict[type[Any], FactsClass]):
    def __missing__(self, kind: type[Any]) -> FactsClass:
        raise TypeError(
            f'{kind.__module__}.{kind.__name__} does not say of which rows it is: write @rows_of("…") with their table'
            " above its @dataclass."
        )


FACTS = _Declared()


def rows_of(table: str) -> Callable[[type[F]], type[F]]:
    """Declares a frozen dataclass as facts of this table's rows."""

    def declare(kind: type[F]) -> type[F]:
        FACTS[kind] = FactsClass(kind, table)
        return kind

    return declare


def at(place: str, make: Make | None = None) -> Mapping[str, Any]:
    """A field's metadata: where its value stands, and what the fact is of that value.

    Without `make` members of enums and tuples are made by the field's type, and of a bool null is False.
    """
    return {"at": place, "make": make}


def is_expression(place: str) -> bool:
    """Whether it is SQL over the row, and no way to a column."""
    return "{" in place or "(" in place


def facts_of(kind: type[F], values: Iterable[Any], moment: Moment) -> F:
    """The facts, of what was found at the kind's places, in their order."""
    return cast(F, make(FACTS[kind], iter(values), moment))


def make(kind: FactsClass, values: Iterator[Any], moment: Moment) -> Any:
    made = {}
    for each in kind.facts:
        if each.part is not None:
            made[each.name] = make(each.part, values, moment)
        else:
            value = next(values)
            made[each.name] = value if each.make is None else each.make(value, moment)
    return kind.type(**made)


def _fact(name: str, type_: Any, metadata: Mapping[str, Any]) -> FactField:
    part = FACTS.get(type_) if isinstance(type_, type) else None
    return FactField(name, metadata.get("at", name), metadata.get("make") or _by_type(type_), part)


def _by_type(type_: Any) -> Make | None:
    """What is made of a value because of the field's type."""
    given = get_args(type_)
    is_optional = type(None) in given and len(given) == 2
    one = next(each for each in given if each is not type(None)) if is_optional else type_
    if isinstance(one, type) and issubclass(one, Enum):
        members: dict[Any, Any] = {each.value: each for each in one} | ({None: None} if is_optional else {})
        return lambda value, _: members[value]
    if one is bool:
        return lambda value, _: bool(value)
    if get_origin(one) in (tuple, Sequence):
        return lambda value, _: tuple(value)
    return None


def _from(reference: str, place: str) -> str:
    """A place of the row to which `reference` refers, seen from the row that refers."""
    if is_expression(place):
        return re.sub(r"\{t\}\.(\w+)", rf"{{{reference}.\1}}", place)
    return f"{reference}.{place}"
