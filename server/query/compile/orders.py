"""ORDER BY: a list's order, and the signature that binds its cursors to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from server.query.compile.expression import rank, template
from server.query.compile.keyset import Key, Unseal, after, foreign, nth, nulls_in, signature, values_of
from server.query.compile.plan import Page
from server.query.compile.plan_key import Bound
from server.query.compile.selection import Selection
from server.query.compile.statement import Run, Statement, resolved
from server.query.declare.catalogue import Entries
from server.query.declare.declaration import Column, Computed, ToOne
from server.query.problem import bad_input

MOST_ORDERS = 3
Path = tuple[str, ...]


def order_of(
    selection: Selection, target: Entries, default: Sequence[str], arguments: Mapping[str, Any], path: Path
) -> tuple[Key, ...]:
    """The keys of a list's order: `orderBy`, else the default; the id is always last."""
    wanted: list[tuple[str, bool]] = []
    for index, one in enumerate(arguments.get("orderBy") or []):
        if index >= MOST_ORDERS:
            raise bad_input("too_many_orders", *path, "orderBy", constraint=f"≤ {MOST_ORDERS}", limit=MOST_ORDERS)
        ((name, direction),) = one.items()
        wanted.append((name, direction.value == "DESC"))
    if wanted:
        keys = [_ordered(selection, target, name, down) for name, down in wanted]
    else:
        keys = [_default_key(selection, target, name) for name in default]
    keys = [key for index, key in enumerate(keys) if key.sql not in {each.sql for each in keys[:index]}]
    return (*(key for key in keys if key.sql != "t.id"), Key("t.id", False, "uuid", False, "id"))


def _ordered(selection: Selection, target: Entries, name: str, down: bool) -> Key:
    entry = target.api.get(name)
    if entry is not None and not isinstance(entry.declaration, ToOne):
        read = selection.read(target, entry, "t", target.table.keys)
        if isinstance(entry.declaration, Column | Computed) and entry.declaration.ranks:
            return Key(rank(read, entry.declaration.ranks), down, "integer", entry.is_nullable, name)
        return Key(read, down, entry.type, entry.is_nullable, name)
    for entry in target.api.values():
        if isinstance(entry.declaration, ToOne):
            for column in entry.declaration.order:
                if to_camel_case(f"{entry.declared.python_name}_{column}") == name:
                    assert entry.target is not None
                    table = entry.target.table
                    sql = selection.reach(target, "t", entry, table.keys.get(column, column))
                    return Key(sql, down, entry.target.stored(column).type, True, name)
    raise KeyError(name)


def _default_key(selection: Selection, target: Entries, name: str) -> Key:
    down, name = name.startswith("-"), name.removeprefix("-")
    if "{t}" in name:
        sql = f"({template(name, target, 't', selection.statement, selection.reach)})"
        return Key(sql, down, "numeric", False, name)
    entry = target.python.get(name)
    if entry is not None and not isinstance(entry.declaration, ToOne):
        return Key(
            *(selection.read(target, entry, "t", target.table.keys), down, entry.type),
            *(entry.is_nullable and not entry.is_required, name),
        )
    stored = target.stored(name)
    return Key(f"t.{target.table.keys.get(name, name)}", down, stored.type, stored.nullable, name)


def signer(coordinate: str, keys: Sequence[Key], arguments: Mapping[str, Any]) -> Callable[[Run], str]:
    """What signs a list's cursors: its place in the schema, its order, and the values of filter and search."""
    order = tuple((key.name, key.down) for key in keys)
    rest = {name: arguments[name] for name in sorted(arguments) if name not in ("first", "after", "last", "before")}
    rest.pop("orderBy", None)

    def signed(run: Run) -> str:
        given = {name: resolved(value, run) for name, value in rest.items() if value is not None and value is not False}
        return signature(coordinate, order, given)

    return lambda run: run.once(signed, signed)


def beyond(
    keys: tuple[Key, ...],
    sign: Callable[[Run], str],
    arguments: Mapping[str, Any],
    page: Page,
    statement: Statement,
    path: Path,
    unseal: Unseal,
) -> Sequence[str | None]:
    """Conditions for the rows after (or before) the cursor, one for each branch of the statement."""
    name = "before" if arguments.get("before") is not None else "after"
    cursor = arguments.get(name)
    if cursor is None:
        return [None]
    nulls: Any = cursor.known if isinstance(cursor, Bound) else nulls_in(cursor, unseal)
    if nulls is None or len(nulls) != len(keys) or any(n and not k.nullable for n, k in zip(nulls, keys, strict=True)):
        raise foreign((*path, name))
    values = values_of(cursor, keys, sign, unseal, (*path, name))
    bound = [
        "" if is_null else statement.bind(values, key.type, nth(index))
        for index, (key, is_null) in enumerate(zip(keys, nulls, strict=True))
    ]
    return after(keys, nulls, bound, page.backwards)
