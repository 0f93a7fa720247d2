"""Every sentence that people read, in Indonesian and English: a code and its facts become words.

id.toml and en.toml have the same tables and keys. A sentence is a template: `{name}` is a fact, and what stands in
square brackets is left out when a fact in it is missing. Days, amounts and states are written as the language does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, cast

Language = Literal["id", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")

# Facts of the log's JSON that are members of an enum.
_LABELLED: Mapping[str, str] = {
    "capacity": "Capacity",
    "decision": "DecisionKind",
    "ground": "EscalationGround",
    "grade": "Grade",
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Bounds whose sentence has places: its key, and how the bound is written.
_BOUNDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("range", re.compile(r"([-\d]+)\.\.([-\d]+)", re.ASCII)),
    ("last_day", re.compile(rf"≤ ({_DAY.pattern})", re.ASCII)),
    ("most", re.compile(r"≤ (\d+)", re.ASCII)),
    ("most_bytes", re.compile(r"≤ (\d+) bytes", re.ASCII)),
    ("most_characters", re.compile(r"≤ (\d+) characters", re.ASCII)),
    ("one_of", re.compile(r"one of (\w+(?:, \w+)*)", re.ASCII)),
)
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

_WEEKDAYS: Mapping[str, tuple[str, ...]] = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
# What Indonesia calls its time zones, by their hours from UTC; none of them has a summer time.
_ZONES: Mapping[timedelta, str] = {timedelta(hours=7): "WIB", timedelta(hours=8): "WITA", timedelta(hours=9): "WIT"}


def sentence(language: Language, section: str, key: str, /, **facts: object) -> str:
    """The sentence with its facts. Raises KeyError for one that is not there, or for a fact that it cannot do without.

    An `actor` that is missing or None is the system; any other fact that is None counts as missing.
    """
    known = {name: _written(language, name, value) for name, value in facts.items() if value is not None}
    if section == "event":
        known.setdefault("actor", _sentences(language)["word"]["system"])

    def fact(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise KeyError(f"{section}.{key} tells of {{{found[1]}}}: give it, or put its part in [brackets]")
        return known[found[1]]

    def filled(text: str) -> str:
        return _PLACEHOLDER.sub(fact, text)

    # Split before filling: a title may hold brackets and braces. Every second part is an optional one.
    parts = _OPTIONAL.split(_text(language, section, key))
    return "".join(
        filled(part)
        for n, part in enumerate(parts)
        if n % 2 == 0 or all(name in known for name in _PLACEHOLDER.findall(part))
    )


def template(language: Language, section: str, key: str, /) -> str:
    """The sentence with its placeholders, for descriptions. Raises KeyError."""
    return _OPTIONAL.sub(r"\1", _text(language, section, key))


def constraint(language: Language, bound: str) -> str:
    """What would have been right, in words: a range ("0..100"), a last day ("≤ 2026-11-30") or a number of them by its
    ends, else its sentence; a bound that reads alike everywhere as it is."""
    sentences = _sentences(language)["constraint"]
    for key, pattern in _BOUNDS:
        if found := pattern.fullmatch(bound):
            return sentences[key].format(*(_end(language, each) for each in found.groups()))
    return sentences.get(bound, bound)


def _end(language: Language, text: str) -> str:
    """An end of a range: a day as people write it, a number as it is."""
    return day(language, date.fromisoformat(text)) if _DAY.fullmatch(text) else text


def label(language: Language, member: StrEnum) -> str:
    """What a state, kind or role is called. Raises KeyError."""
    return _text(language, "label", f"{type(member).__name__}.{member.name}")


def day(language: Language, value: date) -> str:
    """23 November 2026."""
    return f"{value.day} {_MONTHS[language][value.month - 1]} {value.year}"


def moment(language: Language, value: datetime) -> str:
    """Rabu, 25 November 2026 pukul 14.05 WIB: on the clock of its offset. Raises ValueError without one."""
    on = f"{_WEEKDAYS[language][value.weekday()]}, {day(language, value)}"
    return f"{on} pukul {_hour(language, value)}" if language == "id" else f"{on} at {_hour(language, value)}"


def number(language: Language, value: Decimal) -> str:
    """1.234,5 in Indonesian, 1,234.5 in English; no zeros at the end."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(".,", ",.")) if language == "id" else text


def keys(language: Language, section: str) -> Iterable[str]:
    """The keys of a section, for tests and documents."""
    return _sentences(language)[section].keys()


def _written(language: Language, name: str, value: object) -> str:
    """A fact in words. What comes from the log's JSON is text, told by its name: a day, an amount, a capacity."""
    match value:
        case bool():
            return _sentences(language)["word"]["yes" if value else "no"]
        case StrEnum():
            return _sentences(language)["label"].get(f"{type(value).__name__}.{value.name}", value.value)
        case datetime():
            return f"{day(language, value)}, {_hour(language, value)}"
        case date():
            return day(language, value)
        case Decimal():
            return number(language, value)
        case str():
            return _told(language, name, value)
        case list() | tuple():
            return ", ".join(_written(language, name, each) for each in value) or "–"
        case _:
            return str(value)


def _hour(language: Language, value: datetime) -> str:
    """14.05 WIB. Raises ValueError without an offset."""
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a moment has an offset from UTC")
    zone = _ZONES.get(offset) or (f"UTC{value:%z}" if offset else "UTC")
    return f"{value:%H.%M} {zone}" if language == "id" else f"{value:%H:%M} {zone}"


def _told(language: Language, name: str, text: str) -> str:
    if name == "constraint":
        return constraint(language, text)
    if name == "suggestions":  # graphql-core's: 'one', 'two', or 'three'
        return text.replace(" or ", f" {_sentences(language)['word']['or']} ")
    if name in _LABELLED:
        return _sentences(language)["label"].get(f"{_LABELLED[name]}.{text}", text)
    try:
        if name == "on" or name.endswith(("_on", "On")):
            return day(language, date.fromisoformat(text[:10]))
        if name == "value":
            return number(language, Decimal(text))
    except (ValueError, ArithmeticError):
        pass  # the words of an older log are shown as they are
    return text


def _text(language: Language, section: str, key: str) -> str:
    """A template. Raises KeyError, which says what to write where."""
    try:
        return _sentences(language)[section][key]
    except KeyError:
        raise KeyError(f"add {section}.{key} to server/text/id.toml and en.toml") from None


@lru_cache(maxsize=len(LANGUAGES))
def _sentences(language: Language) -> Mapping[str, Mapping[str, str]]:
    """Section → key → template; keys of nested tables are joined with dots."""
    tables: dict[str, Any] = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
    return {section: dict(_flat(cast(dict[str, Any], table))) for section, table in tables.items()}


def _flat(table: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, str):
            yield before + key, value
        else:
            yield from _flat(value, f"{before}{key}.")
