"""What changed, field by field: as the API writes it, and as people say it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

import orjson
import strawberry
from strawberry.types.base import StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.utils.str_converters import to_camel_case

from server.ids import encode
from server.query.declare.declaration import Column
from server.query.declare.strawberry_types import RowType
from server.rules.aggregates import REFERENCES
from server.schema.enums import ChangedField
from server.schema.labels import labels_of, made_label
from server.schema.scalars import Percent
from server.text import LANGUAGES, Language, day, moment, number, sentence

# And by its key in a list of objects: fromId.
INSIDE: Final = {to_camel_case(f"{name}_id"): prefix for name, (prefix, *_) in REFERENCES.items()}
# Those of the keys there that hold instants: a clock's pauses, the steps of a redirect.
INSTANTS_INSIDE: Final = frozenset({"from", "to", "at"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# What everybody sees is told by its name, as far as it is not a plan that was never submitted.
_NAMED: Final = (
    ("account", "name", ""),
    ("organisation", "name", ""),
    ("programme", "name", ""),
    ("work_plan", "title", " AND x.draft_of_id IS NULL"),
    ("target", "indicator", " AND x.draft_of_id IS NULL"),
    ("task", "title", " AND x.draft_of_id IS NULL"),
)
_KEYS: Final = "|".join(f"{name}_id" for name in sorted(REFERENCES))
_IDS: Final = (
    "SELECT (jsonb_path_query({t}.changes,"
    f" '$.keyvalue() ? (@.key like_regex \"^({_KEYS})$\").value[*] ? (@ != null)') #>> ARRAY[]::text[])::uuid AS id"
)
_NAME: Final = ", ".join(
    f"(SELECT x.{name} FROM {{table:{table}}} x WHERE x.id = i.id{only})" for table, name, only in _NAMED
)
# What the changed references of an event are called: id → name. Null where it changed none.
NAMES: Final = (
    "(SELECT jsonb_object_agg(n.id, n.name) FROM"
    f" (SELECT i.id, coalesce({_NAME}) AS name FROM ({_IDS}) i) n WHERE n.name IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Worded:
    """A value as the log holds it, which is put into words when somebody asks for them: `of` is its column's type, an
    enum or a type of Python, None where the API has no such field."""

    column: str
    value: Any
    of: Any
    zone: dt.tzinfo
    names: Mapping[str, str] = field(default_factory=dict)


class _InWords:
    """A language's words for what is `Worded`, found as a label is."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __getitem__(self, said: Worded) -> str:
        return in_words(self.language, said)


# The name of a type and a column → what it holds.
_TYPES: Final[dict[tuple[str, str], Any]] = {}
_WORDS: Final = cast(Mapping[str, Mapping[Any, str]], {each: _InWords(each) for each in LANGUAGES})


IN_WORDS: Final = frozenset({"beforeText", "afterText"})  # the fields for which alone the names are read
_DESCRIBED: Final = "in words: a state's label, a day, a name, or the id of what not everybody may see"


@strawberry.type(description="One field that an event changed. Values are as the API writes them; lists as JSON.")
class FieldChange:
    field: ChangedField = strawberry.field(description="Which field.")
    before: str | None = strawberry.field(description="Its value before; null when it had none.")
    before_text: str | None = made_label("before_worded", _WORDS, f"`before` {_DESCRIBED}; null when it had none.")
    after: str | None = strawberry.field(description="Its value afterwards; null when it has none.")
    after_text: str | None = made_label("after_worded", _WORDS, f"`after` {_DESCRIBED}; null when it has none.")
    before_worded: strawberry.Private[Worded | None] = None
    after_worded: strawberry.Private[Worded | None] = None


