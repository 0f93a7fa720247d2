"""What an aggregate says of itself, once. `server/rules/aggregates.py` lists all of them, and derives tables from them.

An aggregate (a DDD aggregate root) is what verbs change: a table whose rows bear a version and leave events. A part is
what stands inside one: a table of its own without a version, or nothing but verbs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property, partial
from typing import Generic, Literal, TypeVar

from server.rules.event import EventType
from server.rules.lifecycle import Table
from server.rules.permission import must_be_in_scope
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import Visibility

Facts = TypeVar("Facts")
# Refuses where the viewer may not: (viewer, facts, today), for several verbs (verb, viewer, facts, today), and of what
# is done to nothing yet (viewer, today).
Rule = Callable[..., None]


@dataclass(frozen=True)
class Verb:
    """`rule`: who may, and when; the verb asks it, and `allowedActions` does. `event`: the record of it.

    `beside`: events that it may leave beside the first in its transaction. `scopes`: of a token one of which opens it;
    none: no token does it.
    """

    rule: Rule
    event: EventType | None = None
    beside: tuple[EventType, ...] = ()
    scopes: tuple[TokenScope, ...] = ()


Verbs = Mapping[str, Verb]


@dataclass(frozen=True, kw_only=True)
class Part(Generic[Facts]):
    """`name`: of the model and of the GraphQL type. `prefix`: of its ids. `visibility`: who sees its rows.

    `verbs`: what is done to it, by the mutation's name, in the order in which it is offered. `offered`: what is done to
    or in something else, by that thing's name. `called`: under which further names a column or an input refers to it
    (`assignee` for `assignee_id`). `many`: what does one of these to many rows at once; it is offered nowhere, since
    what is said of the one holds for each row. `moves` and `states`: its lifecycle. `of_itself`: events that no verb
    leaves but the clock, or the end of something else.
    """

    name: str
    table: str | None = None
    prefix: str | None = None
    visibility: Visibility | None = None
    verbs: Verbs = field(default_factory=dict)
    offered: Mapping[str, Verbs] = field(default_factory=dict)
    many: Verbs = field(default_factory=dict)
    called: tuple[str, ...] = ()
    states: type[StrEnum] | None = None
    moves: Table = field(default_factory=dict)
    of_itself: tuple[EventType, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Under which names a column or an input refers to it, without `_id`."""
        return self.called if self.table is None else (self.table, *self.called)

    @cached_property
    def rules(self) -> Mapping[str, Callable[[Viewer, Facts, date], None]]:
        """The rules of its own verbs."""
        return bound(self.verbs)

    def ask(self, verb: str, viewer: Viewer, facts: Facts, today: date) -> None:
        """The rule of one of its own verbs. Refuses."""
        self.rules[verb](viewer, facts, today)


# What is expected of every aggregate; docs/rules has a page for each, tests/house/test_card.py the checks.
Expected = Literal["twins", "type", "recount", "texts", "secrecy", "demo"]
# And of one with a type in the API.
ExpectedOfType = Literal["allowed-actions", "watched", "both-completions", "growth"]


@dataclass(frozen=True, kw_only=True)
class Aggregate(Part[Facts]):
    """A table whose rows change by verbs: each change raises the version and leaves an event.

    `exempt`: of what is expected of an aggregate, what does not hold for this one, and why. All else is
    done, and checked.
    """

    exempt: Mapping[Expected | ExpectedOfType, str] = field(default_factory=dict)


def bound(verbs: Verbs) -> Mapping[str, Rule]:
    """The rules by their verbs; a rule that serves several has been told which one."""
    return {name: _bound(name, verb) for name, verb in verbs.items()}


def _bound(name: str, verb: Verb) -> Rule:
    rule = verb.rule
    named = partial(rule, name) if next(iter(inspect.signature(rule).parameters)) == "verb" else rule
    return partial(_asked, named, verb.scopes)


def _asked(rule: Rule, scopes: tuple[TokenScope, ...], viewer: Viewer, *facts: object) -> None:
    """The rule, and before it whether a token opens the verb at all."""
    must_be_in_scope(viewer, scopes)
    rule(viewer, *facts)
