"""Another city by its data alone: a story, its board and its clocks, reckoned by hand, on the clock of its own zone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bay import MIDDLE, NORTH, WITA
from tests.city import City
from tests.person import Person, to_the_second
from tests.verbs import LISTS

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?([Zz]|[+-]\d\d:?\d\d)?")
NUMBERS = (
    "planCount approvedPlanCount targetCount realisedCount onTrackCount atRiskCount offTrackCount notStartedCount"
    " notReportedCount averageAchievementToDate taskCount doneTaskCount blockedTaskCount overdueTaskCount"
    " openRequestCount lapsedRequestCount"
)
NOTHING = dict.fromkeys(NUMBERS.split(), 0) | {"averageAchievementToDate": None}
CLOCK = "{ startedAt dueAt state workingDaysLeft nextReminderAt explanation }"


def at(city: City, moment: str) -> None:
    """It is this moment, on the city's clock."""
    city.now = datetime.fromisoformat(moment).replace(tzinfo=WITA).astimezone(UTC)


def instants(value: Any) -> Iterator[str]:
    """Every instant that stands in any string of it, with the offset that it bears."""
    match value:
        case str():
            yield from (found[0] for found in INSTANT.finditer(value))
        case dict():
            for each in value.values():
                yield from instants(each)
        case list():
            for each in value:
                yield from instants(each)


async def page(person: Person, case: str) -> str:
    async with person.city.site.client(**person.headers) as client:
        answer = await client.get(f"/dossier/{case}")
    assert answer.status_code == 200, answer.text
    return html.unescape(re.sub(r"<[^>]+>", "\n", answer.text))


async def a_week(city: City) -> tuple[str, str]:
    """The story: readings, a task that is late and one that is done, a request unanswered; its id, and the plan's."""
    plan = await city.approved(city.camat, targets=2)
    for target, value in zip(await city.targets_of(plan), ("130", "30"), strict=True):
        await city.camat.mutate(
            "recordMeasurement", {"targetId": target, "value": value, "measuredOn": "2026-06-15", "note": "Kuartal ini"}
        )
    await city.task(city.camat_staff, title="Bersihkan pantai", dueOn="2026-06-17")
    done = await city.task(city.camat_staff, title="Pasang jaring", dueOn="2026-06-19")
    await city.camat_staff.mutate("startTask", {"taskId": done})
    await city.camat_staff.mutate("reportProgress", {"taskId": done, "progress": 100})
    await city.camat_staff.mutate("completeTask", {"taskId": done})
    at(city, "2026-06-17T00:30:00")  # in Medan it is still the 16th
    request = await city.request(city.camat, city.dlh, title="Truk untuk Pasir Panjang")
    at(city, "2026-06-18T00:10:00")  # in Medan it is still the 17th: the task would not be late
    await city.sweep()
    at(city, "2026-06-23T00:05:00")
    await city.sweep()
    return request, plan


async def test_the_citys_facts_are_those_of_its_folder(bay: City) -> None:
    found = await bay.outsider.query(
        "{ city { code name timeZone achievementCap map { code column row } readAt referralBodyCodes"
        " term { startsOn endsOn } legalBases { code validFrom }"
        " holidays { year days { fallsOn name source isWorkday } } } }"
    )
    city = found["city"]
    days = next(each["days"] for each in city.pop("holidays") if each["year"] == 2026)
    assert [day for day in days if day["fallsOn"].startswith("2026-06")] == [
        {"fallsOn": "2026-06-01", "name": "Hari Lahir Pancasila", "source": "NATIONAL", "isWorkday": False},
        {"fallsOn": "2026-06-16", "name": "Tahun Baru Islam", "source": "NATIONAL", "isWorkday": False},
        {"fallsOn": "2026-06-18", "name": "Hari Jadi Kota Teluk Biru", "source": "CITY", "isWorkday": False},
        {"fallsOn": "2026-06-20", "name": "Pengganti Hari Jadi", "source": "CITY", "isWorkday": True},
    ]
    assert city.pop("readAt").startswith("2026-06-15T10:00:00")
    assert city == {
        "code": "98.71", "name": "Kota Teluk Biru", "timeZone": "Asia/Makassar", "achievementCap": 120,
        "map": [
            {"code": "98.71.01", "column": 1, "row": 0},
            {"code": "98.71.02", "column": 0, "row": 1},
            {"code": "98.71.03", "column": 1, "row": 2},
        ],
        "referralBodyCodes": ["ITKOT"], "term": {"startsOn": "2025-02-20", "endsOn": "2030-02-20"},
        "legalBases": [
            {"code": "PP 53/2010", "validFrom": "2010-06-06"},
            {"code": "PP 94/2021", "validFrom": "2021-08-31"},
            {"code": "Perda 3/2024", "validFrom": "2024-03-01"},
        ],
    }  # fmt: skip


