"""What an event changed, in words: each field's name, and its value before and after as people read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

from server.text import Language, day, keys, moment, sentence

LANGUAGE: Final[Language] = "id"

# Told by the field's name and never by how a value looks: people write texts that look like ids and days.
REFERENCES: Final = frozenset(
    {
        *("asker", "giver", "task", "target", "commitment", "redirectedFrom", "rulingProposed", "answeredBy"),
        *("counterMadeBy", "request", "filer", "respondent", "filedBy", "repliedBy", "mediationProposedBy"),
        *("decidedBy", "onBehalfOf", "referredTo", "person", "decidedPerson", "standIn"),
        *("fromId", "toId", "actorId", "accountId", "organisationId"),  # inside a list
    }
)
DAYS: Final = frozenset({"neededOn", "agreedDueOn", "counterNeededOn", "newDueOn", "personNoticeOn", "hearingOn"})
MOMENTS: Final = frozenset({"from", "to", "at"})  # inside a list; outside of one a moment's name ends in At
LABELS: Final[Mapping[str, str]] = {
    "kind": "RequestKind",
    "rulingCause": "RulingCause",
    "ground": "EscalationGround",
    "mediationFrom": "EscalationStatus",
    "decisionKind": "DecisionKind",
    "decidedAs": "Decider",
    "decidedCapacity": "Capacity",
}
LISTS: Final = frozenset({"answerPauses", "redirects", "standIns"})


@dataclass(frozen=True, slots=True)
class Wording:
    """How this city writes: its offset from UTC, and what its ids are called."""

    zone: tzinfo | None
    names: Mapping[str, str]

    def moment(self, text: str | None) -> str | None:
        """Rabu, 25 November 2026 pukul 14.05 WIB."""
        return None if text is None else moment(LANGUAGE, datetime.fromisoformat(text).astimezone(self.zone))

    def day(self, text: str | None) -> str | None:
        """25 November 2026."""
        return None if text is None else day(LANGUAGE, date.fromisoformat(text))

    def change(self, change: Mapping[str, Any], event_type: str) -> str | None:
        """`before → after`; a dash stands for nothing. None where people see no difference, as of an empty list."""
        field = change["field"]
        before, after = (self._value(field, change[side], event_type) for side in ("before", "after"))
        return None if before == after else f"{before} → {after}"

    def _value(self, field: str, text: str | None, event_type: str) -> str:
        if text is None:
            return sentence(LANGUAGE, "dossier", "none")
        if field in LISTS:
            parts = [self._part(each, field, event_type) for each in json.loads(text)]
            return "; ".join(parts) or sentence(LANGUAGE, "dossier", "none")
        try:
            return self._single(field, text, event_type)
        except ValueError:
            return text  # an older log may have written it otherwise: it is shown as it is

    def _single(self, field: str, text: str, event_type: str) -> str:
        if field in REFERENCES:
            return self.names.get(text, text)
        if field in DAYS:
            return self.day(text) or ""
        if field in MOMENTS or field.endswith("At"):
            return self.moment(text) or ""
        if field.startswith("is") and text in ("true", "false"):
            return sentence(LANGUAGE, "word", "yes" if text == "true" else "no")
        enum = LABELS.get(field)
        if field == "status":
            enum = "EscalationStatus" if event_type.startswith("ESCALATION_") else "RequestStatus"
        return text if enum is None else label_of(enum, text)

    def _part(self, part: Mapping[str, Any], field: str, event_type: str) -> str:
        """One object of a list: `dari … sampai …, alasan …`."""
        told = []
        for name, value in part.items():
            if value is None:
                continue
            text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            if field == "answerPauses" and name == "reason":
                text = label_of("PauseReason", text)
            told.append(f"{_part_name(name)} {self._value(name, text, event_type)}")
        return ", ".join(told)


def references(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The ids that stand in these changes."""
    for change in changes:
        for text in (change["before"], change["after"]):
            if text is None:
                continue
            if change["field"] in REFERENCES:
                yield text
            elif change["field"] in LISTS:
                yield from (value for part in json.loads(text) for name, value in part.items() if _is_id(name, value))


def _is_id(name: str, value: object) -> bool:
    return name in REFERENCES and isinstance(value, str)


def field_name(field: str) -> str:
    """What people call a field; its own name where the texts have none."""
    return sentence(LANGUAGE, "field", field) if field in keys(LANGUAGE, "field") else field


def _part_name(name: str) -> str:
    return sentence(LANGUAGE, "part", name) if name in keys(LANGUAGE, "part") else name


def label_of(enum: str, member: str) -> str:
    """What a state or kind is called; its own name where the texts have none."""
    key = f"{enum}.{member}"
    return sentence(LANGUAGE, "label", key) if key in keys(LANGUAGE, "label") else member
