"""One person who heads both sides of a request, who is named for the other, and a successor who takes a side over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases import admit, filed, look, request
from tests.city import City
from tests.person import Person
from tests.verbs import mutation_of

CLOCK = "answerClock { dueAt state }"


async def asked(city: City, request: str, selection: str) -> Any:
    found = await city.camat.query(f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {selection} }} }}", id=request)
    return found["request"]


async def end(city: City, code: str, successor: str) -> None:
    found = await city.admin.query("query($code: String!) { organisation(by: {code: $code}) { id } }", code=code)
    given = {"organisationId": found["organisation"]["id"], "validTo": city.day(-1), "successor": {"code": successor}}
    await city.admin.mutate("endOrganisation", given)
    await city.settled()


async def test_whoever_heads_both_sides_brings_no_case_and_is_told_so_before(city: City) -> None:
    """“Nobody brings a case against an organisation that they head, in whatever capacity.”"""
    unanswered = await request(city, city.camat, city.dlh)
    given = {"organisation": {"code": "DLH"}, "accountId": city.camat.id, "capacity": "PLH", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    await admit(city, city.camat)
    both = await city.sign_in("camat")
    assert (await foretold(both, unanswered))["fileEscalation"] == ["BOTH_SIDES"]
    error = await both.refused("fileEscalation", {"requestId": unanswered, "statement": "Dua minggu."})
    assert error["code"] == "BOTH_SIDES"


# ---- one side is answered by somebody else --------------------------------------------------------------------------

BOTH = "bothSides { organisation { code } startedAt answerer { id } namedAt }"
PAUSED = "isLapsed lapsedAt answerClock { state dueAt explanation pauses { startedAt endedAt reason } }"


async def appoint(city: City, code: str, who: Person, capacity: str, first: str = "", last: str | None = None) -> None:
    given = {"organisation": {"code": code}, "accountId": who.id, "capacity": capacity}
    await city.admin.mutate("appoint", given | {"validFrom": first or city.day(), "validTo": last})


async def vacated(city: City, code: str, last: str = "") -> None:
    """Whoever holds this office definitively leaves it: yesterday, or on that day."""
    query = (
        "query($code: String!) { organisation(by: {code: $code}) { appointments { nodes { id validTo capacity } } } }"
    )
    found = (await city.admin.query(query, code=code))["organisation"]["appointments"]["nodes"]
    (held,) = (each for each in found if each["validTo"] is None and each["capacity"] == "DEFINITIVE")
    await city.admin.mutate("endAppointment", {"appointmentId": held["id"], "validTo": last or city.day(-1)})


async def on_both_sides(city: City, *, days: int | None = None) -> tuple[str, Person]:
    """A request of the camat's to the DLH, whose head has left and which the camat heads till another comes after so
    many days; the request and the camat.
    """
    await vacated(city, "DLH")
    await appoint(city, "DLH", city.camat, "PLT", last=None if days is None else city.day(days))
    if days is not None:
        await appoint(city, "DLH", city.dlh, "DEFINITIVE", city.day(days + 1))
    both = await city.sign_in("camat")
    request = await city.request(both, city.dlh, neededOn=city.day(60))
    await city.settled()
    return request, both


async def name(city: City, request: str, who: Person, by: Person | None = None) -> Any:
    given = {"requestId": request, "accountId": who.id}
    return (await (by or city.sekda).mutate("assignAnswerer", given, f"request {{ {BOTH} }}"))["request"]


async def foretold(person: Person, request: str) -> dict[str, list[str]]:
    """Each verb that is offered to somebody, and why they may not."""
    query = "query($id: ID!) { request(by: {id: $id}) { allowedActions { verb refusals { code } } } }"
    actions = (await person.query(query, id=request))["request"]["allowedActions"]
    return {mutation_of(each["verb"]): [one["code"] for one in each["refusals"]] for each in actions}


async def waiting(person: Person, request: str) -> list[str]:
    found = await person.query("{ viewer { inbox { nodes { kind subject { id } } } } }")
    return [each["kind"] for each in found["viewer"]["inbox"]["nodes"] if (each["subject"] or {}).get("id") == request]


async def told(city: City, request: str) -> list[Any]:
    history = "history { nodes { type sentence capacity changes { field before after } } }"
    found: list[Any] = (await asked(city, request, history))["history"]["nodes"]
    return found


async def test_whoever_heads_both_sides_acts_for_the_one_whose_definitive_head_they_are(city: City) -> None:
    """“Every verb of the other side is BOTH_SIDES.” It is foretold so."""
    request, both = await on_both_sides(city)
    theirs = {verb for verb, codes in (await foretold(both, request)).items() if codes == ["BOTH_SIDES"]}
    answers = {"acceptRequest", "declineRequest", "counterRequest", "redirectRequest", "askForInformation"}
    assert theirs >= answers | {"proposeNewDate", "deliverRequest", "resumeDelivery"}
    for verb, given in (
        ("acceptRequest", {}),
        ("declineRequest", {"reason": "Tidak ada truk."}),
        ("counterRequest", {"terms": "Satu truk."}),
        ("redirectRequest", {"to": {"code": "DINKES"}, "reason": "Limbah medis."}),
        ("askForInformation", {"question": "Berapa?"}),
    ):
        assert (await both.refused(verb, {"requestId": request, **given}))["code"] == "BOTH_SIDES"
    offer = {
        "asker": {"code": both.organisation},
        "organisation": {"code": "DLH"},
        "title": "Truk",
        "neededOn": city.day(5),
    }
    assert (await both.refused("offerHelp", offer))["code"] == "BOTH_SIDES"
    in_indonesian = await both.refused("acceptRequest", {"requestId": request})
    assert "kedua pihak" in in_indonesian["message"]
    assert await waiting(both, request) == []
    await both.mutate("withdrawRequest", {"requestId": request})


async def test_of_two_acting_offices_they_act_for_the_askers(city: City) -> None:
    """“One person on both sides: whoever heads asker and giver acts for the one whose definitive head they are, of
    two alike for the asker.”
    """
    request = await city.request(city.camat, city.dlh)
    for code in (city.camat.organisation, "DLH"):
        await appoint(city, code, city.outsider, "PLH")
    both = await city.sign_in("outsider")
    assert (await both.refused("declineRequest", {"requestId": request, "reason": "Tidak."}))["code"] == "BOTH_SIDES"
    await both.mutate("withdrawRequest", {"requestId": request})
    events = await told(city, request)
    assert (events[-1]["type"], events[-1]["capacity"]) == ("REQUEST_WITHDRAWN", "PLH")


async def test_the_clock_stands_still_till_an_answerer_is_named_and_nothing_lapses(city: City) -> None:
    """“From the moment when one person heads both until somebody is named, or one of the appointments ends, the clocks
    on which that side must act stand still; the agreed day of a promise does not move.” Two weeks later nothing lapsed.
    """
    request, _ = await on_both_sides(city)
    city.move(days=14)
    await city.sweep()
    await city.settled()
    seen = await asked(city, request, f"{PAUSED} {BOTH}")
    clock = seen["answerClock"]
    assert (seen["isLapsed"], seen["lapsedAt"], clock["state"]) == (False, None, "PAUSED")
    (pause,) = clock["pauses"]
    assert pause["endedAt"] is None
    assert "memimpin kedua pihak" in pause["reason"]
    assert "memimpin kedua pihak" in clock["explanation"]
    assert seen["bothSides"]["organisation"]["code"] == "DLH"
    assert seen["bothSides"]["answerer"] is None
    assert [each["type"] for each in await told(city, request)] == ["REQUEST_MADE"]
    assert request not in await lapsed_ones(city)

    named = await name(city, request, city.dlh_staff)
    assert named["bothSides"]["answerer"]["id"] == city.dlh_staff.id
    going = (await asked(city, request, PAUSED))["answerClock"]
    assert going["state"] == "RUNNING"
    assert going["pauses"][0]["endedAt"] == named["bothSides"]["namedAt"]
    assert going["dueAt"] > city.day()
    await city.settled()
    event = (await told(city, request))[-1]
    assert event["type"] == "REQUEST_ANSWERER_NAMED"
    (change,) = (each for each in event["changes"] if each["field"] == "STAND_IN")
    assert (change["before"], change["after"]) == (None, city.dlh_staff.id)
    city.move(days=10)
    await city.sweep()
    await city.settled()
    assert (await asked(city, request, "isLapsed"))["isLapsed"] is True
    assert (await told(city, request))[-1]["type"] == "REQUEST_LAPSED"


async def test_whoever_is_named_does_the_verbs_of_that_side_and_finds_them_in_the_inbox(city: City) -> None:
    """“For that side whoever acts for the mayor names an account that works for its organisation (assignAnswerer),
    which does that side's verbs until one of the two appointments ends.”
    """
    request, both = await on_both_sides(city)
    error = await city.dlh_staff.refused("acceptRequest", {"requestId": request})
    assert error["code"] == "NOT_YOUR_ROLE"
    assert await waiting(city.sekda, request) == ["ANSWERER_TO_NAME"]
    await name(city, request, city.dlh_staff)
    assert await waiting(city.sekda, request) == []
    assert await waiting(city.dlh_staff, request) == ["REQUEST_TO_ANSWER"]
    task = await city.promise(city.dlh_staff, request, is_done=True)
    assert task
    assert await waiting(city.dlh_staff, request) == ["DELIVERY_DUE"]
    await city.dlh_staff.mutate("deliverRequest", {"requestId": request})
    assert await waiting(both, request) == ["DELIVERY_TO_CONFIRM"]
    await both.mutate("disputeDelivery", {"requestId": request, "reason": "Masih kotor."})
    await city.dlh_staff.mutate("resumeDelivery", {"requestId": request})


async def test_the_named_account_of_the_asker_confirms(city: City) -> None:
    """Where the definitive head of the giver heads the asker for a while, somebody of the asker's confirms."""
    request = await city.request(city.camat, city.dlh)
    await vacated(city, city.camat.organisation)
    await appoint(city, city.camat.organisation, city.dlh, "PLT")
    both = await city.sign_in("dlh")
    await city.promise(both, request, is_done=True)
    promise = "commitmentClock { dueAt state pauses { reason } }"
    kept = (await asked(city, request, promise))["commitmentClock"]
    assert (kept["dueAt"][:10], kept["pauses"]) == (city.day(10), [])  # the agreed day does not move
    await both.mutate("deliverRequest", {"requestId": request})
    assert (await both.refused("confirmDelivery", {"requestId": request}))["code"] == "BOTH_SIDES"
    city.move(days=30)
    await city.sweep()
    await city.settled()
    assert (await asked(city, request, "status"))["status"] == "DELIVERED"  # silence confirms nothing meanwhile
    await name(city, request, city.camat_staff)
    assert await waiting(city.camat_staff, request) == ["DELIVERY_TO_CONFIRM"]
    await city.camat_staff.mutate("confirmDelivery", {"requestId": request})


