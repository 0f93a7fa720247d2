"""The dossier of a case as a page and as a PDF: whole, in Indonesian, and there for nobody who may not see the case."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pypdf
import pytest

from server.dossier import reading
from server.events.position import Position
from server.text import moment
from server.web import dossier
from tests import inputs
from tests.api.test_secrecy import strangers
from tests.cases import filed, instructed, look, replied
from tests.city import WIB, City
from tests.founding import PASSWORD
from tests.person import Person

EVENTS = 200
ENDINGS = ("", ".pdf")
_INDONESIAN: Any = {"accept-language": "id"}
_LOG = (
    "query($id: ID!, $after: Cursor) { escalation(by: {id: $id}) { dossier(first: 50, after: $after) {"
    " pageInfo { hasNextPage endCursor } nodes { cursor sentence happenedAt actor { name } } } } }"
)


async def get(person: Person, case: str, ending: str = "", **headers: str) -> httpx.Response:
    async with person.city.site.client(**person.headers, **headers) as client:
        return await client.get(f"/dossier/{case}{ending}")


async def page(person: Person, case: str) -> str:
    """The page's text, its marks taken away and its letters put back."""
    answer = await get(person, case)
    assert answer.status_code == 200, answer.text
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text))


async def sheets(person: Person, case: str) -> list[str]:
    """The text of each of the PDF's sheets."""
    answer = await get(person, case, ".pdf")
    assert answer.status_code == 200, answer.text
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def squeezed(text: str) -> str:
    """Lines break elsewhere on paper."""
    return re.sub(r"\s+", "", text)


def joined(found: list[str]) -> str:
    """The sheets one behind the other, without their feet."""
    return squeezed("".join(re.sub(r"Perkara case_\w+\s+Halaman[\s\S]*$", "", sheet) for sheet in found))


