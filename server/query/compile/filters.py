"""WHERE: a filter as SQL."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from server.query.compile.expression import by_subselect, expression, key_of, rank, template
from server.query.compile.plan_key import Bound
from server.query.compile.scope import scope
from server.query.compile.statement import Convert, Statement, as_key, as_meant, containing, converter, starting
from server.query.declare.catalogue import CatalogueEntry, Entries
from server.query.declare.declaration import Column, Listed, ManyToMany, Polymorphic, ToMany, ToOne
from server.query.problem import bad_input
from server.query.values import Id, shown_percent_sql
from server.rules.viewer import Viewer

MOST_CONDITIONS = 200  # in one filter
PATTERNS = frozenset({"contains", "startsWith"})  # of folded texts
_EQUAL = frozenset({"eq", "in"})
_ORDERED = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
Path = tuple[str, ...]


@dataclass(slots=True)
class Filters:
    """Writes the conditions of filters into one statement."""

    statement: Statement
    viewer: Viewer
    written: int = 0

    def where(self, entries: Entries, filter_: Mapping[str, Any], alias: str, path: Path) -> str:
        """The condition of a whole filter; "true" for an empty one."""
        return _joined(self.conditions(entries, filter_, alias, path), " AND ", "true")

    def conditions(self, entries: Entries, filter_: Mapping[str, Any], alias: str, path: Path) -> list[str]:
        """The conditions that must all hold."""
        parts = []
        for name, value in filter_.items():
            here = (*path, name)
            if value is None:
                raise bad_input("null_condition", *here, constraint="absent_or_is_null", name=name)
            self.written += 1
            if self.written > MOST_CONDITIONS:
                most = f"≤ {MOST_CONDITIONS}"
                raise bad_input("too_many_conditions", *path, constraint=most, limit=MOST_CONDITIONS)
            if name in ("and", "or"):
                each = [self.where(entries, one, alias, (*here, str(n))) for n, one in enumerate(value)]
                parts.append(_joined(each, " AND ", "true") if name == "and" else _joined(each, " OR ", "false"))
            elif name == "not":
                parts.append(f"({self.where(entries, value, alias, here)}) IS NOT TRUE")
            else:
                entry = entries.api[name]
                match entry.declaration:
                    case ToOne():
                        parts.append(self._related(entries, entry, value, alias, here))
                    case ToMany() | ManyToMany() | Listed():
                        parts += self._listed(entry, value, alias, here)
                    case Polymorphic():
                        parts += self._of_any_type(entry, value, alias, here)
                    case _:
                        parts.append(self._own(entries, entry, value, alias, here))
        return [part for part in parts if part != "true"]

    def _own(
        self, entries: Entries, entry: CatalogueEntry, comparators: Mapping[str, Any], alias: str, path: Path
    ) -> str:
        """Conditions on a field of the row: patterns by what is kept folded, equality by the key where that has the
        index."""
        table, prefix, reach = entries.table, entries.row.prefix, by_subselect(self.statement, self.viewer)
        groups: dict[str, dict[str, Any]] = {}
        for name, value in comparators.items():
            is_by_key = name in _EQUAL and isinstance(entry.declaration, Column) and entry.column not in table.unique
            kind = "folded" if name in PATTERNS else "key" if is_by_key and entry.column in table.keys else ""
            groups.setdefault(kind, {})[name] = value
        parts = []
        for kind, given in groups.items():
            kept = {"folded": table.folded, "key": table.keys}.get(kind)
            sql = expression(entries, entry, alias, self.statement, self.viewer, reach, kept)
            parts.append(self._compared(sql, entry, given, prefix, path, as_key if kind == "key" else _meant(entry)))
        return _joined(parts, " AND ", "true")

    def _compared(
        self,
        sql: str,
        entry: CatalogueEntry,
        comparators: Mapping[str, Any],
        prefix: str,
        path: Path,
        convert: Convert | None = None,
    ) -> str:
        parts = []
        if entry.leaf.name == "Percent":
            sql = shown_percent_sql(sql)
        for name, value in comparators.items():
            here = (*path, name)
            if value is None:
                raise bad_input("null_comparator", *here, constraint="isNull: true", name=name)
            if entry.leaf.name == "ID":
                only(prefix, value, here)
            ranks = getattr(entry.declaration, "ranks", ()) if name in _ORDERED else ()
            if ranks:
                given = _named(value) or self.statement.bind(value, "text")
                parts.append(f"{rank(sql, ranks)} {_ORDERED[name]} {rank(given, ranks)}")
                continue
            parts.append(self._comparison(sql, entry.type, name, value, convert or converter(entry.type)))
        return _joined(parts, " AND ", "true")

    def _comparison(self, sql: str, type_: str, name: str, value: Any, convert: Convert) -> str:
        bind = self.statement.bind
        match name:
            case "isNull":
                return f"{sql} IS NULL" if value else f"{sql} IS NOT NULL"
            case "eq" if isinstance(value, bool):
                return sql if value else f"NOT {sql}"
            case "eq":
                return f"{sql} = {_named(value) or bind(value, type_, convert)}"
            case "neq":
                return f"{sql} IS DISTINCT FROM {_named(value) or bind(value, type_, convert)}"
            case "in":
                return f"{sql} = ANY({_named(value) or bind(value, type_ + '[]', convert)})"
            case "nin":
                return f"({sql} = ANY({_named(value) or bind(value, type_ + '[]', convert)})) IS NOT TRUE"
            case "contains":
                return f"{sql} LIKE {bind(value, 'text', containing)}"
            case "startsWith":
                return f"{sql} LIKE {bind(value, 'text', starting)}"
        return f"{sql} {_ORDERED[name]} {bind(value, type_, convert)}"

    def _related(
        self, entries: Entries, entry: CatalogueEntry, filter_: Mapping[str, Any], alias: str, path: Path
    ) -> str:
        """A condition on another row, as far as the viewer sees it: a hidden row is no row.

        One equality on a unique column becomes a scalar sub-select (45 times faster than EXISTS there), a condition
        on the id alone of rows that nobody hides needs no other table at all.
        """
        target = entry.target
        assert target is not None
        key = key_of(entries, entry, alias, self.statement, by_subselect(self.statement, self.viewer))
        ids = filter_.get("id")
        if ids is not None and "isNull" in ids and ids["isNull"] is not None:
            rest = {name: value for name, value in ids.items() if name != "isNull"}
            others = {name: value for name, value in filter_.items() if name != "id"}
            exists = self._related(entries, entry, {}, alias, path)
            none = f"NOT ({exists})" if ids["isNull"] else exists
            more = {**others, **({"id": rest} if rest else {})}
            return f"({none} AND {self._related(entries, entry, more, alias, path)})" if more else none
        if not filter_ and scope(target.row.visibility, alias, self.statement, self.viewer) is None:
            return f"{key} IS NOT NULL"
        if isinstance(entry.declaration, ToOne) and entry.declaration.within:
            reach, found = by_subselect(self.statement, self.viewer), self._found(target, filter_, path)
            return f"({template(entry.declaration.within, entries, alias, self.statement, reach, found=found)})"
        other = self.statement.alias("x")
        seen = scope(target.row.visibility, other, self.statement, self.viewer)
        if seen is None and ids and len(filter_) == 1 and set(ids) <= {"eq", "in"}:
            return self._compared(key, target.api["id"], ids, target.row.prefix, (*path, "id"))
        condition = self.where(target, filter_, other, path)
        more_seen = f" AND {seen}" if seen else ""
        table = self.statement.table(target.table.name)
        if _is_unique(target, filter_):
            return f"{key} = (SELECT {other}.id FROM {table} {other} WHERE {condition}{more_seen})"
        return f"EXISTS (SELECT 1 FROM {table} {other} WHERE {other}.id = {key} AND {condition}{more_seen})"

    def _listed(self, entry: CatalogueEntry, quantifiers: Mapping[str, Any], alias: str, path: Path) -> list[str]:
        """Conditions on the rows of a list, as far as the viewer sees them: a hidden row is in no list."""
        parts = []
        for name, value in quantifiers.items():
            if value is None:
                raise bad_input("null_condition", *path, name, constraint="absent_or_is_null", name=name)
            exists = self._exists(entry, {} if name == "isEmpty" else value, alias, (*path, name))
            parts.append(exists if name == "some" or value is False else f"NOT {exists}")
        return parts

    def _exists(self, entry: CatalogueEntry, filter_: Mapping[str, Any], alias: str, path: Path) -> str:
        """That a list has a row that meets the filter."""
        target, statement, declaration = entry.target, self.statement, entry.declaration
        assert target is not None
        reach = by_subselect(statement, self.viewer)
        if isinstance(declaration, Listed):
            return f"{alias}.{declaration.key} && ARRAY{self._found(target, filter_, path)}"
        other = statement.alias("x")
        from_ = f"{statement.table(target.table.name)} {other}"
        masked = None
        if isinstance(declaration, ManyToMany):
            link = statement.alias("l")
            near = declaration.link
            near = statement.table(near) if near.isidentifier() else template(near, None, link, statement, reach)
            from_ = f"{near} {link} JOIN {from_} ON {other}.id = {link}.{declaration.far}"
            where = [f"{link}.{declaration.near} = {alias}.id"]
            if declaration.mask is not None:
                masked = scope(declaration.mask, alias, statement, self.viewer)
        else:
            assert isinstance(declaration, ToMany)
            where = [f"{other}.{declaration.key} = {alias}.id"]
            if "{" in declaration.key:
                where = [f"({template(declaration.key, target, other, statement, reach, parent=f'{alias}.id')})"]
            if declaration.where:
                where.append(f"({template(declaration.where, target, other, statement, reach)})")
        seen = scope(target.row.visibility, other, statement, self.viewer)
        where += [seen] if seen else []
        where += [f"{other}.{target.row.archived} IS NULL"] if target.row.archived else []
        where += self.conditions(target, filter_, other, path)
        exists = f"EXISTS (SELECT 1 FROM {from_} WHERE {' AND '.join(where)})"
        return f"coalesce({masked} AND {exists}, false)" if masked else exists

    def _found(self, target: Entries, filter_: Mapping[str, Any], path: Path) -> str:
        """The ids of the rows that the viewer sees and that meet the filter, as a sub-select."""
        other = self.statement.alias("x")
        seen = scope(target.row.visibility, other, self.statement, self.viewer)
        where = [*self.conditions(target, filter_, other, path), *([seen] if seen else [])]
        from_ = f"{self.statement.table(target.table.name)} {other}"
        return f"(SELECT {other}.id FROM {from_}{' WHERE ' + ' AND '.join(where) if where else ''})"

    def _of_any_type(self, entry: CatalogueEntry, filter_: Mapping[str, Any], alias: str, path: Path) -> list[str]:
        """Conditions on the id of a row of any type: of what the viewer does not see there is none."""
        declaration = entry.declaration
        assert isinstance(declaration, Polymorphic)
        reach, parts = by_subselect(self.statement, self.viewer), []
        key, type_ = (
            f"({template(sql, None, alias, self.statement, reach)})" if "{" in sql else f"{alias}.{sql}"
            for sql in (declaration.id_column, declaration.type_column)
        )
        for field, comparators in filter_.items():
            if comparators is None:
                raise bad_input("null_condition", *path, field, constraint="absent_or_is_null", name=field)
            for name, value in comparators.items():
                here = (*path, field, name)
                if value is None:
                    raise bad_input("null_comparator", *here, constraint="absent_or_is_null", name=name)
                parts.append(self._comparison(key, "uuid", name, value, converter("uuid")))
                seen = [
                    self._is_seen(entry.possible[prefix], key, type_)
                    for prefix in sorted(prefixes_in(value, entry.possible, here))
                ]
                parts.append(_joined(seen, " OR ", "false"))
        return parts

    def _is_seen(self, target: Entries, key: str, type_: str) -> str:
        """That the row is of this type, and that the viewer sees it."""
        other = self.statement.alias("x")
        seen = scope(target.row.visibility, other, self.statement, self.viewer)
        is_of_type = f"{type_} = '{target.row.name}'"
        if seen is None:
            return is_of_type
        from_ = f"{self.statement.table(target.table.name)} {other}"
        return f"({is_of_type} AND EXISTS (SELECT 1 FROM {from_} WHERE {other}.id = {key} AND {seen}))"


def _meant(entry: CatalogueEntry) -> Convert | None:
    meant = entry.declaration.meant if isinstance(entry.declaration, Column) else None
    return None if meant is None else as_meant(meant)


def _named(value: Any) -> str | None:
    """An enum's member, or a list of them, that the document itself names, as SQL's literal.

    Written out: of a bound value PostgreSQL cannot tell that the index on what is open has all the rows.
    """
    if isinstance(value, enum.Enum):
        return f"'{value.name}'"
    if isinstance(value, list) and value and all(isinstance(each, enum.Enum) for each in value):
        return f"'{{{','.join(each.name for each in value)}}}'::text[]"
    return None


def _is_unique(target: Entries, filter_: Mapping[str, Any]) -> bool:
    if len(filter_) != 1:
        return False
    ((name, value),) = filter_.items()
    entry = target.api.get(name)
    if entry is None or not isinstance(entry.declaration, Column) or entry.declaration.mask is not None:
        return False
    return entry.column in target.table.unique and isinstance(value, Mapping) and set(value) == {"eq"}


def only(prefix: str, value: Any, path: Path) -> None:
    """Refuse the ids of another type."""
    match value:
        case Bound(_, frozenset() as known):
            prefixes = set(known)
        case Bound(_, str() as known):
            prefixes = {known}
        case Id():
            prefixes = {value.prefix}
        case list():
            for index, each in enumerate(value):
                only(prefix, each, (*path, str(index)))
            return
        case _:
            return
    if prefixes - {prefix}:
        raise bad_input("id_of_another_type", *path, constraint=f"{prefix}_…", id=value)


def prefixes_in(value: Any, known: Collection[str], path: Path) -> set[str]:
    """The prefixes of an id, or of a list of ids; refuses those that no row of these has."""
    match value:
        case Bound(_, frozenset() as given):
            prefixes = {str(each) for each in given}
        case Bound(_, str() as given):
            prefixes = {given}
        case Id():
            prefixes = {value.prefix}
        case list():
            return {each for index, one in enumerate(value) for each in prefixes_in(one, known, (*path, str(index)))}
        case _:
            return set()
    if prefixes - {*known}:
        wanted = ", ".join(f"{each}_…" for each in sorted(known))
        raise bad_input("id_of_another_type", *path, constraint=wanted, id=value)
    return prefixes


def _joined(parts: list[str], by: str, empty: str) -> str:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else f"({by.join(parts)})"
