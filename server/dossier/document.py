"""What the dossier says, in its order and in words, for the page and the PDF alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.dossier.reading import MOST_PARTS, Answers
from server.dossier.value import LANGUAGE, Wording, field_name, label_of
from server.text import moment, sentence


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name and what stands beside it; `is_exact`: to be copied letter by letter, never broken or translated."""

    name: str
    value: str
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts one below the other."""

    rows: tuple[NamedValue, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote, with its lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the document says of itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One event of the log, or one of several things of a kind: its heading never stands alone at a sheet's end."""

    heading: str
    text: str
    facts: tuple[NamedValue, ...]
    changes: tuple[NamedValue, ...] = ()


Block = Facts | Text | Note | Item


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """The dossier: what stands at its head and on each sheet, and its sections."""

    title: str
    subject: str
    case_id: str
    city: str
    printed_at: datetime
    sections: tuple[Section, ...]
    disclaimer: str

    @property
    def running_title(self) -> str:
        """What stands on every sheet: which case this is."""
        return f"{_word('case')} {self.case_id}"


def describe(reading: Answers, position: str, now: datetime) -> Dossier:
    """`position`: a cursor of the log before which everything had been read when the case was; `now`: of printing, told
    on the city's clock as all moments are."""
    words = Wording(now.tzinfo, reading.names)
    case, printed_at = reading.case, now
    return Dossier(
        title=_word("title"),
        subject=case["request"]["title"],
        case_id=case["id"],
        city=reading.city.get("name") or "",
        printed_at=printed_at,
        sections=(
            Section(_word("case"), (_head(reading, printed_at, words),)),
            Section(_word("statement"), (Text(case["statement"]),)),
            Section(_word("reply"), tuple(_reply(case, words))),
            Section(_word("person"), tuple(_person(case["person"], words))),
            Section(_word("mediation"), tuple(_mediation(case["mediation"], words))),
            Section(_word("decision"), tuple(_decision(case["decision"], words))),
            Section(_word("appendices"), tuple(_appendices(case["appendices"], words))),
            Section(_word("follow_ups"), tuple(_follow_ups(case["followUps"], words))),
            Section(_word("log"), tuple(_log(reading, position, words))),
        ),
        disclaimer=_word("disclaimer"),
    )


def _head(reading: Answers, printed_at: datetime, words: Wording) -> Facts:
    case, request, viewer = reading.case, reading.case["request"], reading.viewer
    by = [_name(viewer["account"]), _name(viewer["organisation"])]
    return _facts(
        city=reading.city.get("name"),
        case=_Exact(case["id"]),
        status=case["statusLabel"],
        filer=_name(case["filer"]),
        respondent=_name(case["respondent"]),
        subject=request["title"],
        detail=request["description"],
        request_id=_Exact(request["id"]),
        asked_at=words.moment(request["createdAt"]),
        needed_on=words.day(request["neededOn"]),
        request_status=request["statusLabel"],
        ground=label_of("EscalationGround", case["ground"]),
        ground_arose_at=words.moment(case["groundAroseAt"]),
        filed_at=words.moment(case["filedAt"]),
        filed_by=_name(case["filedBy"]),
        withdrawn_at=words.moment(case["withdrawnAt"]),
        closed_at=words.moment(case["closedAt"]),
        printed_at=moment(LANGUAGE, printed_at),
        printed_by=", ".join(name for name in by if name),
    )


def _reply(case: Mapping[str, Any], words: Wording) -> Iterator[Block]:
    if case["reply"] is None:
        yield Note(_word("no_reply"))
        return
    yield Text(case["reply"])
    yield _facts(replied_at=words.moment(case["repliedAt"]), replied_by=_name(case["repliedBy"]))


def _person(person: Mapping[str, Any] | None, words: Wording) -> Iterator[Block]:
    if person is None:
        yield Note(_word("no_person"))
        return
    clock = person["replyClock"]
    yield _facts(
        person=_name(person["account"]),
        told_at=words.moment(person["toldAt"]),
        notice_number=person["noticeNumber"],
        notice_on=words.day(person["noticeOn"]),
        person_due_at=None if clock is None else words.moment(clock["dueAt"]),
        replied_at=words.moment(person["repliedAt"]),
    )
    yield Note(_word("no_person_reply")) if person["reply"] is None else Text(person["reply"])


