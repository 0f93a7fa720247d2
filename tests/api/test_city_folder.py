"""`kolaborasi city load FOLDER`: what is wrong is told at once, and loading again only adds and ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.city import ListedCity, read_city
from server.ids import encode
from server.rules.workdays import add_working_days, local_day
from tests.bay import FOLDER, Folder, load
from tests.city import City
from tests.conftest import MakeDatabase
from tests.process import Site, app_on
from tests.watching import until

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"  # what cannot be read is told before a database is asked
DONE = "Kota Teluk Biru: {} new or ended organisations, programmes and days.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def loaded(city: City, folder: Folder) -> tuple[int, list[str]]:
    """The exit code, and what is said line by line, of loading over a city that serves; which then has read the log."""
    code, told = await asyncio.to_thread(load, city.url, folder.path)
    await city.settled()
    await city.site.installation.clock.load(city.pool)
    return code, told.removeprefix("kolaborasi: ").splitlines()


async def everything(city: City) -> list[object]:
    """What loading could change."""
    events = await city.rows("SELECT id FROM event ORDER BY id")
    return [*events, *await city.rows("SELECT * FROM city"), *await city.rows("SELECT * FROM organisation ORDER BY id")]


# ---- what the folder says -------------------------------------------------------------------------------------------


def test_every_fault_of_a_folder_is_told_at_once_with_its_file_line_and_column(folder: Folder) -> None:
    for file, old, new in (
        ("city.toml", 'time_zone = "Asia/Makassar"', 'time_zone = "Asia/Singapore"'),
        ("city.toml", "report_working_days = 5", 'report_working_days = "lima"'),
        ("city.toml", "achievement_cap = 120\n", "colour = 'biru'\n"),
        ("city.toml", '["ITKOT"]', '["ITKOT", "DKP"]'),
        ("city.toml", "ends_on = 2030-02-20", "ends_on = 2020-02-20"),
        ("city.toml", "from_percent = 70", "from_percent = 95"),
        ("city.toml", 'grade = "VERY_LOW"', 'grade = "SANGAT_RENDAH"'),
        ("city.toml", "from = 2024-03-01", "from = 2024-03-01\nto = 2023-01-01"),
        ("wilayah.csv", "98.71.01.1002,", "98.71.02.1002,"),
        ("wilayah.csv", "Bandar Lama,,", "Bandar Lama,"),
        ("wilayah.csv", "98.71.03.1001,Tanjung Nipah,Tanjung Nipa,98.71.03", "98.71.04.1001,Tanjung Nipah,,98.71.04"),
        ("opd.csv", "DLH,OPD,,yes", "DLH,DINAS,,ya"),
        ("gabung_2025.csv", "Dinas Kelautan dan Perikanan,Diskela,", ",Diskela,DLH"),
        ("peta.csv", "98.71.03,1,2", "98.71.02,1,0"),
    ):
        folder.replace(file, old, new)
    folder.add("opd.csv", "SETDA,Sekretariat,Sekda,OPD,,yes", "SETDA-1,Bagian Umum,,OPD,SETDA,yes")
    folder.add("gabung_2025.csv", "DISPAR,ENDS,,,")
    folder.add("program.csv", "TAMAN,Taman kota,DKP,2025-02-20,2024-12-31")
    folder.add("hari.csv", "2026-02-30,Hari yang tidak ada,libur", "2026-06-18,Sekali lagi,off")
    code, told = load(NOWHERE, folder.path)
    assert code == 1
    zones = "Asia/Jakarta, Asia/Pontianak, Asia/Makassar, Asia/Jayapura"
    assert told.removeprefix("kolaborasi: ").splitlines() == [
        "city.toml:1:1: achievement_cap is missing",
        f"city.toml:4:13: time_zone is 'Asia/Singapore', must be one of {zones}",
        "city.toml:5:23: report_working_days is 'lima', must be a whole number from 1 to 60",
        "city.toml:6:10: colour is not known here",
        "city.toml:9:19: referral_bodies has DKP, must be organisations that have not ended",
        "city.toml:14:11: ends_on is before starts_on",
        "city.toml:36:6: to is 2023-01-01, before from",
        "city.toml:44:16: from_percent is 95, must be lower than that of the grade before it",
        "city.toml:47:9: grade is 'SANGAT_RENDAH', must be one of VERY_LOW, LOW, MEDIUM, HIGH, VERY_HIGH",
        "gabung_2025.csv:3:2: change is BEGINS, must have a name and a short_name and no successor",
        "gabung_2025.csv:4:1: code is 'DISPAR', must be an organisation that is there before 2025-01-01",
        "hari.csv:4:1: on is '2026-02-30', must be a day, YYYY-MM-DD",
        "hari.csv:4:3: kind is 'libur', must be one of off, worked",
        "hari.csv:5:1: on is 2026-06-18, which stands there already",
        "opd.csv:5:4: kind is 'DINAS', must be one of OPD, CITY_COMPANY",
        "opd.csv:5:6: confirmed is 'ya', must be one of yes, no",
        "opd.csv:8:1: code is 'SETDA', which stands there already: a code is never used again",
        "opd.csv:9:3: short_name is '', must be a text of 1 to 60 characters",
        "peta.csv:4:1: code is '98.71.02', must be a kecamatan that has not ended, once",
        "peta.csv:4:1: code is the last, but 98.71.03 must have a tile as well",
        "peta.csv:4:3: row is that of another kecamatan's tile",
        "program.csv:4:3: lead is 'DKP', must be an OPD that is there on 2025-02-20",
        "program.csv:4:5: valid_to is 2024-12-31, before valid_from",
        "wilayah.csv:4:1: code is '98.71.02.1002', must begin with its parent's, 98.71.01.",
        "wilayah.csv:6:4: there are 3 values, must be 4 as in the first line",
        "wilayah.csv:8:4: parent is '98.71.04', must be 98.71 or the kecamatan of a line before this one",
    ]


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (
            "opd.csv",
            b"code;name\nSETDA;Sekretariat\n",
            "opd.csv:1:1: must have these columns, separated by commas: code,",
        ),
        ("opd.csv", "code,name\nSETDA,Sekretariát\n".encode("latin-1"), "opd.csv:1:1: is not written in UTF-8"),
        ("peta.csv", b'code,column,row\n"98.71.01,1,0\n', "peta.csv:2:1: is not CSV: "),
        ("city.toml", b'code = "98.71"\nname = Kota\n', "city.toml:2:8: is not TOML: "),
        ("city.toml", b"", "city.toml:1:1: code is missing"),
    ],
)
def test_a_file_of_another_form_is_told_of(folder: Folder, file: str, content: bytes, told: str) -> None:
    (folder.path / file).write_bytes(content)
    code, said = load(NOWHERE, folder.path)
    assert code == 1
    assert told in said


def test_a_file_that_is_not_there_is_told_of_and_so_is_a_folder_of_no_city(folder: Folder) -> None:
    (folder.path / "program.csv").unlink()
    assert load(NOWHERE, folder.path) == (1, "kolaborasi: program.csv:1:1: cannot be read: No such file or directory\n")
    code, told = load(NOWHERE, folder.path.parent)
    assert code == 1
    assert "there are: medan; a folder of one has a city.toml" in told


def test_a_table_program_may_mark_its_files_as_unicode(folder: Folder) -> None:
    for path in folder.path.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_city(str(folder.path)) == read_city(str(FOLDER))
    assert isinstance(read_city(str(FOLDER)), ListedCity)


# ---- again ----------------------------------------------------------------------------------------------------------


async def test_the_same_folder_again_changes_nothing(bay: City, folder: Folder) -> None:
    before = await everything(bay)
    assert await loaded(bay, folder) == (0, [DONE.format(0).strip()])
    assert await everything(bay) == before


async def test_a_newer_folder_adds_and_ends_and_what_nothing_rests_on_is_as_it_says(bay: City, folder: Folder) -> None:
    await bay.approved(bay.camat)
    folder.replace("city.toml", "Kota Teluk Biru", "Kota Teluk Biru Raya")
    folder.replace("city.toml", "achievement_cap = 120", "achievement_cap = 150")
    folder.replace("city.toml", "ends_on = 2030-02-20", "ends_on = 2029-02-20")
    folder.replace("city.toml", '["ITKOT"]', '["ITKOT", "BAPPEDA"]')
    folder.add("city.toml", "[[legal_bases]]", 'code = "Perda 9/2026"', 'title = "Baru"', "from = 2026-01-01")
    folder.replace("peta.csv", "98.71.03,1,2", "98.71.03,2,2")
    folder.add("wilayah.csv", "98.71.03.1002,Muara,,98.71.03")
    folder.add("gabung_2025.csv", "PAM,ENDS,,,")
    folder.replace(
        "program.csv", "NELAYAN,Nelayan sejahtera,DISKELA,2025-02-20,", "NELAYAN,N,DISKELA,2025-02-20,2027-12-31"
    )
    folder.add("program.csv", "WISATA,Wisata bahari,DISKELA,2026-01-01,")
    folder.add("hari.csv", "2199-03-01,Hari yang jauh,off")
    code, told = await loaded(bay, folder)
    assert (code, told) == (0, [DONE.format(5).strip().replace("Biru", "Biru Raya")])
    found = await bay.outsider.query(
        "{ city { name achievementCap term { endsOn } referralBodyCodes legalBases { code } map { column row } }"
        ' organisation(by: {code: "98.71.03.1002"}) { name parent { code } }'
        ' ended: organisation(by: {code: "PAM"}) { validTo }'
        " programmes { nodes { code name validTo } } }"
    )
    assert found == {
        "city": {
            "name": "Kota Teluk Biru Raya", "achievementCap": 150, "term": {"endsOn": "2029-02-20"},
            "referralBodyCodes": ["ITKOT", "BAPPEDA"],
            "legalBases": [{"code": each} for each in ("PP 53/2010", "PP 94/2021", "Perda 3/2024", "Perda 9/2026")],
            "map": [{"column": 1, "row": 0}, {"column": 0, "row": 1}, {"column": 2, "row": 2}],
        },
        "organisation": {"name": "Kelurahan Muara", "parent": {"code": "98.71.03"}},
        "ended": {"validTo": "2024-12-31"},
        "programmes": {
            "nodes": [
                {"code": "NELAYAN", "name": "Nelayan sejahtera", "validTo": "2027-12-31"},
                {"code": "PESISIR", "name": "Pesisir bersih", "validTo": None},
                {"code": "WISATA", "name": "Wisata bahari", "validTo": None},
            ]
        },
    }  # fmt: skip
    before = await everything(bay)
    assert (await loaded(bay, folder))[0] == 0
    assert await everything(bay) == before


async def test_what_people_changed_stays_theirs(bay: City, folder: Folder) -> None:
    bay.now = datetime.now(UTC)
    folder.add("hari.csv", "2199-03-01,Hari yang jauh,off")
    assert (await loaded(bay, folder))[0] == 0
    made = {"kind": "OPD", "code": "DISPAR", "name": "Dinas Pariwisata", "shortName": "Dispar", "validFrom": bay.day()}
    await bay.admin.mutate("createOrganisation", made)
    dlh = bay.dlh.organisation_id
    await bay.admin.mutate("updateOrganisation", {"organisationId": dlh, "name": "Dinas Lingkungan"})
    await bay.admin.mutate("removeHoliday", {"fallsOn": "2199-03-01"})
    await bay.admin.mutate("addHoliday", {"fallsOn": "2199-03-05", "name": "Pemilihan"})
    await bay.settled()
    before = await everything(bay)
    assert await loaded(bay, folder) == (0, [DONE.format(0).strip()])
    assert await everything(bay) == before


async def test_what_would_change_a_promise_or_orphan_a_row_is_refused_by_name(bay: City, folder: Folder) -> None:
    bay.now = datetime.now(UTC)
    folder.add("hari.csv", "2199-03-01,Hari yang jauh,off")
    assert (await loaded(bay, folder))[0] == 0
    request = await bay.request(bay.camat, bay.dlh, title="Truk")
    await bay.task(bay.dlh)
    await bay.settled()
    before = await everything(bay)
    calendar = bay.site.installation.clock.city.calendar
    due = add_working_days(local_day(bay.now, calendar), 3, calendar)
    passed = due - timedelta(days=30)
    later = add_working_days(due, 1, calendar)

    folder.replace("city.toml", "Asia/Makassar", "Asia/Jayapura")
    folder.replace("city.toml", "report_working_days = 5", "report_working_days = 7")
    folder.replace("city.toml", "from_percent = 70", "from_percent = 60")
    folder.replace("city.toml", "Perda 3/2024", "Perda 4/2024")
    folder.replace("wilayah.csv", "98.71.03,Teluk Selatan,,98.71\n", "")
    folder.replace("wilayah.csv", "98.71.03.1001,Tanjung Nipah,Tanjung Nipa,98.71.03\n", "")
    folder.replace("peta.csv", "98.71.03,1,2\n", "")
    folder.replace(
        "opd.csv", "BAPPEDA,Badan Perencanaan Pembangunan Daerah,Bappeda,OPD", "BAPPEDA,Badan,Bappeda,CITY_COMPANY"
    )
    folder.replace("gabung_2025.csv", "DKP,ENDS,,,DLH", "DLH,ENDS,,,DISKELA")
    folder.replace("gabung_2025.csv", ",,,DISKELA", ",,,")
    folder.replace("program.csv", "PESISIR,Pesisir bersih,DLH,2025-02-20,\n", "")
    code, told = await loaded(bay, folder)
    ends = "keep its line; to end it, write ENDS with its successor into a file of changes"
    stays = "a plan, a task or a request is there already, so it stays"
    assert told == [
        f"city.toml:4:13: time_zone is Asia/Makassar here, not Asia/Jayapura: every deadline was told by it; {stays}",
        f"city.toml:5:23: report_working_days is 5 here, not 7: when a report is due was told by it; {stays}",
        "city.toml:32:3: legal_bases lacks Perda 3/2024, which decisions may cite: keep it; of a law that ended, give"
        " to",
        "city.toml:37:3: grades are VERY_HIGH from 95, MEDIUM from 70, VERY_LOW from 0 here, not those of the file:"
        f" every grade was told by it; {stays}",
        "gabung_2025.csv:2:5: DLH (Dinas Lingkungan Hidup) ends and holds tasks (1), requests (1), programmes (1),"
        " accounts (2): name the successor to whom it passes",
        "opd.csv:4:4: BAPPEDA (Badan Perencanaan Pembangunan Daerah) is of kind OPD here, not CITY_COMPANY: a kind"
        " stays",
        "program.csv:1:1: programme PESISIR was loaded before and is missing: keep its line; to end it, give valid_to",
        f"wilayah.csv:1:1: 98.71.03 (Kecamatan Teluk Selatan) was loaded before and is missing: {ends}",
        f"wilayah.csv:1:1: 98.71.03.1001 (Kelurahan Tanjung Nipah) was loaded before and is missing: {ends}",
    ]
    assert code == 1
    assert await everything(bay) == before

    days = Folder(folder.path.parent / "days")
    days.add("hari.csv", f"{due},Banjir,off", f"{passed},Lewat,off", f"{later},Sesudahnya,off")
    code, told = await loaded(bay, days)
    assert told == [
        "hari.csv:1:1: 2199-03-01 (Hari yang jauh) was loaded before and is missing: keep its line; an administrator"
        " takes it back with removeHoliday",
        f"hari.csv:4:1: {due} (Banjir) would move the deadline of {request} (“Truk”, to {later}): leave it out; an"
        " administrator declares it with addHoliday, by which deadlines move and are told",
        f"hari.csv:5:1: {passed} (Lewat) has passed: deadlines were counted through it, so leave it out",
    ]
    assert code == 1
    assert await everything(bay) == before


async def test_a_database_is_of_one_city(bay: City) -> None:
    before = await everything(bay)
    code, told = await asyncio.to_thread(load, bay.url, Path("medan"))
    assert (code, told) == (
        1,
        "kolaborasi: city.toml:2:8: this database holds Kota Teluk Biru (98.71), not Kota Medan (12.71): one database"
        " is of one city; give the other one a database of its own\n",
    )
    assert await everything(bay) == before


async def test_a_zone_that_was_mistaken_is_mended_before_there_is_any_work(bay: City, folder: Folder) -> None:
    folder.replace("city.toml", "Asia/Makassar", "Asia/Jayapura")
    assert (await loaded(bay, folder))[0] == 0
    found = await bay.outsider.query("{ city { timeZone readAt } }")
    assert found["city"]["timeZone"] == "Asia/Jayapura"
    assert found["city"]["readAt"].endswith("+09:00")


async def test_a_server_that_was_there_before_its_city_hears_of_it(
    fresh_database: MakeDatabase, folder: Folder
) -> None:
    (folder.path / "hari.csv").write_text("on,name,kind\n")
    url = await fresh_database()
    app = app_on(url, lambda: datetime.now(UTC))
    async with app.router.lifespan_context(app):
        site = Site(app)
        await site.installation.reader.started()
        assert (await asyncio.to_thread(load, url, folder.path))[0] == 0
        await until(lambda: site.installation.clock.city.code == "98.71", seconds=20)
        async with site.client() as client:
            assert "Kolaborasi Kota Teluk Biru" in (await client.get("/")).text


async def test_a_day_that_moves_no_clock_is_added_and_heard_of(bay: City, folder: Folder) -> None:
    bay.now = datetime.now(UTC)
    await bay.request(bay.camat, bay.dlh)
    folder.add("hari.csv", "2199-03-01,Hari yang jauh,off")
    heard = await bay.outsider.watch("events", node="type sentence")
    assert await loaded(bay, folder) == (0, [DONE.format(1).strip()])
    told = await heard.next()
    assert told["type"] == "CITY_HOLIDAY_ADDED"
    assert "1 Maret 2199" in told["sentence"]


async def test_nothing_new_rests_on_what_has_ended_here_and_a_law_stays_as_decisions_cite_it(
    bay: City, folder: Folder
) -> None:
    bay.now = datetime.now(UTC)
    assert (await loaded(bay, folder))[0] == 0
    today = local_day(bay.now, bay.site.installation.clock.city.calendar)
    ids = {row["code"]: row["id"] for row in await bay.rows("SELECT code, id FROM organisation")}
    for ended, successor in (("DISKELA", "DLH"), ("98.71.03", "98.71.02")):
        given = {"validTo": today.isoformat(), "successor": {"code": successor}}
        await bay.admin.mutate("endOrganisation", {"organisationId": encode("org", ids[ended]), **given})
    await bay.settled()
    before = await everything(bay)
    folder.replace("city.toml", "from = 2024-03-01", "from = 2024-04-01\ndiscipline = true")
    folder.add("gabung_2025.csv", "BAPPEDA,ENDS,,,DISKELA")
    folder.add("program.csv", "RUMPUT,Rumput laut,DISKELA,2025-02-20,")
    folder.add("wilayah.csv", "98.71.03.1009,Ujung Baru,,98.71.03")
    code, told = await loaded(bay, folder)
    ended = f"DISKELA (Dinas Kelautan dan Perikanan), which ended here on {today}"
    stays = "a law stays as decisions cite it"
    assert told == [
        f"city.toml:35:8: from of Perda 3/2024 in legal_bases is 2024-03-01 here, not 2024-04-01: {stays}",
        f"city.toml:36:14: discipline of Perda 3/2024 in legal_bases is false here, not true: {stays}",
        f"gabung_2025.csv:4:5: BAPPEDA ends into {ended}: name a successor that has not ended",
        f"program.csv:4:3: programme RUMPUT is new and led by {ended}: name a lead that has not ended",
        "wilayah.csv:9:4: 98.71.03.1009 (Kelurahan Ujung Baru) is new below 98.71.03 (Kecamatan Teluk Selatan), which"
        f" ended here on {today}: name a parent that has not ended",
    ]
    assert code == 1
    assert await everything(bay) == before