async def test_an_answerer_is_named_by_the_mayors_office_of_that_side_alone_and_may_be_named_anew(city: City) -> None:
    request, both = await on_both_sides(city)

    async def refused(who: Person, by: Person = city.sekda) -> Any:
        error = await by.refused("assignAnswerer", {"requestId": request, "accountId": who.id})
        return error["code"]

    assert await refused(city.camat_staff) == "WRONG_ORGANISATION"
    assert await refused(city.camat) == "HEADS_BOTH_SIDES"
    assert await refused(city.dlh_staff, both) == "NOT_YOUR_ROLE"
    assert await refused(city.dlh_staff, city.bappeda) == "NOT_YOUR_ROLE"
    await name(city, request, city.dlh_staff, city.mayor)
    assert await refused(city.dlh_staff) == "NOTHING_TO_CHANGE"
    await name(city, request, city.dlh)
    error = await city.dlh_staff.refused("acceptRequest", {"requestId": request})
    assert error["code"] == "NOT_YOUR_ROLE"
    other = await city.request(city.neighbour, city.dlh)
    given = {"requestId": other, "accountId": city.dlh_staff.id}
    assert (await city.sekda.refused("assignAnswerer", given))["code"] == "NOBODY_ON_BOTH_SIDES"
    for person, of, expected in (
        (city.mayor, request, []),
        (city.sekda, request, []),
        (city.sekda, other, ["NOBODY_ON_BOTH_SIDES"]),
        *((each, request, ["NOT_YOUR_ROLE"]) for each in (both, city.dlh, city.outsider, city.bappeda, city.admin)),
    ):
        assert (await foretold(person, of))["assignAnswerer"] == expected


