"""One person who heads both sides of a request, and a successor who takes a side over, as they act by hand."""

from __future__ import annotations

from typing import Any

from tests.cases import admit, filed, look, request
from tests.city import City

CLOCK = "answerClock { dueAt state }"


async def asked(city: City, request: str, selection: str) -> Any:
    found = await city.camat.query(f"query($id: ID!) {{ collaborationRequest(id: $id) {{ {selection} }} }}", id=request)
    return found["collaborationRequest"]


async def end(city: City, code: str, successor: str) -> None:
    found = await city.admin.query("query($code: String!) { organisation(by: {code: $code}) { id } }", code=code)
    given = {"organisationId": found["organisation"]["id"], "endsOn": city.day(-1), "successorCode": successor}
    await city.admin.mutate("endOrganisation", given)
    await city.settled()


async def test_whoever_heads_both_sides_brings_no_case_and_is_told_so_before(city: City) -> None:
    """“Nobody brings a case against an organisation that they head, in whatever capacity.”"""
    unanswered = await request(city, city.camat, city.dlh)
    given = {"organisationCode": "DLH", "accountId": city.camat.id, "capacity": "PLH", "validFrom": city.day()}
    await city.admin.mutate("appoint", given)
    await admit(city, city.camat)
    both = await city.sign_in("camat")
    query = "query($id: ID!) { collaborationRequest(id: $id) { allowedActions { verb refusals { code } } } }"
    actions = (await both.query(query, id=unanswered))["collaborationRequest"]["allowedActions"]
    (foretold,) = (each["refusals"] for each in actions if each["verb"] == "fileEscalation")
    assert [each["code"] for each in foretold] == ["BOTH_SIDES"]
    error = await both.refused("fileEscalation", {"requestId": unanswered, "statement": "Dua minggu."})
    assert error["code"] == "BOTH_SIDES"


async def test_a_successor_has_a_full_clock_for_the_answer_and_for_the_reply(city: City) -> None:
    """“A clock on which the successor must act, of a request or for the reply to a case, is a full one again; one that
    had run out stays so.”
    """
    given = {"organisationCode": "DINKES", "accountId": city.outsider.id, "capacity": "DEFINITIVE"}
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
