"""Each aggregate's card: what is expected of it is done, as far as a machine can tell, or exempt with a reason.

The way of Home Assistant's quality scale: a short list of rules, each with its page in docs/rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import GraphQLObjectType, get_named_type
from tortoise import Tortoise

from server import models
from server.actions.check import SUBJECTS
from server.city import load as city_load
from server.demo.load import ORDER
from server.query.declare.declaration import Derived
from server.query.declare.tables import describe
from server.rules.aggregate import Aggregate, Expected, ExpectedOfType
from server.rules.aggregates import AGGREGATES, DECLARED
from server.schema import rows, schema
from server.text import LANGUAGES, keys

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"
CORPUS = ROOT / "tests" / "engine" / "query" / "corpus"
GRAPHQL = schema._schema
RULES: tuple[str, ...] = (*get_args(Expected), *get_args(ExpectedOfType))


def type_of(aggregate: Aggregate[Any]) -> GraphQLObjectType | None:
    found = GRAPHQL.type_map.get(aggregate.name)
    return found if isinstance(found, GraphQLObjectType) else None


def has_twins(aggregate: Aggregate[Any]) -> bool:
    """Its module has twins in the other rooms, and it is the one for which that module is named."""
    (place,) = (place for place, each in DECLARED if each is aggregate)
    first = next(each for where, each in DECLARED if where == place and isinstance(each, Aggregate))
    name = Path(place).name
    return first is aggregate and all(
        (ROOT / "server" / room / name).exists() for room in ("models", "actions", "schema")
    )


def is_watched(aggregate: Aggregate[Any]) -> bool:
    assert GRAPHQL.subscription_type is not None
    changes = [get_named_type(field.type) for field in GRAPHQL.subscription_type.fields.values()]
    nodes = [
        each.fields["node"].type for each in changes if isinstance(each, GraphQLObjectType) and "node" in each.fields
    ]
    return aggregate.name in {get_named_type(node).name for node in nodes}


def offers(aggregate: Aggregate[Any]) -> bool:
    """Its `allowedActions` are made from something: what every subject has is empty."""
    (row,) = (each for each in rows if each.name == aggregate.name)
    declaration = row.fields["allowed_actions"].declaration
    return isinstance(declaration, Derived) and bool(declaration.needs)


def has_texts(aggregate: Aggregate[Any]) -> bool:
    verbs = {*aggregate.verbs, *(verb for offered in aggregate.offered.values() for verb in offered)}
    own = [*aggregate.verbs.values(), *(verb for offered in aggregate.offered.values() for verb in offered.values())]
    events = {verb.event.name for verb in own if verb.event} | {event.name for event in aggregate.of_itself}
    return all(verbs <= {*keys(language, "verb")} and events <= {*keys(language, "event")} for language in LANGUAGES)


def grows_well(aggregate: Aggregate[Any]) -> bool:
    """Its lists' own order has an index that leads with it, or leads with a parent and then it."""
    Tortoise.init_models(["server.models"], "models")
    (row,) = (each for each in rows if each.name == aggregate.name)
    (table,) = describe([getattr(models, aggregate.name)]).values()
    first = row.order[0].removeprefix("-")
    return row.is_small or first == "id" or any(table.keys.get(first, first) in index[:2] for index in table.indexes)


@cache
def statements() -> tuple[str, ...]:
    """The SQL of the corpus, which is answered in both ways."""
    return tuple(each.read_text() for each in CORPUS.glob("*.sql"))


CHECKS: Mapping[str, Callable[[Aggregate[Any]], bool]] = {
    "twins": has_twins,
    "type": lambda aggregate: type_of(aggregate) is not None,
    "recount": lambda aggregate: aggregate.name in {model.__name__ for model in SUBJECTS},
    "texts": has_texts,
    # tests/api/test_who_sees_what.py fails for a table of which it finds nothing hidden, tests/rules/test_visibility.py
    # for one whose events others may read.
    "secrecy": lambda aggregate: aggregate.visibility is not None,
    "demo": lambda aggregate: (
        aggregate.name in {model.__name__ for model in ORDER} or hasattr(city_load, aggregate.name)
    ),
    "allowed-actions": offers,
    "watched": is_watched,
    "both-completions": lambda aggregate: any(f" {aggregate.table} " in statement for statement in statements()),
    "growth": grows_well,
}


def test_every_rule_has_a_page_and_a_check() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*RULES}
    assert {*CHECKS} == {*RULES}


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=[each.name for each in AGGREGATES])
def test_what_is_expected_of_an_aggregate_is_done_or_exempt_with_a_reason(aggregate: Aggregate[Any]) -> None:
    asked = get_args(Expected) if "type" in aggregate.exempt else RULES
    exempt = {str(rule): why for rule, why in aggregate.exempt.items()}
    for rule in asked:
        is_done = CHECKS[rule](aggregate)
        if rule in exempt:
            assert len(exempt[rule]) > 20, f"{aggregate.name}: say in a sentence why it is exempt from {rule}"
            assert not is_done, f"{aggregate.name} is exempt from {rule}, which is done: take the exemption away"
        else:
            assert is_done, (
                f"{aggregate.name}: {rule} is not done. docs/rules/{rule}.md says how; or say in `exempt` of its"
                " declaration why it is not for it"
            )
    assert {*exempt} <= {*asked}, f"{aggregate.name} is exempt from what is not asked of it"