async def test_when_one_person_no_longer_heads_both_the_clock_goes_on_and_nobody_is_named(city: City) -> None:
    request, _ = await on_both_sides(city, days=7)
    before = (await asked(city, request, PAUSED))["answerClock"]["dueAt"]
    await name(city, request, city.dlh_staff)
    city.move(days=9)
    error = await city.dlh_staff.refused("acceptRequest", {"requestId": request})
    assert error["code"] == "NOT_YOUR_ROLE"
    assert (await asked(city, request, BOTH))["bothSides"] is None
    second, _ = await on_both_sides(city, days=7)
    city.move(days=8)
    await city.sweep()
    await city.settled()
    clock = (await asked(city, second, PAUSED))["answerClock"]
    assert clock["state"] == "RUNNING"
    assert clock["pauses"][0]["endedAt"] is not None
    assert clock["dueAt"] > city.day() > before
    assert "REQUEST_CLOCK_MOVED" in [each["type"] for each in await told(city, second)]


async def test_a_stand_in_who_can_no_longer_act_is_as_if_nobody_were_named(city: City) -> None:
    """“Once that account works elsewhere, may only read or is disabled, it is as if nobody were named.” The clock
    stands still again, and the office is asked for another.
    """
    request, _ = await on_both_sides(city)
    await name(city, request, city.dlh_staff)
    who = {"accountId": city.dlh_staff.id}

    async def stands(state: str, lines: list[str]) -> None:
        seen = await asked(city, request, f"{BOTH} {PAUSED}")
        answerer = None if lines else {"id": city.dlh_staff.id}
        assert (seen["answerClock"]["state"], seen["bothSides"]["answerer"]) == (state, answerer)
        assert (seen["isLapsed"], await waiting(city.sekda, request)) == (False, lines)

    for verb, left, back_by, back in (
        ("updateAccount", {"role": "OBSERVER"}, "updateAccount", {"role": "STAFF"}),
        ("disableAccount", {}, "enableAccount", {}),
        ("updateAccount", {"organisation": {"code": "BAPPEDA"}}, "updateAccount", {"organisation": {"code": "DLH"}}),
    ):
        await stands("RUNNING", [])
        await city.admin.mutate(verb, who | left)
        city.move(days=7)
        await stands("PAUSED", ["ANSWERER_TO_NAME"])
        assert request not in await lapsed_ones(city)
        await city.admin.mutate(back_by, who | back)
        await city.sweep()
    await city.admin.mutate("disableAccount", who)
    await name(city, request, city.dlh)
    await city.settled()
    assert "REQUEST_LAPSED" not in [each["type"] for each in await told(city, request)]