def field_change(
    of: str, column: str, before: Any, after: Any, zone: dt.tzinfo, names: Mapping[str, str] | None = None
) -> FieldChange:
    """`of`: what changed, by its name in the API; `names`: what the things it refers to are called, by their ids."""
    type_ = _TYPES.get((of, column))
    says = [None if each is None else Worded(column, each, type_, zone, names or {}) for each in (before, after)]
    return FieldChange(
        field=ChangedField[field_name(column)],
        before=shown(column, before, zone),
        after=shown(column, after, zone),
        before_worded=says[0],
        after_worded=says[1],
    )


def learn_types(rows: Iterable[RowType]) -> None:
    """What the columns hold, as the API's fields say it; called once, when all types are known."""
    for row in rows:
        for declared in row.fields.values():
            declaration = declared.metadata.get("sql")
            if isinstance(declaration, Column):
                type_: Any = declared.resolve_type()
                type_ = type_.of_type if isinstance(type_, StrawberryOptional) else type_
                held = type_.wrapped_cls if isinstance(type_, StrawberryEnumDefinition) else type_
                _TYPES[row.name, declaration.column or declared.python_name] = held


def field_name(column: str) -> str:
    """A stored column as `ChangedField` has it."""
    return (column.removesuffix("_id") if column.removesuffix("_id") in REFERENCES else column).upper()


def shown(name: str, value: Any, zone: dt.tzinfo) -> str | None:
    """A column's value in the log as the API writes it."""
    if isinstance(value, str) and name.endswith("_at"):
        return _local(value, zone).isoformat()
    if value is None or isinstance(value, str):
        (prefix, *_) = REFERENCES.get(name.removesuffix("_id"), (None,)) if name.endswith("_id") else (None,)
        return encode(prefix, UUID(value)) if prefix and value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else orjson.dumps(_inside(value, zone)).decode()


def in_words(language: Language, said: Worded) -> str:
    """What people call the value: a label, a day, an amount, a name; of a list its parts."""
    value = said.value
    if isinstance(value, list):
        return "; ".join(_part_in_words(language, each, said.zone) for each in value) or "–"
    if isinstance(said.of, type) and issubclass(said.of, StrEnum):
        return labels_of(said.of)[language].get(value, value)
    if said.column.endswith("_id"):
        return said.names.get(str(value)) or shown(said.column, value, said.zone) or ""
    if isinstance(value, str) and said.column.endswith("_at"):
        return moment(language, _local(value, said.zone))
    if said.of in (Decimal, Percent):
        return number(language, Decimal(str(value)))
    return _plain_in_words(language, value)


def _part_in_words(language: Language, part: Any, zone: dt.tzinfo) -> str:
    """Of an object what it says, without the ids."""
    if not isinstance(part, Mapping):
        return _plain_in_words(language, part)
    told = {key: each for key, each in part.items() if each is not None and key != "id" and key not in INSIDE}
    return ": ".join(
        moment(language, _local(each, zone))
        if key in INSTANTS_INSIDE and isinstance(each, str)
        else _plain_in_words(language, each)
        for key, each in told.items()
    )


def _plain_in_words(language: Language, value: Any) -> str:
    if isinstance(value, bool):
        return sentence(language, "word", "yes" if value else "no")
    if isinstance(value, str) and _DAY.fullmatch(value):
        return day(language, dt.date.fromisoformat(value))
    if isinstance(value, (int, float)):
        return number(language, Decimal(str(value)))
    return str(value)


def _inside(value: Any, zone: dt.tzinfo) -> Any:
    """A list of objects, their ids and instants as the API writes them."""
    if not isinstance(value, list):
        return value
    return [
        {key: _part(key, part, zone) for key, part in each.items()} if isinstance(each, dict) else each
        for each in value
    ]


def _part(key: str, part: Any, zone: dt.tzinfo) -> Any:
    if key in INSIDE and part:
        return encode(INSIDE[key], UUID(part))
    return _local(part, zone).isoformat() if key in INSTANTS_INSIDE and part else part


def _local(instant: str, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.fromisoformat(instant).astimezone(zone)
