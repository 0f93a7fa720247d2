"""The demo's sentences: real places, invented people, and work that fits each office's field."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from server.city import ListedCity, read_city
from server.demo.content import Content, Indicator, OfficeContent, read_content
from server.demo.load import CONTENT
from server.demo.people import People
from server.demo.places import SLOT, Places
from server.rules import bounds
from server.rules.target import RollUp, TargetDirection

TODAY = date(2026, 11, 23)
# Mayors, deputies and secretaries of Medan of this century: no invented person may bear such a name.
OFFICE_HOLDERS = re.compile(
    r"Rico|Waas|Zakiyuddin|Bobby|Nasution|Aulia Rachman|Akhyar|Eldin|Rahudman|Harahap|Abdillah|Lubis|Wiriya|Topan|Afif",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def medan() -> ListedCity:
    return read_city("medan")


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(CONTENT)


@pytest.fixture(scope="module")
def places(medan: ListedCity) -> Places:
    return Places(medan, CONTENT)


def offices(medan: ListedCity, content: Content) -> dict[str, OfficeContent]:
    found = {each.code: content.office(each) for each in medan.organisations if each.is_valid_on(TODAY)}
    return {code: office for code, office in found.items() if office is not None}


def indicators(content: Content) -> list[Indicator]:
    return [each for office in (*content.by_code.values(), *content.by_kind.values()) for each in office.indicators]


def test_every_organisation_of_today_but_the_mayors_office_has_work(medan: ListedCity, content: Content) -> None:
    living = {each.code for each in medan.organisations if each.is_valid_on(TODAY)}
    assert living - set(offices(medan, content)) == {"WALIKOTA"}


def test_whoever_owns_a_plan_has_indicators(medan: ListedCity, content: Content) -> None:
    found = offices(medan, content)
    owners = [e for e in medan.organisations if e.kind in ("OPD", "KECAMATAN") and e.is_valid_on(TODAY)]
    assert all(len(found[owner.code].indicators) >= 3 for owner in owners)
    assert 550 <= sum(len(found[owner.code].indicators) for owner in owners) <= 650


def test_indicators_are_whole_and_their_programmes_exist(medan: ListedCity, content: Content) -> None:
    programmes = {programme.code for programme in medan.programmes}
    for indicator in indicators(content):
        assert TargetDirection(indicator.direction)
        assert RollUp(indicator.roll_up)
        assert indicator.activities
        assert {indicator.programme, *(each.programme for each in indicator.activities)} <= programmes
        assert len(indicator.name) <= bounds.TITLE
        assert len(indicator.unit) <= bounds.UNIT
        better = indicator.target - indicator.baseline
        if indicator.direction == "MAXIMISE":
            assert better > 0, indicator.name
        elif indicator.direction == "MINIMISE":
            assert better < 0, indicator.name
        else:
            assert indicator.target_to is not None
            assert indicator.target_to > indicator.target > 0, indicator.name
        if indicator.unit == "%":
            assert max(indicator.target, indicator.target_to or Decimal(0)) <= 100


def test_at_least_300_activities_remain_when_places_numbers_and_dates_are_masked(
    medan: ListedCity, content: Content, places: Places
) -> None:
    draw, masked = Random(1), set()
    for code, office in offices(medan, content).items():
        organisation = medan.organisation(code)
        within = organisation if organisation.kind in ("KECAMATAN", "KELURAHAN") else None
        for activity in (*office.activities, *(each for one in office.indicators for each in one.activities)):
            masked.add(mask(places.fill(activity.pattern, draw, TODAY, within).text, places))
    assert len(masked) >= 300


def test_no_activity_stands_in_two_fields(content: Content) -> None:
    fields = {office.indicators for office in (*content.by_code.values(), *content.by_kind.values())}
    seen = Counter(SLOT.sub("…", each.pattern) for field in fields for one in field for each in one.activities)
    assert not [pattern for pattern, count in seen.items() if count > 1]


def test_a_kecamatans_work_lies_in_its_own_territory(medan: ListedCity, content: Content, places: Places) -> None:
    johor = medan.organisation("12.71.11")
    own = {each.name for each in medan.organisations if each.parent == johor.code}
    draw = Random(2)
    for indicator in content.by_kind["KECAMATAN"].indicators:
        for activity in indicator.activities:
            filled = places.fill(activity.pattern, draw, TODAY, johor)
            named = re.findall(r"Kelurahan [A-Z]\w+(?: [A-Z]\w*)*", filled.text)
            assert all(name.startswith(tuple(own)) for name in named), filled.text
            if filled.kelurahan is not None:
                assert filled.kelurahan.parent == johor.code


def test_health_does_not_repair_roads_and_roads_do_not_vaccinate(content: Content) -> None:
    foreign = {
        "DINKES": "aspal|trotoar|drainase|pajak|reklame",
        "DSDABMBK": "vaksin|imunisasi|guru|pajak|UMKM",
        "DISDIKBUD": "aspal|drainase|fogging|tera ulang",
        "DLH": "imunisasi|guru|KTP|hidran",
        "BAPENDA": "sekolah|drainase|imunisasi|kebakaran",
        "DPKP": "pajak|imunisasi|drainase",
    }
    for code, words in foreign.items():
        patterns = [each.pattern for one in content.by_code[code].indicators for each in one.activities]
        assert not [each for each in patterns if re.search(words, each, re.IGNORECASE)], code


def test_dates_in_titles_are_those_of_the_due_day(places: Places) -> None:
    filled = places.fill("Rapat {bulan}, {triwulan}, {tahun}, {3-3} butir", Random(1), date(2026, 5, 4))
    assert filled.text == "Rapat Mei 2026, Triwulan II 2026, 2026, 3 butir"


def test_people_are_invented_from_a_fixed_seed() -> None:
    first, again = People(Random(7)), People(Random(7))
    names = [first.head() for _ in range(400)] + [first.officer() for _ in range(200)]
    assert names == [again.head() for _ in range(400)] + [again.officer() for _ in range(200)]
    assert len({name.split(",")[0] for name in names}) == 600
    assert not [name for name in names if OFFICE_HOLDERS.search(name)]
    assert max(map(len, names)) <= bounds.NAME


def mask(title: str, places: Places) -> str:
    """The title without place names, numbers and dates."""
    for name in places.names():
        title = title.replace(name, "…")
    title = re.sub(r"\b(Lingkungan|Triwulan) [IVX]+\b", "…", title)
    title = re.sub(
        r"\b(Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember)\b", "…", title
    )
    return re.sub(r"\d+", "…", title)
