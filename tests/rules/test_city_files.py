"""The city's own data files: whole, counted, and as they were reviewed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

import server.city
from server.city import ListedCity, UnreadableCity, read_city, slug

BAY = Path(__file__).parents[1] / "fixtures" / "teluk_biru"
BEFORE, AFTER = date(2022, 12, 31), date(2023, 1, 1)
# Of data that agree, row by row, with the lists from which they were taken: Kemendagri's codes and names of the
# kecamatan and kelurahan (their names in use beside them), and the city's agencies of 2021.
CHECKSUM = "6bb5c15ae505a68ee8d7b4c223ebb70fd00d6af2bafb13789fa591a154b19b58"


@pytest.fixture(scope="module")
def medan() -> ListedCity:
    return read_city("medan")


def codes_on(city: ListedCity, day: date, kind: str) -> set[str]:
    return {each.code for each in city.organisations if each.kind == kind and each.is_valid_on(day)}


def test_medan_has_its_kecamatan_kelurahan_and_offices(medan: ListedCity) -> None:
    assert (medan.code, medan.name, medan.time_zone) == ("12.71", "Kota Medan", "Asia/Jakarta")
    assert (medan.term_starts_on, medan.term_ends_on) == (date(2025, 2, 20), date(2030, 2, 20))
    assert medan.report_working_days == 10
    kinds = Counter(each.kind for each in medan.organisations if each.is_valid_on(AFTER))
    assert kinds == {"MAYORS_OFFICE": 1, "OPD": 40, "CITY_COMPANY": 3, "KECAMATAN": 21, "KELURAHAN": 151}
    assert len(codes_on(medan, BEFORE, "OPD")) == 46


def test_the_data_is_the_data_that_was_reviewed(medan: ListedCity) -> None:
    assert medan.checksum() == CHECKSUM, "if the change is meant, pin the new checksum"


def test_codes_are_kemendagri_codes_and_names_are_no_keys(medan: ListedCity) -> None:
    assert medan.organisation("12.71.11").short_name == "Medan Johor"
    titi_kuning = medan.organisation("12.71.11.1002")
    assert (titi_kuning.name, titi_kuning.parent) == ("Kelurahan Titi Kuning", "12.71.11")
    masyhur = medan.organisation("12.71.11.1004")
    assert (masyhur.short_name, masyhur.official_name) == ("Pangkalan Masyhur", "Pangkalan Mansur")
    assert [each.parent for each in medan.organisations if each.short_name == "Sei Mati"] == ["12.71.13", "12.71.15"]
    places = [(each.parent, slug(each.short_name)) for each in medan.organisations if each.kind == "KELURAHAN"]
    assert len(set(places)) == 151, "a kelurahan's slug is unique in its kecamatan: logins rest on it"


def test_the_merger_of_2023_ends_agencies_and_names_their_successors(medan: ListedCity) -> None:
    ended = {each.code: each.successor for each in medan.organisations if each.valid_to is not None}
    assert len(ended) == 17
    assert ended["DKP"] == "DLH"
    assert {code for code, successor in ended.items() if successor == "DISKOPUKMPERINDAG"} == {
        "DISKOPUKM",
        "DISPERIN",
        "DISDAG",
    }
    for code, successor in ended.items():
        assert medan.organisation(code).valid_to == BEFORE
        assert successor is not None
        assert medan.organisation(successor).is_valid_on(AFTER)
    assert medan.organisation("DLH").is_valid_on(BEFORE), "an agency whose name stays continues under its code"
    assert medan.organisation("DISDIKBUD").valid_from == AFTER


def test_sections_stand_below_the_secretariat_and_the_mayors_office_has_its_code(medan: ListedCity) -> None:
    assert medan.organisation("WALIKOTA").kind == "MAYORS_OFFICE"
    assert {each.code for each in medan.organisations if each.parent == "SETDA"} == {
        each.code for each in medan.organisations if each.code.startswith("SETDA-")
    }


def test_every_programme_is_led_by_an_agency_of_today(medan: ListedCity) -> None:
    lead = {programme.code: programme.lead for programme in medan.programmes}
    assert {"KEBERSIHAN", "KESEHATAN", "UMKM", "SAKASANWIRA"} <= set(lead)
    assert (lead["KEBERSIHAN"], lead["KESEHATAN"]) == ("DLH", "DINKES")
    assert set(lead.values()) <= codes_on(medan, AFTER, "OPD")


def test_the_grade_scale_is_that_of_permendagri_86_of_2017(medan: ListedCity) -> None:
    assert dict(medan.grade_scale) == {"VERY_HIGH": 91, "HIGH": 76, "MEDIUM": 66, "LOW": 51, "VERY_LOW": 0}
    assert medan.facts().calendar.zone.key == "Asia/Jakarta"


def test_an_unknown_city_is_refused_by_name() -> None:
    with pytest.raises(UnreadableCity, match="there are: medan"):
        read_city("binjai")


def test_what_a_city_says_of_discipline_is_read_and_may_be_left_out(medan: ListedCity, tmp_path: Path) -> None:
    def told(city: ListedCity) -> tuple[object, ...]:
        days = city.person_reply_working_days, city.ruling_working_days, city.acting_months
        return city.inspectorate, days, city.reprimand_kinds

    assert told(medan) == ("ITKO", (7, 3, 6), ("OPD", "KECAMATAN"))
    folder = tmp_path / "city"
    copytree(BAY, folder)
    assert told(read_city(str(folder))) == (None, (7, 2, 4), ("OPD", "KECAMATAN"))
    text = (folder / "city.toml").read_text()
    wrong = 'inspectorate = "DLH"\nperson_reply_working_days = 0\nreprimand_kinds = ["CITY_COMPANY"]\n'
    (folder / "city.toml").write_text(wrong + text)
    with pytest.raises(UnreadableCity) as refused:
        read_city(str(folder))
    assert str(refused.value).splitlines() == [
        "city.toml:1:16: inspectorate is 'DLH', must be one of ITKOT",
        "city.toml:2:29: person_reply_working_days is 0, must be a whole number from 1 to 60",
        "city.toml:3:19: reprimand_kinds is ['CITY_COMPANY'], must be one of OPD, KECAMATAN, KELURAHAN",
    ]


def test_every_kecamatan_of_medan_has_a_tile_and_the_middle_of_its_area(medan: ListedCity) -> None:
    assert len(medan.map) == 21
    for tile in medan.map:
        assert 3.4 < (tile.latitude or 0) < 3.9, tile
        assert 98.5 < (tile.longitude or 0) < 98.9, tile


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("12.71.01,98.69,3.56", "latitude is '98.69', must be degrees from -11.1 to 6.1"),
        ("12.71.01,3.56,x", "longitude is 'x', must be degrees such as 3.5294, with at most six decimals"),
        ("12.71.99,3.56,98.69", "code is '12.71.99', must be a kecamatan with a tile, once"),
    ],
)
def test_a_centroid_that_cannot_be_is_told_with_its_place(line: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / "medan"
    copytree(Path(server.city.__file__).parent / "medan", folder)
    (folder / "centroids.csv").write_text(f"code,latitude,longitude\n{line}\n")
    with pytest.raises(UnreadableCity) as wrong:
        read_city(str(folder))
    assert "centroids.csv:2:" in str(wrong.value)
    assert told in str(wrong.value)