async def log(person: Person, case: str) -> list[dict[str, Any]]:
    """The same log as the API tells it in Indonesian."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await person.ask(_LOG, {"id": case, "after": after}, **_INDONESIAN)
        part = answer["data"]["escalation"]["dossier"]
        found += part["nodes"]
        if not part["pageInfo"]["hasNextPage"]:
            return found
        after = part["pageInfo"]["endCursor"]


def expected(events: list[dict[str, Any]]) -> Iterator[str]:
    """What must stand there for each event, in this order."""
    for number, event in enumerate(events, 1):
        yield f"{number}. {moment('id', datetime.fromisoformat(event['happenedAt']).astimezone(WIB))}"
        yield event["sentence"]
        yield event["actor"]["name"] if event["actor"] else "Sistem"


def places(city: City, text: str) -> list[Position]:
    """The places in the log that a text names, in order; their cursors are sealed anew each time."""
    return [
        city.site.installation.seal.open(cursor).position
        for cursor in re.findall(r"(?<=[>\s])[\w-]{68}(?=[<.\s])", text)
    ]


def stands_in_order(parts: Iterator[str], text: str) -> None:
    place = 0
    for part in parts:
        found = text.find(squeezed(part), place)
        assert found >= 0, f"{part!r} is missing behind {text[max(place - 200, 0) : place]!r}"
        place = found


async def request_of(city: City, case: str) -> str:
    found: str = (await look(city.mayor, case, "request { id }"))["request"]["id"]
    return found


# ---- what it holds --------------------------------------------------------------------------------------------------


async def test_a_long_case_is_there_whole_with_every_position_sentence_and_date(city: City) -> None:
    case, _, _ = await instructed(city)
    request = await request_of(city, case)
    for number in range(EVENTS - 5):
        city.move(hours=7, minutes=3)
        body = f"Pesan {number}: truk belum datang.\nMohon segera dikirim ke Jalan Karya Jaya; ini pesan ke-{number}."
        await city.camat.mutate("postMessage", {"requestId": request, "text": body})
    await city.settled()
    events = await log(city.mayor, case)
    assert len(events) == EVENTS
    found = await sheets(city.mayor, case)
    assert len(found) > 10
    for number, sheet in enumerate(found, 1):
        assert f"Halaman {number} dari {len(found)}" in sheet
        assert case in sheet
        assert "Perangkat lunak ini mencatat; ia tidak menjatuhkan apa pun." in sheet
    stands_in_order(expected(events), joined(found))
    read = squeezed(await page(city.mayor, case))
    stands_in_order(expected(events), read)
    positions = [city.site.installation.seal.open(event["cursor"]).position for event in events]
    told = places(city, (await get(city.mayor, case)).text)
    assert [place for place in told if place in positions] == positions
    for text in (joined(found), read):
        assert squeezed(f"Catatan ini memuat {EVENTS} peristiwa dan lengkap sampai posisi") in text


async def test_it_tells_of_the_case_its_parties_and_what_they_said(city: City) -> None:
    case = await replied(city)
    meeting = {"escalationId": case, "meetingAt": "2026-06-22T09:30:00+07:00", "place": "Balai Kota"}
    await city.sekda.mutate("proposeMediation", meeting)
    await city.sekda.mutate("concludeMediation", {"escalationId": case, "outcome": "Buntu.", "isSettled": False})
    await city.mayor.mutate(
        "delegateDecisions", {"accountId": city.sekda.id, "validFrom": city.day(), "validTo": city.day(9)}
    )
    await city.settled()
    await city.sekda.mutate(
        "decideEscalation",
        {
            "escalationId": case, "kind": "WRITTEN_REPRIMAND", "facts": "Tidak menjawab.", "signedBy": "Rico Waas",
            "signedByOffice": "Wali Kota Medan", "legalBasis": "PP 94/2021 pasal 8", "documentNumber": "800/12",
            "hearingOn": "2026-06-12", "hearingNumber": "BAP 700/3",
        },
    )  # fmt: skip
    await city.dlh.mutate(
        "appendToDecision", {"escalationId": case, "kind": "OBJECTION", "text": "Kami sudah menjawab."}
    )
    await city.mayor.mutate("addFollowUp", {"escalationId": case, "text": "Rapat koordinasi", "dueOn": city.day(5)})
    for text in (await page(city.camat, case), "\n".join(await sheets(city.camat, case))):
        told = squeezed(text)
        for part in (
            "Kota Medan", case, "Truk sampah untuk Jalan Karya Jaya", "Kecamatan Medan Johor", "Dinas Lingkungan Hidup",
            "Tidak dijawab", "Diputuskan", f"Dicetak oleh {city.camat.name}, Kecamatan Medan Johor",
            "Dicetak Senin, 15 Juni 2026 pukul 09.00 WIB",
            "Dua minggu tanpa jawaban.", "Armada kami rusak.", "Waktu pertemuan Senin, 22 Juni 2026 pukul 09.30 WIB",
            "Balai Kota", "Buntu.", "Teguran tertulis", "PP 94/2021 pasal 8", "Penanda tangan Rico Waas",
            "Jabatan penanda tangan Wali Kota Medan", "Nomor dokumen 800/12", f"Terhadap {city.dlh.name}",
            f"Yang bersangkutan {city.dlh.name} Diberi tahu Senin, 15 Juni 2026 pukul 09.00 WIB",
            "Tanggal pemeriksaan atau panggilan 12 Juni 2026",
            "Nomor berita acara pemeriksaan atau panggilan BAP 700/3",
            "Memutus sebagai penerima pelimpahan Wali Kota",
            f"Atas nama {city.mayor.name}", "1. Keberatan Kami sudah menjawab.",
            "Rapat koordinasi Batas waktu 20 Juni 2026",
        ):  # fmt: skip
            assert squeezed(part) in told, part


async def test_changes_are_told_in_words_and_never_by_ids(city: City) -> None:
    case = await replied(city)
    for text in (await page(city.dlh, case), "\n".join(await sheets(city.dlh, case))):
        told = squeezed(text)
        for part in (
            "Status Dilaporkan → Ditanggapi",
            "Tanggapan – → Armada kami rusak.",
            f"Ditanggapi oleh – → {city.dlh.name}",
            "Ditanggapi pada – → Senin, 15 Juni 2026 pukul 09.00 WIB",
            "Terlapor – → Dinas Lingkungan Hidup",
            "Status – → Terbuka",
            "Kapasitas definitif",
        ):
            assert squeezed(part) in told, part
        assert set(re.findall(r"\b(?:org|acct|task|plan)_[0-9a-z]{26}", text)) == set()


async def test_what_a_clock_ended_tells_when_it_was_written_down(city: City) -> None:
    case = await filed(city)
    city.move(days=7)
    await city.sweep()
    told = squeezed("\n".join(await sheets(city.mayor, case)))
    assert squeezed("Jumat, 19 Juni 2026 pukul 23.59 WIB Tanggapan atas laporan") in told
    assert squeezed("Oleh Sistem Dicatat Senin, 22 Juni 2026 pukul 09.00 WIB") in told


async def test_a_longer_log_than_a_document_bears_says_that_it_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _, _ = await instructed(city)
    monkeypatch.setattr(reading, "PAGE", 1)
    monkeypatch.setattr(reading, "MOST_EVENTS", 3)
    events = await log(city.mayor, case)
    text = (await get(city.mayor, case)).text
    assert "Catatan ini memuat 3 peristiwa pertama dari lebih banyak dan lengkap sampai posisi" in text
    third, fourth = (city.site.installation.seal.open(event["cursor"]).position for event in events[2:4])
    assert max(places(city, text)) == third < fourth
    monkeypatch.setattr(reading, "MOST_EVENTS", 5)
    assert "Catatan ini memuat 5 peristiwa dan lengkap" in await page(city.mayor, case)


async def test_a_remark_of_the_mayors_office_is_no_part_of_it(city: City) -> None:
    case = await filed(city)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Periksa anggaran zamrud."})
    for person in (city.mayor, city.sekda, city.camat, city.dlh):
        for text in (await page(person, case), "".join(await sheets(person, case))):
            assert "zamrud" not in text
            assert "catatan pada laporan" not in text


# ---- how it is written ----------------------------------------------------------------------------------------------


async def test_markup_in_what_people_say_is_text(city: City) -> None:
    case = await filed(city)
    said = "<script>alert(1)</script> <img src=x onerror=y> & \" ' </bdi> {nb} **tebal**"
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": said})
    answer = await get(city.camat, case)
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert html.escape(said) in answer.text
    assert squeezed(said) in squeezed("\n".join(await sheets(city.camat, case)))


async def test_letters_that_no_font_of_ours_has_are_spelled_out(city: City) -> None:
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "name": "陈 Ñandú Łukasz 😀 عمر"})
    await city.settled()
    case = await filed(city)
    said = "Satu\tdua\r\ntiga " + "panjang" * 60 + " \u202e\u200d e\u0301 ﷽"
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": said})
    assert "陈 Ñandú Łukasz 😀 عمر" in await page(city.camat, case)
    told = squeezed("\n".join(await sheets(city.camat, case)))
    assert squeezed("‹U+9648› Ñandú Łukasz ‹U+1F600› ‹U+0639 U+0645 U+0631›") in told
    assert squeezed("Satu dua tiga" + "panjang" * 60 + "‹U+202E U+200D›") in told
    assert "U+FDFD" in told
    assert squeezed("ditulis dengan kode Unicode, seperti ‹U+4E2D›") in told


# ---- who gets it ----------------------------------------------------------------------------------------------------


async def test_both_have_the_headers_of_a_private_document(city: City) -> None:
    case = await filed(city)
    url = (await look(city.camat, case, "dossierPath"))["dossierPath"]
    assert url == f"/dossier/{case}"
    for ending, kind in (("", "text/html; charset=utf-8"), (".pdf", "application/pdf")):
        answer = await get(city.camat, case.upper(), ending, **{"accept-language": "en"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-language"] == "id"
        assert answer.headers["content-disposition"] == f'inline; filename="dosier-{case}.{ending[1:] or "html"}"'
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-frame-options"] == "DENY"
    async with city.site.client(**city.camat.headers) as client:
        assert (await client.post(url, json={})).status_code == 405
        style = re.findall(r'href="(/static/[^"]+)"', (await client.get(url)).text)
        assert [(await client.get(each)).status_code for each in style] == [200]


async def test_for_all_others_there_is_none(city: City) -> None:
    people = await strangers(city)
    case = await filed(city)
    missing = inputs.unknown_id("escalationId")
    for person in people:
        for ending in ENDINGS:
            answers = [
                await get(person, each, ending)
                for each in (missing, case, case.upper(), await request_of(city, case), "x", "case_x", "..%2fgraphql")
            ]
            assert {answer.status_code for answer in answers} == {404}, person.login
            assert len({_alike(answer) for answer in answers}) == 1, person.login
    for person in (city.camat, city.dlh, city.mayor, city.sekda):
        assert [(await get(person, case, ending)).status_code for ending in ENDINGS] == [200, 200]
        assert [(await get(person, missing, ending)).status_code for ending in ENDINGS] == [404, 404]


def _alike(answer: httpx.Response) -> str:
    """All of an answer but the id of its own request, and how many more a token may send."""
    own = answer.headers["x-request-id"]
    headers = sorted(each for each in answer.headers.items() if not each[0].startswith("ratelimit"))
    return json.dumps([answer.status_code, headers, answer.text]).replace(own, "")


async def test_a_sign_in_is_needed_before_anything_is_looked_at(city: City) -> None:
    case = await filed(city)
    async with city.site.client(accept="text/html") as client:
        answers = [
            await client.get(f"/dossier/{each}{ending}")
            for each in (case, inputs.unknown_id("escalationId"), "x")
            for ending in ENDINGS
        ]
    assert len({_alike(answer) for answer in answers}) == 1
    assert answers[0].status_code == 401
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json()["code"] == "UNAUTHENTICATED"


async def test_a_page_reads_it_with_its_session_but_no_other_site_does(city: City) -> None:
    case = await filed(city)
    async with city.site.client() as client:
        ours = {"origin": str(client.base_url)}
        given = {"login": city.dlh.login, "password": PASSWORD, "session": True}
        assert (await client.post("/auth/sign-in", json=given, headers=ours)).status_code == 200
        for asked_by, status in (("none", 200), ("same-origin", 200), ("same-site", 401), ("cross-site", 401)):
            for ending in ENDINGS:
                answer = await client.get(f"/dossier/{case}{ending}", headers={"sec-fetch-site": asked_by})
                assert answer.status_code == status, asked_by


async def test_the_servers_own_log_names_no_case(city: City, caplog: pytest.LogCaptureFixture) -> None:
    case = await filed(city)
    with caplog.at_level("INFO"):
        await get(city.camat, case)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("server.")]
    assert any("/dossier/… 200" in each for each in told)
    assert not [each for each in told if case in each]


async def test_who_comes_when_too_many_wait_for_a_pdf_is_told_so(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await filed(city)
    monkeypatch.setattr(dossier, "LONGEST_LINE", 0)
    answer = await get(city.camat, case, ".pdf")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "RATE_LIMITED", "5")
    assert (await get(city.camat, case)).status_code == 200
    assert (await get(city.outsider, case, ".pdf")).status_code == 404
