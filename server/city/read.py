"""Reads a city's folder of data files (docs/city-data.md) and proves them whole before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from server.city.files import (
    CITY,
    CsvRow,
    Folder,
    Place,
    TomlTable,
    UnreadableCity,
    code,
    codes,
    day,
    degrees,
    each_of,
    maybe,
    one_of,
    pattern,
    whole,
    words,
    yes_or_no,
)
from server.city.listed import ListedCity, ListedDay, ListedOrganisation, ListedProgramme, ListedTile
from server.rules import bounds
from server.rules.city import ACTING_MONTHS, PERSON_REPLY_DAYS, REPRIMAND_KINDS, RULING_DAYS
from server.rules.legal_basis import LegalBasis
from server.rules.organisation import MAYORS_OFFICE_CODE
from server.rules.target import Formula, Grade
from server.rules.workdays import ZONES

CARRIED = Path(__file__).parent
KIND_WORDS = {"KECAMATAN": "Kecamatan", "KELURAHAN": "Kelurahan"}

NAME, SHORT_NAME = words(bounds.NAME), words(bounds.SHORT_NAME)
TERRITORY = {"code": code, "name": SHORT_NAME, "official_name": maybe(SHORT_NAME), "parent": code}
OFFICES = {
    "code": code,
    "name": NAME,
    "short_name": SHORT_NAME,
    "kind": one_of("OPD", "CITY_COMPANY"),
    "parent": maybe(code),
    "confirmed": one_of("yes", "no"),
}
CHANGES = {
    "code": code,
    "change": one_of("ENDS", "BEGINS"),
    "name": maybe(NAME),
    "short_name": maybe(SHORT_NAME),
    "successor": maybe(code),
}
PROGRAMMES = {"code": code, "name": NAME, "lead": code, "valid_from": day, "valid_to": maybe(day)}
DAYS = {"on": day, "name": NAME, "kind": one_of("off", "worked")}
DISCIPLINED = each_of(one_of("OPD", "KECAMATAN", "KELURAHAN"))
MAP = {"code": code, "column": whole(0, 99), "row": whole(0, 99)}
# Within Indonesia: from Rote to Weh, from Weh to Merauke.
CENTROIDS = {"code": code, "latitude": degrees(-11.1, 6.1), "longitude": degrees(94.9, 141.1)}


def city_names() -> list[str]:
    """The cities whose data the server carries, by folder name."""
    return sorted(path.parent.name for path in CARRIED.glob(f"*/{CITY}"))


def read_city(where: str) -> ListedCity:
    """The facts of a city: the name of one that the server carries, or a folder. Raises UnreadableCity, which tells
    every fault with its file, line and column."""
    path = CARRIED / where if where in city_names() else Path(where)
    if not (path / CITY).is_file():
        raise UnreadableCity(
            f"there is no city {where!r}; there are: {', '.join(city_names())}; a folder of one has a {CITY}"
        )
    reading = _Reading(Folder(path))
    city = reading.city()
    if reading.folder.faults:
        raise UnreadableCity(reading.folder.told())
    return city


@dataclass(slots=True)
class _Reading:
    """One folder while it is read. `rows`: where each organisation that is there was said; `places`: see ListedCity."""

    folder: Folder
    organisations: dict[str, ListedOrganisation] = field(default_factory=dict)
    rows: dict[str, CsvRow] = field(default_factory=dict)
    places: dict[tuple[str, ...], Place] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # codes of rows with a fault: whoever names them is not to blame

    def city(self) -> ListedCity:
        """What the folder says; of no use where it has faults."""
        facts = self.folder.facts(CITY)
        self.places |= {("city", key): facts.place(key, 0) for key in facts.values}
        own_code = facts.take("code", pattern(r"\d\d\.\d\d", "Kemendagri's code of a city, such as 12.71"))
        since = facts.take("valid_from", day) or bounds.EARLIEST
        lists, term = facts.table("lists"), facts.table("term")
        self._mayors_office(facts.table("mayors_office"), since)
        for row in self._table(lists, "organisations", OFFICES):
            self._office(row, since)
        for row in self._table(lists, "territory", TERRITORY):
            self._place(row, own_code, since)
        for change in lists.tables("changes"):
            self._changes(change)
        self._none_is_left_below_what_ended()
        starts_on, ends_on = term.take("starts_on", day), term.take("ends_on", day)
        if starts_on and ends_on and ends_on < starts_on:
            term.wrong("ends_on", "is before starts_on")
        made = ListedCity(
            code=own_code,
            name=facts.take("name", NAME),
            time_zone=facts.take("time_zone", one_of(*ZONES)),
            term_starts_on=starts_on,
            term_ends_on=ends_on,
            report_working_days=facts.take("report_working_days", whole(1, 60)),
            achievement_cap=facts.take("achievement_cap", whole(100, 1000)),
            target_formula=facts.take("target_formula", one_of(*Formula), Formula.RATIO),
            grade_scale=tuple(_grades(facts)),
            legal_bases=tuple(_laws(facts, self.places)),
            referral_bodies=(bodies := tuple(self._bodies(facts))),
            inspectorate=facts.take("inspectorate", one_of(*bodies), None),
            person_reply_working_days=facts.take("person_reply_working_days", whole(1, 60), PERSON_REPLY_DAYS),
            ruling_working_days=facts.take("ruling_working_days", whole(1, 60), RULING_DAYS),
            acting_months=facts.take("acting_months", whole(1, 60), ACTING_MONTHS),
            reprimand_kinds=tuple(facts.take("reprimand_kinds", DISCIPLINED, REPRIMAND_KINDS) or ()),
            organisations=tuple(sorted(self.organisations.values(), key=lambda each: each.kind in KIND_WORDS)),
            programmes=tuple(self._programmes(self._table(lists, "programmes", PROGRAMMES))),
            days=tuple(_days(self._table(lists, "holidays", DAYS, may_be_missing=True))),
            map=tuple(
                self._with_centroids(
                    [*self._map(self._table(lists, "map", MAP, may_be_missing=True))],
                    self._table(lists, "centroids", CENTROIDS, may_be_missing=True),
                )
            ),
            places=self.places,
        )
        for each in (term, lists, facts):
            each.end()
        return made

    def _table(
        self, lists: TomlTable, name: str, columns: Mapping[str, Any], may_be_missing: bool = False
    ) -> Iterator[CsvRow]:
        """The rows of the file that is named there, those with a fault left out."""
        file = lists.take(name, pattern(r"[^/\\]+\.csv", "the name of a .csv file"), None if may_be_missing else ...)
        if file is not None:
            self.places[(name,)] = file, 1, 1
            for row in self.folder.table(file, columns):
                if row.is_whole:
                    first, *_ = columns  # its code, or the day
                    self.places |= {(name, str(row[first]), column): row.place(column) for column in columns}
                    yield row
                elif "code" in row.values:
                    self.unread.add(row["code"])

    def _mayors_office(self, facts: TomlTable, since: date) -> None:
        name, short_name = facts.take("name", NAME), facts.take("short_name", SHORT_NAME)
        own_code = facts.take("code", one_of(MAYORS_OFFICE_CODE))
        facts.end()
        if own_code:
            office = ListedOrganisation(own_code, "MAYORS_OFFICE", name, short_name, name, None, since)
            self.organisations[own_code] = office

    def _office(self, row: CsvRow, since: date) -> None:
        self._add(
            row,
            ListedOrganisation(
                code=row["code"],
                kind=row["kind"],
                name=row["name"],
                short_name=row["short_name"],
                official_name=row["name"],
                parent=row["parent"],
                valid_from=since,
                is_confirmed=row["confirmed"] == "yes",
            ),
        )
        if row["parent"] is not None:
            self._known(row, "parent", "must be the code of a line before this one")

    def _place(self, row: CsvRow, city_code: str | None, since: date) -> None:
        """Kecamatan stand below the city, which is no organisation; kelurahan below their kecamatan."""
        kind = "KECAMATAN" if row["parent"].count(".") == 1 else "KELURAHAN"
        if not row["code"].startswith(row["parent"] + "."):
            row.wrong("code", f"is {row['code']!r}, must begin with its parent's, {row['parent']}.")
        parent = self.organisations.get(row["parent"])
        is_below = city_code in (None, row["parent"]) if kind == "KECAMATAN" else parent and parent.kind == "KECAMATAN"
        if not is_below and row["parent"] not in self.unread:
            row.wrong("parent", f"is {row['parent']!r}, must be {city_code} or the kecamatan of a line before this one")
        self._add(
            row,
            ListedOrganisation(
                code=row["code"],
                kind=kind,
                name=f"{KIND_WORDS[kind]} {row['name']}",
                short_name=row["name"],
                official_name=row["official_name"] or row["name"],
                parent=None if kind == "KECAMATAN" else row["parent"],
                valid_from=since,
            ),
        )

    def _changes(self, facts: TomlTable) -> None:
        """Ends and begins organisations on one day, as a by-law does; what it does not name goes on."""
        in_force_from = facts.take("in_force_from", day)
        ended = []
        for row in self._table(facts, "file", CHANGES):
            if row["change"] == "ENDS":
                ended.append(row)
                self._end(row, in_force_from)
            elif row["name"] is None or row["short_name"] is None or row["successor"] is not None:
                row.wrong("change", "is BEGINS, must have a name and a short_name and no successor")
                self.unread.add(row["code"])
            else:
                name = row["name"]
                office = ListedOrganisation(row["code"], "OPD", name, row["short_name"], name, None, in_force_from)
                self._add(row, office)
        facts.end()
        for row in ended:
            follows = self.organisations.get(row["successor"])
            own = self.organisations.get(row["code"])
            if row["successor"] is None or row["successor"] in self.unread or in_force_from is None or own is None:
                continue
            if follows is None or follows.kind != own.kind or not follows.is_valid_on(in_force_from):
                told = f"is {row['successor']!r}, must be an organisation of its kind that is there on {in_force_from}"
                row.wrong("successor", told)

    def _end(self, row: CsvRow, in_force_from: date | None) -> None:
        found = self.organisations.get(row["code"])
        if row["code"] in self.unread or in_force_from is None:
            return
        if found is None or found.valid_to is not None or found.valid_from >= in_force_from:
            row.wrong("code", f"is {row['code']!r}, must be an organisation that is there before {in_force_from}")
        elif found.kind == "MAYORS_OFFICE":
            row.wrong("code", f"is {row['code']!r}, but the mayor's office does not end")
        else:
            last = in_force_from - timedelta(days=1)
            self.organisations[row["code"]] = replace(found, valid_to=last, successor=row["successor"])

    def _none_is_left_below_what_ended(self) -> None:
        for each in self.organisations.values():
            above = self.organisations.get(each.parent or "")
            if above is not None and above.valid_to is not None and each.valid_to is None:
                told = f"is {above.code!r}, which ends on {above.valid_to}: let it end as well, or stand elsewhere"
                self.rows[each.code].wrong("parent", told)

    def _add(self, row: CsvRow, organisation: ListedOrganisation) -> None:
        if organisation.code in self.organisations:
            row.wrong("code", f"is {organisation.code!r}, which stands there already: a code is never used again")
            return
        self.organisations[organisation.code] = organisation
        self.rows[organisation.code] = row

    def _known(self, row: CsvRow, column: str, told: str) -> None:
        if row[column] == row["code"] or not (row[column] in self.organisations or row[column] in self.unread):
            row.wrong(column, f"is {row[column]!r}, {told}")

    def _programmes(self, rows: Iterable[CsvRow]) -> Iterator[ListedProgramme]:
        seen: set[str] = set()
        for row in rows:
            lead = self.organisations.get(row["lead"])
            if row["lead"] not in self.unread and (
                lead is None or lead.kind != "OPD" or not lead.is_valid_on(row["valid_from"])
            ):
                row.wrong("lead", f"is {row['lead']!r}, must be an OPD that is there on {row['valid_from']}")
            if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]:
                row.wrong("valid_to", f"is {row['valid_to']}, before valid_from")
            if row["code"] in seen:
                row.wrong("code", f"is {row['code']!r}, which stands there already")
            seen.add(row["code"])
            yield ListedProgramme(row["code"], row["name"], row["lead"], row["valid_from"], row["valid_to"])

    def _map(self, rows: Iterable[CsvRow]) -> Iterator[ListedTile]:
        """A tile for each kecamatan of today, or no map."""
        taken: set[tuple[int, int]] = set()
        left = {each.code for each in self.organisations.values() if each.kind == "KECAMATAN" and not each.valid_to}
        last = None
        for row in rows:
            last = row
            if row["code"] not in left and row["code"] not in self.unread:
                row.wrong("code", f"is {row['code']!r}, must be a kecamatan that has not ended, once")
            if (row["column"], row["row"]) in taken:
                row.wrong("row", "is that of another kecamatan's tile")
            left.discard(row["code"])
            taken.add((row["column"], row["row"]))
            yield ListedTile(row["code"], row["column"], row["row"])
        if last is not None and left:
            last.wrong("code", f"is the last, but {', '.join(sorted(left))} must have a tile as well")

    def _with_centroids(self, tiles: Sequence[ListedTile], rows: Iterable[CsvRow]) -> Iterator[ListedTile]:
        """The tiles with the middle of their kecamatan, where the city's data has one."""
        found: dict[str, CsvRow] = {}
        for row in rows:
            if row["code"] in found or row["code"] not in {tile.code for tile in tiles} | self.unread:
                row.wrong("code", f"is {row['code']!r}, must be a kecamatan with a tile, once")
            found[row["code"]] = row
        for tile in tiles:
            row_ = found.get(tile.code)
            yield tile if row_ is None else replace(tile, latitude=row_["latitude"], longitude=row_["longitude"])

    def _bodies(self, facts: TomlTable) -> list[str]:
        found: list[str] = facts.take("referral_bodies", codes, []) or []
        missing = [
            each
            for each in found
            if each not in self.unread and (each not in self.organisations or self.organisations[each].valid_to)
        ]
        if missing:
            facts.wrong("referral_bodies", f"has {', '.join(missing)}, must be organisations that have not ended")
        return found