async def test_beside_an_acting_head_the_definitive_one_acts_and_no_clock_stands_still(city: City) -> None:
    """“Where somebody else heads that side too, such as the definitive head beside an acting one, that head acts for
    it; where two stand in for each other, each acts for their own side; and no clock stands still for it.”
    """
    request = await city.request(city.camat, city.dlh, neededOn=city.day(60))
    await appoint(city, "DLH", city.camat, "PLH")
    await city.settled()
    both = await city.sign_in("camat")
    assert (await foretold(both, request))["acceptRequest"] == ["BOTH_SIDES"]
    seen = await asked(city, request, f"{BOTH} {PAUSED}")
    assert (seen["bothSides"], seen["answerClock"]["state"], seen["answerClock"]["pauses"]) == (None, "RUNNING", [])
    assert await waiting(city.sekda, request) == []
    assert (await foretold(city.sekda, request))["assignAnswerer"] == ["NOBODY_ON_BOTH_SIDES"]
    assert await waiting(city.dlh, request) == ["REQUEST_TO_ANSWER"]
    city.move(days=10)
    assert request in await lapsed_ones(city)
    await city.dlh.mutate("declineRequest", {"requestId": request, "reason": "Tidak ada truk."})


async def crossed(city: City, last: str) -> str:
    """A request of the camat's to the DLH; each head stands in for the other; that of the DLH leaves that day."""
    request = await city.request(city.camat, city.dlh, neededOn=city.day(60))
    await appoint(city, "DLH", city.camat, "PLH")
    await appoint(city, city.camat.organisation, city.dlh, "PLH", last=last)
    await vacated(city, "DLH", last)
    await city.settled()
    return request


