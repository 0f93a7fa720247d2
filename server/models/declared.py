"""What the rules declare of the tables, compared with the tables when the server starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.models.fields import Row, Subject
from server.rules.aggregate import Aggregate
from server.rules.aggregates import DECLARED, Declared, Undeclared
from server.rules.visibility import columns


def check_tables(names: Iterable[str], models: Mapping[str, Any], declared: Declared = DECLARED) -> None:
    """Every declared table is a model's, of that name, with the columns and states of which its declaration speaks.

    `models`: by their names, of which `names` are those of tables. Raises Undeclared with what to write where.
    """
    by_table: dict[str, type[Row]] = {}
    for name in names:
        if name not in models:
            raise Undeclared(f"server/models/__init__.py names {name} in __all__: import it there as well.")
        by_table[str(models[name]._meta.db_table)] = models[name]
    for place, each in declared:
        if each.table is None:
            continue
        model = by_table.get(each.table)
        if model is None or model.__name__ != each.name:
            raise Undeclared(
                f'{place}: {each.name}: no model has its table "{each.table}". Write `class {each.name}` with it in'
                " server/models, and name it in server/models/__init__.py."
            )
        where = f"{model.__module__.replace('.', '/')}.py: {each.name}"
        if issubclass(model, Subject) != isinstance(each, Aggregate):
            kind, base = ("an aggregate", "Subject") if isinstance(each, Aggregate) else ("a part", "Row")
            raise Undeclared(f"{where} is declared as {kind} in {place}: derive it from {base}.")
        stored = model._meta.fields_map
        for column in columns(each.visibility or ()):
            if column not in stored and column.removesuffix("_id") not in stored:
                raise Undeclared(f"{where} has no column {column}, by which its visibility in {place} goes.")
        if each.states is not None and all(
            getattr(field, "enum_type", None) is not each.states for field in stored.values()
        ):
            raise Undeclared(f"{where} has no column of {each.states.__name__}, its states in {place}.")
