"""What the offices of a city do: indicators with their activities, and the words that go with each kind of work."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from server.city import ListedOrganisation
from server.rules.target import Formula


class UnreadableContent(Exception):
    """A content file contradicts itself; the message names the file and the line's title."""


@dataclass(frozen=True, slots=True)
class WorkKind:
    """A kind of work, known by the first word of a title: descriptions, checklist, hindrances and progress notes.

    Of field work an office says also what is peculiar to it.
    """

    descriptions: tuple[str, ...]
    steps: tuple[str, ...]
    obstacles: tuple[str, ...]
    notes: tuple[str, ...]
    is_field_work: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """A task's title with slots, its programme's code, and its kind."""

    pattern: str
    programme: str
    kind: WorkKind


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target's indicator with believable values (those of a middling kecamatan where kecamatan share it).

    `milestones`: by which month and day which value is expected. `is_new`: nobody knows where it stood before;
    `baseline` is what the readings begin with.
    """

    name: str
    unit: str
    direction: str
    roll_up: str
    baseline: Decimal
    target: Decimal
    target_to: Decimal | None
    programme: str
    activities: tuple[Activity, ...]
    formula: Formula | None = None
    milestones: tuple[tuple[int, int, Decimal], ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class OfficeContent:
    """What one office, or all of one kind, does; `activities` belong to no indicator."""

    indicators: tuple[Indicator, ...]
    activities: tuple[Activity, ...]
    obstacles: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked of one giver (of several at once: `givers`) and what it offers; codes of organisations, or kinds.

    `mistaken`: who is asked by mistake. Each question has its answer; what several are asked has none of these.
    """

    givers: tuple[str, ...]
    askers: tuple[str, ...]
    programme: str
    mistaken: str | None
    needs: tuple[str, ...]
    offers: tuple[str, ...]
    details: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    refusals: tuple[str, ...]
    disputes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All offices of a city, by organisation code or else by kind, and the phrases that every office uses.

    `fields`: what they ask of each other; `joint`: what of several at once; `cases`: what reports to the mayor say.
    """

    by_code: Mapping[str, OfficeContent]
    by_kind: Mapping[str, OfficeContent]
    phrases: Mapping[str, Sequence[str]]
    fields: Sequence[Field]
    joint: Sequence[Field]
    cases: Mapping[str, Mapping[str, str]]

    def office(self, organisation: ListedOrganisation) -> OfficeContent | None:
        """What this organisation does; None for one without work of its own (the mayor's office)."""
        return self.by_code.get(organisation.code) or self.by_kind.get(organisation.kind)


def read_content(folder: Path) -> Content:
    """The content of a city's folder (*.toml, offices/*.toml); UnreadableContent when it is wrong."""
    kinds: dict[str, WorkKind] = {}
    for entry in _read(folder / "kinds.toml")["kind"]:
        kind = WorkKind(
            descriptions=tuple(entry["descriptions"]),
            steps=tuple(entry["steps"]),
            obstacles=tuple(entry["obstacles"]),
            notes=tuple(entry["notes"]),
            is_field_work=entry.get("is_field_work", False),
        )
        kinds.update(dict.fromkeys(entry["words"], kind))
    by_code: dict[str, OfficeContent] = {}
    by_kind: dict[str, OfficeContent] = {}
    for file in sorted((folder / "offices").glob("*.toml")):
        entry = _read(file)
        for code in entry.get("codes", []):
            by_code[code] = _office(file, entry, kinds, code)
        for kind_of_office in entry.get("kinds", []):
            by_kind[kind_of_office] = _office(file, entry, kinds, None)
    requests = _read(folder / "requests.toml")
    return Content(
        by_code,
        by_kind,
        _read(folder / "phrases.toml"),
        [_field(entry) for entry in requests["field"]],
        [_field(entry) for entry in requests["joint"]],
        _read(folder / "cases.toml"),
    )


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def _field(entry: Mapping[str, Any]) -> Field:
    return Field(
        givers=tuple(entry["givers"] if "givers" in entry else [entry["giver"]]),
        askers=tuple(entry["askers"]),
        programme=entry["programme"],
        mistaken=entry.get("mistaken"),
        needs=tuple(entry["needs"]),
        offers=tuple(entry.get("offers", ())),
        details=tuple(entry["details"]),
        questions=tuple(zip(entry.get("questions", ()), entry.get("answers", ()), strict=True)),
        terms=tuple(entry.get("terms", ())),
        refusals=tuple(entry.get("refusals", ())),
        disputes=tuple(entry.get("disputes", ())),
    )


def _office(file: Path, entry: Mapping[str, Any], kinds: Mapping[str, WorkKind], code: str | None) -> OfficeContent:
    mine = [activity for activity in entry.get("activity", []) if code is None or code in activity.get("only", [code])]
    return OfficeContent(
        indicators=tuple(_indicator(file, indicator, kinds) for indicator in entry.get("indicator", [])),
        activities=tuple(each for activity in mine for each in _activities(file, activity, kinds)),
        obstacles=tuple(entry["obstacles"]),
        notes=tuple(entry["notes"]),
    )


def _indicator(file: Path, entry: Mapping[str, Any], kinds: Mapping[str, WorkKind]) -> Indicator:
    unit, direction, roll_up, baseline, *bounds = entry["measure"]
    if (direction == "RANGE") != (len(bounds) == 2):
        raise UnreadableContent(f"{file.name}: {entry['name']}: a RANGE and nothing else has two bounds")
    return Indicator(
        name=entry["name"],
        unit=unit,
        direction=direction,
        roll_up=roll_up,
        baseline=Decimal(baseline),
        target=Decimal(bounds[0]),
        target_to=Decimal(bounds[1]) if len(bounds) == 2 else None,
        programme=entry["programme"],
        activities=_activities(file, entry, kinds),
        formula=Formula(entry["formula"]) if "formula" in entry else None,
        milestones=tuple((month, day, Decimal(value)) for month, day, value in entry.get("milestones", ())),
        is_new=entry.get("new", False),
    )


def _activities(file: Path, entry: Mapping[str, Any], kinds: Mapping[str, WorkKind]) -> tuple[Activity, ...]:
    activities = []
    for pattern in entry["tasks"]:
        word = pattern.split()[0]
        if word not in kinds:
            raise UnreadableContent(f"{file.name}: {pattern}: kinds.toml does not know the word {word}")
        activities.append(Activity(pattern, entry["programme"], kinds[word]))
    return tuple(activities)