async def test_capaian_is_capped_and_graded_by_the_citys_own_scale(bay: City) -> None:
    """165 of the year's 364 days have passed on 15 June: 100 × 165 / 364 = 45.3297 tonnes are expected by then."""
    _, plan = await a_week(bay)
    found = await bay.outsider.query(
        "query($id: ID!) { workPlan(by: {id: $id}) { targets(orderBy: [{indicator: ASC}]) { nodes {"
        " indicator realised achievement achievementCapped achievementToDate gradeToDate trackState reportDueOn"
        " } } } }",
        id=plan,
    )
    assert found["workPlan"]["targets"]["nodes"] == [
        {
            "indicator": "Sampah terangkut 1", "realised": "130", "achievement": 130.0, "achievementCapped": 120.0,
            "achievementToDate": 286.8,  # 130 / 45.3297
            "gradeToDate": "VERY_HIGH", "trackState": "REALISED",
            "reportDueOn": "2026-10-07",  # the fifth working day after 30 September: 1, 2, 5, 6, 7
        },
        {
            "indicator": "Sampah terangkut 2", "realised": "30", "achievement": 30.0, "achievementCapped": 30.0,
            "achievementToDate": 66.2,  # 30 / 45.3297
            "gradeToDate": "VERY_LOW",  # below 70; elsewhere 66 is MEDIUM
            "trackState": "OFF_TRACK", "reportDueOn": "2026-10-07",
        },
    ]  # fmt: skip


async def test_the_clocks_run_by_the_citys_days_and_end_at_its_midnight(bay: City) -> None:
    """Asked on Wednesday the 17th: the 18th is off, so the 19th, the worked Saturday the 20th and Monday the 22nd."""
    at(bay, "2026-06-17T00:30:00")
    request = await bay.request(bay.camat, bay.dlh)
    seen = await bay.camat.query(
        f"query($id: ID!) {{ request(by: {{id: $id}}) {{ answerDueAt neededOn answerClock {CLOCK} }} }}",
        id=request,
    )
    assert to_the_second(seen)["request"] == {
        "answerDueAt": "2026-06-22T23:59:59+08:00",
        "neededOn": "2026-06-27",
        "answerClock": {
            "startedAt": "2026-06-17T00:30:00+08:00",
            "dueAt": "2026-06-22T23:59:59+08:00",
            "state": "RUNNING",
            "workingDaysLeft": 3,
            "nextReminderAt": "2026-06-20T08:00:00+08:00",
            "explanation": "Waktu: 3 hari kerja, dihitung sejak hari sesudah 17 Juni 2026. Batas waktu 22 Juni 2026, "
            "23.59 WITA; sisa hari kerja: 3.",
        },
    }
    at(bay, "2026-06-23T00:05:00")
    assert await bay.sweep() == 1
    case = {"requestId": request, "statement": "Tiga hari kerja tanpa jawaban."}
    made = await bay.camat.mutate("fileEscalation", case, f"escalation {{ replyClock {CLOCK} }}")
    clock = made["escalation"]["replyClock"]
    assert clock["dueAt"] == "2026-06-26T23:59:59+08:00"
    assert clock["nextReminderAt"] == "2026-06-25T08:00:00+08:00"


