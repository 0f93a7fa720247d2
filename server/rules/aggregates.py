"""Every aggregate and every part, in the order in which their verbs are offered, and what follows from them.

They are found by looking through this folder: a new one is declared in a module of its own, and that is all. What
contradicts itself stops the server's start with one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Final

from server import rules
from server.rules import lifecycle
from server.rules.aggregate import Aggregate, Part, Rule, Verb, bound
from server.rules.event import EventType
from server.rules.visibility import EVENTS, NOBODY, Visibility

# In this order verbs are offered; what is not named here follows by its name.
ORDER: Final = (
    *("organisation", "programme", "city", "holiday", "work_plan", "target", "amendment", "measurement", "task"),
    *(
        "comment",
        "account",
        "token",
        "appointment",
        "collaboration",
        "escalation",
        "person",
        "decision",
        "follow_up",
        "delegation",
    ),
)
# Tables that nobody looks up by itself: bookkeeping, and what only statements over other rows read.
BOOKKEEPING: Final = frozenset(
    {
        *("idempotency_key", "reader_position", "sign_in_attempt", "swept_until", "texts_kept"),
        *("task_count", "task_dependency", "last_act"),
        *("account_words", "organisation_words", "work_plan_words", "target_words", "task_words"),
        *("collaboration_request_words", "programme_words", "escalation_words"),
    }
)
EVENT: Final[Part[Any]] = Part(name="Event", table="event", prefix="event", visibility=EVENTS)


class Undeclared(LookupError):
    """A declaration that is missing, or that contradicts another: a sentence says what to write where."""


Declared = Sequence[tuple[str, Part[Any]]]  # each with the file in which it stands


def declared(modules: Iterable[ModuleType]) -> tuple[tuple[str, Part[Any]], ...]:
    """What these modules declare, each with the file of the module that does; others may have imported it."""
    found: dict[int, tuple[str, Part[Any]]] = {}
    for module in modules:
        own = vars(module).get("__annotations__", {})
        for name, value in vars(module).items():
            if isinstance(value, Part) and (name in own or id(value) not in found):
                found[id(value)] = (module.__name__.replace(".", "/") + ".py", value)
    return tuple(found.values())


def _modules() -> Iterator[ModuleType]:
    """The modules of this folder but this one, which none of them imports."""
    names = {each.name for each in iter_modules(rules.__path__)} - {"aggregates"}
    for name in sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        yield import_module(f"{rules.__name__}.{name}")


def check(all_: Declared) -> None:
    """Refuses what lacks something or contradicts another declaration: Undeclared says what to write where."""
    verbs = _verbs(all_)
    known = {*verbs, *lifecycle.OF_ITSELF}
    for place, each in all_:
        wrong = (
            _wrong_table(each)
            or next((f"the verb {name} has no event" for name, verb in _own(each) if verb.event is None), None)
            or _wrong_moves(each, known)
        )
        if wrong is not None:
            raise Undeclared(f"{place}: {each.name}: {wrong}.")
    _unique(all_, "name")
    _unique(all_, "table")
    _unique(all_, "prefix")
    told = {event for verb in verbs.values() for event in (verb.event, *verb.beside)}
    told.update(event for _, each in all_ for event in each.of_itself)
    for event in EventType:
        if event not in told:
            raise Undeclared(
                f"server/rules/event.py: nothing leaves {event.name}. Name it in the verb that does, or in of_itself."
            )


def _wrong_table(each: Part[Any]) -> str | None:
    if isinstance(each, Aggregate) and each.table is None:
        return "an aggregate has a table: name it"
    if each.table is not None and each.prefix is None:
        return f'its table "{each.table}" has no prefix for its ids'
    if each.table is not None and each.visibility is None:
        return (
            f'who sees the rows of "{each.table}"? Give it a visibility: a rule over its columns (see'
            " server/rules/visibility.py), EVERYONE, or NOBODY"
        )
    return None


def _wrong_moves(each: Part[Any], verbs: set[str]) -> str | None:
    states = set() if each.states is None else {*each.states.__members__}
    for verb, moves in each.moves.items():
        if verb.partition(", ")[0] not in verbs:
            return f"its moves name {verb}, which no module of server/rules declares as a verb"
        for state in {*moves.keys(), *moves.values()} - {None, *states}:
            return f"its moves name the state {state}, which is none of its states"
    for verb, _ in _own(each) if each.moves else ():
        if not any(verb == name.partition(", ")[0] for name in each.moves):
            return f"in which states is {verb} allowed? Say it in its moves"
    return None


def _own(each: Part[Any]) -> Iterator[tuple[str, Verb]]:
    yield from each.verbs.items()
    for verbs in each.offered.values():
        yield from verbs.items()


def _verbs(all_: Declared) -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for place, each in all_:
        for name, verb in (*_own(each), *each.many.items()):
            if name in found:
                raise Undeclared(f"{place}: {each.name}: the verb {name} is declared twice.")
            found[name] = verb
    return found


def _unique(all_: Declared, attribute: str) -> None:
    seen: dict[str, str] = {}
    for place, each in all_:
        value = getattr(each, attribute)
        if value is not None and seen.setdefault(value, place) is not place:
            raise Undeclared(f'{place}: {each.name}: the {attribute} "{value}" is taken in {seen[value]}.')


DECLARED: Final[Declared] = (*declared(_modules()), ("server/rules/aggregates.py", EVENT))
check(DECLARED)

AGGREGATES: Final = tuple(each for _, each in DECLARED if isinstance(each, Aggregate))
VERBS: Final[Mapping[str, Verb]] = _verbs(DECLARED)
BY_TABLE: Final[Mapping[str, Part[Any]]] = {each.table: each for _, each in DECLARED if each.table is not None}
# Under which names a column or an input refers to something (without `_id`) → the prefixes of its ids.
REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(each.prefix for _, each in DECLARED if name in each.names and each.prefix is not None)
    for _, one in DECLARED
    for name in one.names
}
VISIBILITIES: Final[Mapping[str, Visibility]] = {
    **{table: each.visibility for table, each in BY_TABLE.items() if each.visibility is not None},
    **dict.fromkeys(sorted(BOOKKEEPING), NOBODY),
}


def visibility_of(table: str) -> Visibility:
    """Who sees this table's rows. Raises Undeclared."""
    try:
        return VISIBILITIES[table]
    except KeyError:
        raise Undeclared(
            f'Who sees the rows of "{table}"? Declare it in a module of server/rules, or where its rows are bookkeeping'
            " name the table in BOOKKEEPING of server/rules/aggregates.py."
        ) from None


def offered_on(name: str) -> Mapping[str, Rule]:
    """The rules of all verbs that are offered on a thing: its own, and what is done to something else from there."""
    found: dict[str, Rule] = {}
    for _, each in DECLARED:
        found |= bound(each.verbs) if each.name == name else {}
        found |= bound(each.offered.get(name, {}))
    return found


def lifecycles() -> Mapping[str, Part[Any]]:
    """What has states and moves, by its name in words: `Work plan`."""
    return {_in_words(each.name): each for _, each in DECLARED if each.moves}


def _in_words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()


def as_markdown() -> str:
    """docs/states.md, which `make golden` prints."""
    return lifecycle.as_markdown({name: each.moves for name, each in lifecycles().items()})
