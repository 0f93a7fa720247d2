"""What the rules declare, compared with what the schema says when the server starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from graphql import GraphQLSchema

from server.query.declare.fields import RowType
from server.query.documents.deprecation import Deprecations, WrongReason
from server.rules.aggregates import BY_TABLE, DECLARED, VERBS, Declared, Undeclared
from server.text import LANGUAGES, keys


def check_modules(listed: Mapping[str, Collection[ModuleType]]) -> None:
    """Every module of this folder whose root fields are to be found is listed: by the name of the list that it has.

    Raises Undeclared with what to write where.
    """
    for found in iter_modules([str(Path(__file__).parent)]):
        module = import_module(f"server.schema.{found.name}")
        for name, modules in listed.items():
            if hasattr(module, name) and module not in modules:
                raise Undeclared(
                    f"server/schema/{found.name}.py has {name} that nobody finds: name the module among those of"
                    " server/schema/__init__.py."
                )


def check_deprecations(schema: GraphQLSchema) -> None:
    """Whatever is deprecated says what to use instead and until when it works. Raises Undeclared."""
    try:
        Deprecations(schema).check()
    except WrongReason as wrong:
        raise Undeclared(str(wrong)) from None


def check_schema(mutations: Collection[str], rows: Iterable[RowType], declared: Declared = DECLARED) -> None:
    """Every verb of the rules is a mutation and the other way round; types and states bear their declared names.

    Raises Undeclared with what to write where.
    """
    for name in sorted(set(mutations) - VERBS.keys()):
        raise Undeclared(f"The mutation {name} is no verb: declare it with its aggregate in a module of server/rules.")
    for name in sorted(VERBS.keys() - set(mutations)):
        raise Undeclared(f"The verb {name} has no mutation: add it to `mutations` in a module of server/schema.")
    for row in rows:
        part = BY_TABLE[row.table]
        if row.prefix == part.prefix and row.name != part.name:
            raise Undeclared(f'The type {row.name} is read from "{row.table}", the table of {part.name}: name it so.')
    for place, each in declared:
        for language in LANGUAGES:
            labels = {*keys(language, "label")}
            for state in each.states or ():
                key = f"{type(state).__name__}.{state.name}"
                if key not in labels:
                    raise Undeclared(
                        f'{place}: the state {key} has no label: add "{key}" to server/text/{language}.toml.'
                    )