async def lapsed_ones(city: City) -> list[str]:
    query = "query($f: RequestFilter) { requests(filter: $f) { nodes { id } } }"
    found = await city.outsider.query(query, f={"isLapsed": {"eq": True}})
    return [each["id"] for each in found["requests"]["nodes"]]


async def test_two_who_stand_in_for_each_other_leave_no_side_without_its_head(city: City) -> None:
    request = await crossed(city, city.day(20))
    seen = await asked(city, request, f"{BOTH} {PAUSED}")
    assert (seen["bothSides"], seen["answerClock"]["state"]) == (None, "RUNNING")
    assert await waiting(city.sekda, request) == []
    both = await city.sign_in("dlh")
    assert await waiting(both, request) == ["REQUEST_TO_ANSWER"]
    city.move(days=10)
    assert request in await lapsed_ones(city)
    both = await city.sign_in("dlh")
    await both.mutate("declineRequest", {"requestId": request, "reason": "Tidak ada truk."})


async def test_once_one_of_them_no_longer_does_the_clock_stands_still_from_then_on(city: City) -> None:
    request = await crossed(city, city.day(1))
    city.move(days=14)
    await city.sweep()
    await city.settled()
    seen = await asked(city, request, f"{BOTH} {PAUSED}")
    *_, pause = seen["answerClock"]["pauses"]
    assert (seen["isLapsed"], seen["answerClock"]["state"]) == (False, "PAUSED")
    assert pause["startedAt"] == seen["bothSides"]["startedAt"]
    assert pause["endedAt"] is None
    assert request not in await lapsed_ones(city)


async def test_what_had_run_out_while_they_stood_in_for_each_other_stays_so(city: City) -> None:
    """“What had run out by then stays so.”"""
    request = await crossed(city, city.day(9))
    city.move(days=14)
    seen = await asked(city, request, f"{BOTH} {PAUSED}")
    assert (seen["isLapsed"], seen["answerClock"]["state"]) == (True, "BREACHED")
    assert request in await lapsed_ones(city)
    assert seen["bothSides"]["organisation"]["code"] == "DLH"
    assert await waiting(city.sekda, request) == ["ANSWERER_TO_NAME"]


