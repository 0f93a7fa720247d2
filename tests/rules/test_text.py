"""Sentences: filled in both languages, with days, amounts and states as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.watch import ChangeKind
from server.rules import clock, eligibility, inbox, task
from server.rules.aggregates import VERBS
from server.rules.event import EventType
from server.rules.refusal import Code
from server.schema import schema
from server.schema.enums import NAMED_BY, State
from server.text import LANGUAGES, Language, constraint, keys, label, moment, number, sentence, template

# For programs only: an error has its message, and what a change means is for whoever keeps a list.
WITHOUT_LABELS = {Code, ChangeKind, State, *NAMED_BY}
SHOWN = {getattr(each, "wrapped_cls", None) for each in schema._schema.type_map.values()}
ENUMS: tuple[type[StrEnum], ...] = (
    *(
        each
        for each in SHOWN - WITHOUT_LABELS - {*NAMED_BY, State}
        if isinstance(each, type) and issubclass(each, StrEnum)
    ),
    clock.PauseReason,  # named in sentences of clocks only
)


def complete(language: Language, section: str, wanted: set[str]) -> None:
    """A section has these sentences and no others."""
    there = set(keys(language, section))
    assert not wanted - there, f"add these to [{section}] of server/text/{language}.toml: {sorted(wanted - there)}"
    assert not there - wanted, (
        f"[{section}] of server/text/{language}.toml tells of {sorted(there - wanted)}: remove them there"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_and_every_state_has_its_label(language: Language) -> None:
    complete(language, "verb", {*VERBS, "signIn"})  # which is done at the door
    complete(language, "label", {f"{enum.__name__}.{member.name}" for enum in ENUMS for member in enum})
    assert {label(language, member) for enum in ENUMS for member in enum}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_what_waits_and_every_clock_has_its_sentence(language: Language) -> None:
    complete(language, "missing", {*eligibility.WhyMissing})
    complete(language, "inbox", {*inbox.InboxKind})
    complete(language, "clock", {*clock.ClockState, *clock.ClockEnding} - {clock.ClockState.ENDED})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EventType)
def test_every_event_can_be_told_with_nothing_but_its_label(language: Language, event: EventType) -> None:
    told = sentence(language, "event", event.name, label="Angkut [sampah] {malam}", note=None)
    assert not set("[]{}") & set(told.replace("Angkut [sampah] {malam}", ""))
    assert template(language, "event", event.name).strip()


def test_an_event_tells_who_did_what() -> None:
    facts = {"actor": "Rina", "label": "Angkut sampah", "progress": 40}
    assert (
        sentence("id", "event", "TASK_PROGRESS_REPORTED", **facts)
        == "Rina melaporkan kemajuan 40% pada “Angkut sampah”"
    )
    assert sentence("en", "event", "TASK_PROGRESS_REPORTED", **facts) == "Rina reported 40% progress on “Angkut sampah”"
    assert sentence("id", "event", "TASK_STARTED", label="x", actor=None) == "Sistem memulai “x”"


def test_a_decision_and_a_deadline_of_the_log_are_told_in_words() -> None:
    facts = {"actor": "Rico", "label": "Angkut sampah", "decision": "WRITTEN_REPRIMAND"}
    told = sentence("id", "event", "ESCALATION_DECIDED", **facts)
    assert told == "Rico memutuskan laporan “Angkut sampah”: Teguran tertulis"
    lapsed = sentence("en", "event", "REQUEST_LAPSED", label="Angkut sampah", dueOn="2026-11-26T23:59:59+07:00")
    assert lapsed == "“Angkut sampah” was not answered in time, by 26 November 2026"


def test_days_amounts_and_states_are_written_as_the_language_does() -> None:
    reading = {"actor": "Rina", "label": "Sampah", "value": "1234.50", "unit": "ton", "measuredOn": "2026-11-23"}
    assert sentence("id", "event", "TARGET_MEASURED", **reading).endswith(": 1.234,5 ton per 23 November 2026")
    assert sentence("en", "event", "TARGET_MEASURED", **reading).endswith(": 1,234.5 ton on 23 November 2026")
    moved = sentence(
        "id", "refusal", "MOVE_NOT_ALLOWED",
        from_=task.TaskStatus.DONE, to=task.TaskStatus.BLOCKED, allowed=[task.TaskStatus.IN_PROGRESS],
    )  # fmt: skip
    assert moved == "Status tidak dapat berubah dari Selesai menjadi Terkendala; yang mungkin: Berjalan."
    ended = sentence("id", "refusal", "ORGANISATION_ENDED", ended_on=date(2022, 12, 31))
    assert ended == "Organisasi ini sudah berakhir pada 31 Desember 2022."
    assert [number("id", Decimal(each)) for each in ("1000", "0.5", "-1234567.89")] == ["1.000", "0,5", "-1.234.567,89"]


def test_a_bound_is_told_in_words_where_numbers_do_not_say_it() -> None:
    assert [constraint(language, "0..100") for language in LANGUAGES] == ["0 sampai 100", "0 to 100"]
    assert constraint("en", "2026-01-01..2026-12-31") == "1 January 2026 to 31 December 2026"
    assert constraint("id", "≤ 2026-11-30") == "paling lambat 30 November 2026"
    assert [constraint(language, "≤ 300") for language in LANGUAGES] == ["paling banyak 300", "at most 300"]
    assert constraint("id", "≤ 1048576 bytes") == "paling banyak 1048576 bita"
    assert constraint("en", "one of id, code") == "exactly one of id, code, and not null"
    assert constraint("id", "IN_PROGRESS, DONE") == "IN_PROGRESS, DONE"
    assert sentence("en", "refusal", Code.MALFORMED.name, constraint="http_url").endswith(
        "a complete http or https link."
    )


def test_a_missing_sentence_or_fact_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"add refusal\.NO_SUCH_CODE to server/text/id\.toml and en\.toml"):
        sentence("id", "refusal", "NO_SUCH_CODE")
    with pytest.raises(KeyError, match=r"add event\.PARADE_HELD to server/text/id\.toml and en\.toml"):
        template("en", "event", "PARADE_HELD")
    with pytest.raises(KeyError, match=r"refusal\.LIMIT_REACHED tells of \{limit\}: give it"):
        sentence("id", "refusal", "LIMIT_REACHED")


def test_a_moment_is_told_as_courts_and_offices_write_it() -> None:
    at = datetime(2026, 11, 25, 7, 5, tzinfo=UTC)
    told = [moment("id", at.astimezone(timezone(timedelta(hours=hours)))) for hours in (7, 8, 9)]
    assert told == [
        "Rabu, 25 November 2026 pukul 14.05 WIB",
        "Rabu, 25 November 2026 pukul 15.05 WITA",
        "Rabu, 25 November 2026 pukul 16.05 WIT",
    ]
    assert moment("en", at.astimezone(timezone(timedelta(hours=7)))) == "Wednesday, 25 November 2026 at 14:05 WIB"
    assert moment("id", at) == "Rabu, 25 November 2026 pukul 07.05 UTC"
    with pytest.raises(ValueError, match="offset"):
        moment("id", datetime(2026, 11, 25, 7, 5))


MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
WEEKDAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]


@given(st.datetimes(), st.sampled_from([("WIB", 7), ("WITA", 8), ("WIT", 9)]))
def test_a_moment_can_be_read_back_to_its_minute(at: datetime, zone: tuple[str, int]) -> None:
    name, hours = zone
    at = at.replace(second=0, microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    weekday, day, month, year, _, clock, told = moment("id", at).replace(",", "").split()
    assert told == name
    hour, minute = map(int, clock.split("."))
    found = datetime(int(year), MONTHS.index(month) + 1, int(day), hour, minute, tzinfo=at.tzinfo)
    assert found == at
    assert WEEKDAYS[found.weekday()] == weekday