async def test_how_long_a_ruling_takes_and_an_acting_head_acts_is_the_citys_data(bay: City) -> None:
    """Two working days, four months. Objected to on Wednesday the 17th: the 18th is off, so the 19th and the 20th."""
    found = await bay.outsider.query("{ city { rulingWorkingDays actingMonths } }")
    assert found["city"] == {"rulingWorkingDays": 2, "actingMonths": 4}
    given = {"organisation": {"code": "DLH"}, "accountId": bay.dlh_staff.id, "capacity": "PLH"}
    shown = f"appointment {{ id isOverdue actingClock {CLOCK} }}"
    made = await bay.admin.mutate("appoint", {**given, "validFrom": "2026-02-17", "validTo": "2026-06-17"}, shown)
    acting = made["appointment"]
    assert (acting["isOverdue"], acting["actingClock"]["dueAt"]) == (False, "2026-06-16T23:59:59+08:00")
    at(bay, "2026-06-17T00:30:00")
    seen = await bay.outsider.query(f"query($id: ID!) {{ node(id: $id) {{ ... on A{shown[1:]} }} }}", id=acting["id"])
    assert (seen["node"]["isOverdue"], seen["node"]["actingClock"]["state"]) == (True, "BREACHED")
    request = await bay.request(bay.camat, bay.dlh)
    away = {"requestId": request, "to": {"code": MIDDLE}, "reason": "Wilayah lain."}
    await bay.dlh.mutate("redirectRequest", away)
    objection = {"requestId": request, "reason": "Bukan di sana."}
    asked = await bay.camat.mutate("objectToRedirect", objection, "request { rulingDueAt }")
    assert asked["request"]["rulingDueAt"] == "2026-06-20T23:59:59+08:00"
    at(bay, "2026-06-18T00:30:00")
    seen = await bay.outsider.query(f"query($id: ID!) {{ node(id: $id) {{ ... on A{shown[1:]} }} }}", id=acting["id"])
    clock = seen["node"]["actingClock"]
    assert (seen["node"]["isOverdue"], clock["state"]) == (False, "ENDED")
    assert "terlambat" in clock["explanation"]


async def test_the_board_tells_the_story_in_numbers(bay: City) -> None:
    await a_week(bay)
    found = await bay.outsider.query(
        f"{{ statusBoard {{ readAt term {{ daysLeft }} totals {{ {NUMBERS} }}"
        f" organisations {{ organisation {{ code }} summary {{ {NUMBERS} }} }}"
        f" programmes {{ programme {{ code }} summary {{ {NUMBERS} }} }}"
        " offTrack { indicator achievement owner { code } } requestsOnTheClock { title answerDueAt isLapsed }"
        " latest(first: 2) { type happenedAt sentence } } }"
    )
    board = found["statusBoard"]
    assert re.fullmatch(r"2026-06-23T00:05:00(\.\d+)?\+08:00", board.pop("readAt"))
    story = NOTHING | {
        "planCount": 1, "approvedPlanCount": 1, "targetCount": 2, "realisedCount": 1, "offTrackCount": 1,
        "averageAchievementToDate": 93.1,  # (120 + 66.2) / 2: where 110 is the cap it would be 88.1
        "taskCount": 2, "doneTaskCount": 1, "overdueTaskCount": 1,
    }  # fmt: skip
    late = {"openRequestCount": 1, "lapsedRequestCount": 1}
    assert board == {
        "term": {"daysLeft": 1338},  # from 23 June 2026 to 20 February 2030
        "totals": story | late,
        "organisations": [
            {"organisation": {"code": NORTH}, "summary": story},
            {"organisation": {"code": "98.71.01.1001"}, "summary": NOTHING},
            {"organisation": {"code": "98.71.01.1002"}, "summary": NOTHING},
            {"organisation": {"code": "98.71.02"}, "summary": NOTHING},
            {"organisation": {"code": "98.71.02.1001"}, "summary": NOTHING},
            {"organisation": {"code": "98.71.03"}, "summary": NOTHING},
            {"organisation": {"code": "98.71.03.1001"}, "summary": NOTHING},
            {"organisation": {"code": "BAPPEDA"}, "summary": NOTHING},
            {"organisation": {"code": "DISKELA"}, "summary": NOTHING},
            {"organisation": {"code": "DLH"}, "summary": NOTHING | late},
            {"organisation": {"code": "ITKOT"}, "summary": NOTHING},
            {"organisation": {"code": "PAM"}, "summary": NOTHING},
            {"organisation": {"code": "SETDA"}, "summary": NOTHING},
            {"organisation": {"code": "WALIKOTA"}, "summary": NOTHING},
        ],
        "programmes": [
            {"programme": {"code": "NELAYAN"}, "summary": NOTHING},
            {"programme": {"code": "PESISIR"}, "summary": NOTHING},
        ],
        "offTrack": [{"indicator": "Sampah terangkut 2", "achievement": 30.0, "owner": {"code": NORTH}}],
        "requestsOnTheClock": [
            {"title": "Truk untuk Pasir Panjang", "answerDueAt": "2026-06-22T23:59:59+08:00", "isLapsed": True}
        ],
        "latest": [
            {
                "type": "REQUEST_LAPSED",
                "happenedAt": "2026-06-22T23:59:59+08:00",
                "sentence": "“Truk untuk Pasir Panjang” tidak dijawab sampai batas waktunya, 22 Juni 2026",
            },
            {
                "type": "TASK_OVERDUE",
                "happenedAt": "2026-06-17T23:59:59+08:00",
                "sentence": "“Bersihkan pantai” melewati batas waktu, 17 Juni 2026",
            },
        ],
    }