# ---- a side that merges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_named", [False, True])
async def test_a_merger_takes_no_time_away_in_which_the_clocks_stood_still(city: City, is_named: bool) -> None:
    """“Which organisation was on a side counts by the day: a merger takes no such time away, and adds none to what
    was before it.” The asker's kecamatan ends a week or two later: till then nobody could answer, or who was named.
    """
    request, _ = await on_both_sides(city)
    city.move(days=7)
    if is_named:
        await name(city, request, city.dlh_staff)
    before = (await asked(city, request, PAUSED))["answerClock"]["pauses"]
    city.move(days=1 if is_named else 7)
    await end(city, city.camat.organisation, city.neighbour.organisation)
    seen = await asked(city, request, f"asker {{ code }} {BOTH} {PAUSED}")
    assert (seen["asker"]["code"], seen["bothSides"]) == (city.neighbour.organisation, None)
    assert (seen["isLapsed"], seen["answerClock"]["state"]) == (False, "RUNNING")
    assert request not in await lapsed_ones(city)
    (pause,) = seen["answerClock"]["pauses"]
    assert pause["startedAt"] == before[0]["startedAt"]
    assert pause["endedAt"] == before[0]["endedAt"] if is_named else pause["endedAt"] > city.day(-1)
    await city.sweep()
    await city.settled()
    assert "REQUEST_LAPSED" not in [each["type"] for each in await told(city, request)]
    city.move(days=10)
    assert request in await lapsed_ones(city)
    await city.sweep()
    assert (await told(city, request))[-1]["type"] == "REQUEST_LAPSED"
    assert (await asked(city, request, PAUSED))["lapsedAt"] > pause["endedAt"]


async def test_what_had_run_out_before_a_merger_does_not_stand_still_by_it(city: City) -> None:
    """Whoever had headed the successor too was on both sides from the merger on, and not before."""
    request = await city.request(city.camat, city.dlh, neededOn=city.day(60))
    await appoint(city, "DINKES", city.camat, "PLT")
    city.move(days=10)
    await end(city, "DLH", "DINKES")
    seen = await asked(city, request, f"giver {{ code }} {BOTH} {PAUSED}")
    assert (seen["giver"]["code"], seen["bothSides"]["organisation"]["code"]) == ("DINKES", "DINKES")
    assert seen["bothSides"]["startedAt"] > city.day(-1)
    assert (seen["isLapsed"], seen["answerClock"]["state"]) == (True, "BREACHED")
    assert request in await lapsed_ones(city)


async def test_after_a_merger_the_person_is_still_not_who_acted_for_the_asker(city: City) -> None:
    """“Whoever headed the asker too and acted for that is not the person: such a case names nobody at first.”"""
    request, _ = await on_both_sides(city)
    await name(city, request, city.dlh_staff)
    city.move(days=7)
    await city.sweep()
    await end(city, city.camat.organisation, city.neighbour.organisation)
    given = {"requestId": request, "statement": "Tidak dijawab."}
    case = (await city.neighbour.mutate("fileEscalation", given))["escalation"]["id"]
    assert (await look(city.sekda, case, "person { account { id } }"))["person"] is None


# ---- a successor ----------------------------------------------------------------------------------------------------


async def test_a_successor_has_a_full_clock_for_the_answer_and_for_the_reply(city: City) -> None:
    """“A clock on which the successor must act, of a request or for the reply to a case, is a full one again; one that
    had run out stays so.”
    """
    given = {"organisation": {"code": "DINKES"}, "accountId": city.outsider.id, "capacity": "DEFINITIVE"}
    await city.admin.mutate("appoint", {**given, "validFrom": city.day()})  # no vacancy moves a deadline
    waiting = await city.request(city.camat, city.dlh)
    case = await filed(city)
    lapsed = (await look(city.camat, case, "request { id }"))["request"]["id"]
    told, late = await asked(city, waiting, CLOCK), await asked(city, lapsed, CLOCK)
    reply = await look(city.camat, case, "replyClock { dueAt }")
    city.move(days=2)
    await end(city, "DLH", "DINKES")
    seen = await asked(city, waiting, f"giver {{ code }} {CLOCK}")
    assert seen["giver"]["code"] == "DINKES"
    assert seen["answerClock"]["dueAt"] > told["answerClock"]["dueAt"]
    assert (await asked(city, lapsed, CLOCK)) == late
    passed = await look(city.mayor, case, "respondent { code } replyClock { dueAt }")
    assert passed["respondent"]["code"] == "DINKES"
    assert passed["replyClock"]["dueAt"] > reply["replyClock"]["dueAt"]