def _mediation(mediation: Mapping[str, Any] | None, words: Wording) -> Iterator[Block]:
    if mediation is None:
        yield Note(_word("no_mediation"))
        return
    yield _facts(
        meeting_at=words.moment(mediation["meetingAt"]),
        place=mediation["place"],
        proposed_by=_name(mediation["proposedBy"]),
        outcome=mediation["outcome"],
    )


def _decision(decision: Mapping[str, Any] | None, words: Wording) -> Iterator[Block]:
    if decision is None:
        yield Note(_word("no_decision"))
        return
    yield _facts(
        kind=decision["kindLabel"],
        facts=decision["facts"],
        legal_basis=decision["legalBasis"],
        person_struck=_name(decision["person"]),
        signed_by=decision["signedBy"],
        signed_by_office=decision["signedByOffice"],
        document_number=decision["documentNumber"],
        hearing_on=words.day(decision["hearingOn"]),
        hearing_number=decision["hearingNumber"],
        decided_at=words.moment(decision["decidedAt"]),
        decided_by=_name(decision["decidedBy"]),
        decided_as=decision["decidedAsLabel"],
        decided_capacity=decision["decidedCapacity"] and label_of("Capacity", decision["decidedCapacity"]),
        on_behalf_of=_name(decision["onBehalfOf"]),
        referred_to=_name(decision["referredTo"]),
    )


def _appendices(appendices: Iterable[Mapping[str, Any]], words: Wording) -> Iterator[Block]:
    for count, each in enumerate(appendices, 1):
        facts = _facts(written_by=_name(each["author"]), written_at=words.moment(each["createdAt"]))
        yield Item(f"{count}. {label_of('AppendixKind', each['kind'])}", each["text"], facts.rows)
        if count == MOST_PARTS:
            yield Note(_word("only_first", count=count))
    if not appendices:
        yield Note(_word("no_appendices"))


def _follow_ups(follow_ups: Iterable[Mapping[str, Any]], words: Wording) -> Iterator[Block]:
    for count, each in enumerate(follow_ups, 1):
        task = each["task"]
        facts = _facts(
            due_on=words.day(each["dueOn"]),
            task=task and f"{task['title']} ({_name(task['organisation'])}): {task['statusLabel']}",
            added_by=_name(each["addedBy"]),
            added_at=words.moment(each["createdAt"]),
            objected_at=words.moment(each["objectedAt"]),
            objection=each["objection"],
            closed_at=words.moment(each["closedAt"]),
            outcome=each["outcome"],
        )
        yield Item(f"{count}. {_word('follow_ups')}", each["text"], facts.rows)
        if count == MOST_PARTS:
            yield Note(_word("only_first", count=count))
    if not follow_ups:
        yield Note(_word("no_follow_ups"))


def _log(reading: Answers, position: str, words: Wording) -> Iterator[Block]:
    count = len(reading.events)
    if reading.is_whole:
        yield Note(_word("log_complete", count=count, position=position))
    else:
        yield Note(_word("log_cut", count=count, position=reading.events[-1]["cursor"]))
    for number, event in enumerate(reading.events, 1):
        yield _entry(number, event, words)


def _entry(number: int, event: Mapping[str, Any], words: Wording) -> Item:
    is_late = event["recordedAt"] != event["happenedAt"]
    facts = _facts(
        by=_name(event["actor"]) or sentence(LANGUAGE, "word", "system"),
        capacity=event["capacity"] and label_of("Capacity", event["capacity"]),
        on_behalf_of=_name(event["onBehalfOf"]),
        recorded_at=words.moment(event["recordedAt"]) if is_late else None,
        position=_Exact(event["cursor"]),
    )
    told = ((field_name(change["field"]), words.change(change, event["type"])) for change in event["changes"])
    changes = tuple(NamedValue(name, text) for name, text in told if text is not None)
    return Item(f"{number}. {words.moment(event['happenedAt'])}", event["sentence"], facts.rows, changes)


class _Exact(str):
    """A value to be copied letter by letter."""

    __slots__ = ()


def _facts(**values: str | None) -> Facts:
    """Those that are known, under their names in the texts."""
    return Facts(
        tuple(NamedValue(_word(key), str(value), isinstance(value, _Exact)) for key, value in values.items() if value)
    )


def _name(of: Mapping[str, Any] | None) -> str | None:
    name: str | None = of["name"] if of else None
    return name


def _word(key: str, **facts: object) -> str:
    return sentence(LANGUAGE, "dossier", key, **facts)