async def test_every_instant_that_leaves_the_server_bears_the_citys_offset(bay: City) -> None:
    watchers = [await bay.camat.watch(field) for field in (*LISTS, "events")]
    socket = await bay.dlh.socket()
    board = "subscription { statusBoard { readAt countedAt requestsOnTheClock { answerDueAt createdAt } } }"
    inbox = "subscription { inboxChanged { nodes { dueAt subject { ... on Request { answerDueAt } } } } }"
    watchers.append(socket.subscribe("statusBoard", board, {}))
    watchers.append(socket.subscribe("inboxChanged", inbox, {}))
    request, _ = await a_week(bay)
    case = await bay.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tanpa jawaban."})
    case_id = case["escalation"]["id"]
    await bay.dlh.mutate("replyToEscalation", {"escalationId": case_id, "reply": "Armada kami rusak."})
    meeting = {"escalationId": case_id, "meetingAt": "2026-06-25T01:30:00Z", "place": "Balai Kota"}
    await bay.sekda.mutate("proposeMediation", meeting)
    other = await bay.request(bay.camat, bay.neighbour, neededOn="2026-07-10")
    await bay.neighbour.mutate("askForInformation", {"requestId": other, "question": "Di mana?"})
    at(bay, "2026-06-24T08:00:00")
    await bay.camat.mutate("answerQuestion", {"requestId": other, "answer": "Di Pasir Panjang."})
    await bay.neighbour.refused("askForInformation", {"requestId": request, "question": "Apa?"})
    await bay.settled()

    for person in (bay.mayor, bay.camat, bay.dlh, bay.outsider):
        for field in LISTS:
            assert await person.listed(field, None, None, bay.site) or field == "escalationChanged"
        await person.query(
            "{ city { readAt sweptAt } viewer { account { lastSignInAt createdAt } inbox { nodes { dueAt } }"
            " allowedActions { availableAt refusals { message } } }"
            " events(first: 200) { nodes { happenedAt recordedAt changes { field before after } sentence } } }"
        )
    history = await bay.camat.query(
        "query($id: ID!, $case: ID!) { request(by: {id: $id}) { createdAt updatedAt"
        " answerClock { explanation pauses { startedAt endedAt } }"
        " eligibility { missing { eligibleAt why } } allowedActions { availableAt refusals { message } }"
        " history(first: 50) { nodes { happenedAt changes { field before after } } } }"
        " escalation(by: {id: $case}) { filedAt mediation { meetingAt } replyClock { dueAt } } }",
        id=other,
        case=case_id,
    )
    pauses = [
        each["after"]
        for event in history["request"]["history"]["nodes"]
        for each in event["changes"]
        if each["field"] == "ANSWER_PAUSES"
    ]
    assert re.search(r'"from":"2026-06-23T00:05:00[.\d]*\+08:00"', pauses[1]), pauses
    assert history["escalation"]["mediation"] == {"meetingAt": "2026-06-25T09:30:00+08:00"}
    for watcher in watchers:
        assert watcher.told, watcher.field
    told = [*bay.answers, *[each for watcher in watchers for each in watcher.told]]
    found = [*instants(told)]
    assert len(found) > 500
    assert {each for each in found if not each.endswith("+08:00")} == set()


async def test_the_dossier_and_the_pages_speak_of_the_city_and_its_zone(bay: City) -> None:
    request, _ = await a_week(bay)
    made = await bay.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tanpa jawaban."})
    case = made["escalation"]["id"]
    await bay.settled()
    text = await page(bay.mayor, case)
    assert "Kota Teluk Biru" in text
    for told in ("Rabu, 17 Juni 2026 pukul 00.30 WITA", "Senin, 22 Juni 2026 pukul 23.59 WITA",
                 "Selasa, 23 Juni 2026 pukul 00.05 WITA"):  # fmt: skip
        assert told in text, told
    assert not re.search(r"WIB|Medan|\+0[07]:00", text)
    async with bay.site.client() as client:
        for path in ("/", "/auth/password"):
            shown = (await client.get(path)).text
            assert "Kolaborasi Kota Teluk Biru" in shown
            assert 'data-city="Kota Teluk Biru"' in shown
            assert not re.search(r"WIB|Medan|\{city\}", shown)