def _grades(facts: TomlTable) -> Iterator[tuple[str, int]]:
    """The grade from each whole percent upwards: they fall to 0."""
    seen: set[str] = set()
    before = 1001
    tables = facts.tables("grades")
    for number, each in enumerate(tables, 1):
        grade, percent = each.take("grade", one_of(*Grade)), each.take("from_percent", whole(0, 1000))
        each.end()
        if grade in seen:
            each.wrong("grade", f"is {grade!r}, which stands there already")
        if percent is not None and percent >= before:
            each.wrong("from_percent", f"is {percent}, must be lower than that of the grade before it")
        if number == len(tables) and percent:
            each.wrong("from_percent", f"is {percent}, must be 0 for the last grade")
        seen.add(grade)
        before = before if percent is None else percent
        yield grade, percent
    if not tables:
        facts.wrong(None, "grades are missing: [[grades]], the highest first")


def _laws(facts: TomlTable, places: dict[tuple[str, ...], Place]) -> Iterator[LegalBasis]:
    seen: set[str] = set()
    for each in facts.tables("legal_bases"):
        short, title = each.take("code", words(bounds.CODE)), each.take("title", NAME)
        first, last = each.take("from", day), each.take("to", day, None)
        is_disciplinary = each.take("discipline", yes_or_no, False)
        each.end()
        if short in seen:
            each.wrong("code", f"is {short!r}, which stands there already")
        if first and last and last < first:
            each.wrong("to", f"is {last}, before from")
        seen.add(short)
        places |= {("legal_bases", str(short), key): each.place(key) for key in ("from", "discipline")}
        yield LegalBasis(short, title, first, last, is_disciplinary)


def _days(rows: Iterable[CsvRow]) -> Iterator[ListedDay]:
    seen: set[date] = set()
    for row in rows:
        if row["on"] in seen:
            row.wrong("on", f"is {row['on']}, which stands there already")
        seen.add(row["on"])
        yield ListedDay(row["on"], row["name"], row["kind"] == "worked")
