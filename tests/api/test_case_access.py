"""An administrator's power is no way into cases: they are for whom the mayor's office has confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from server.administration import confirm_case_access as confirm_by_operator
from server.rules.refusal import Code, Refused
from tests import cases
from tests.api.test_account import WORDS, follow, link_for
from tests.city import City
from tests.person import Json, Person
from tests.verbs import mutation_of

CASES = "query($id: ID!) { escalation(by: {id: $id}) { id dossier { totalCount } } escalations { totalCount } }"
NONE = {"escalation": None, "escalations": {"totalCount": 0}}
ACCESS = "query($id: ID!) { account(by: {id: $id}) { hasCaseAccess awaitsCaseAccess } }"


async def appoint(city: City, person: Person, organisation: str = "DLH", capacity: str = "PLH") -> None:
    given = {
        "organisation": {"code": organisation},
        "accountId": person.id,
        "capacity": capacity,
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    await city.settled()


async def access(asker: Person, of: Person) -> tuple[bool | None, bool | None]:
    """Whether an account has case access, and whether it waits for it, as somebody sees it."""
    found = (await asker.query(ACCESS, id=of.id))["account"]
    return found["hasCaseAccess"], found["awaitsCaseAccess"]


async def foretold(asker: Person, of: Person, verb: str = "confirmCaseAccess") -> list[str]:
    """The codes with which the verb would be refused."""
    found = await asker.query(
        "query($id: ID!) { account(by: {id: $id}) { allowedActions { verb refusals { code } } } }", id=of.id
    )
    (action,) = (each for each in found["account"]["allowedActions"] if mutation_of(each["verb"]) == verb)
    return [each["code"] for each in action["refusals"]]


async def line(person: Person) -> list[Json]:
    """What the inbox says of case access."""
    found = await person.query("{ viewer { inbox { nodes { kind verb sentence subject { id } } } } }")
    return [each for each in found["viewer"]["inbox"]["nodes"] if each["kind"] == "CASE_ACCESS_TO_CONFIRM"]


async def test_whoever_is_appointed_sees_cases_once_the_mayors_office_has_confirmed_it(city: City) -> None:
    """“It ends with an appointment, another role or organisation, and when a password link that somebody else made is
    used.” “Without it a case is NOT_FOUND, and filing answers CASE_ACCESS_NOT_CONFIRMED before anything is
    looked at.” “An administrator's power is no way into cases.”
    """
    case = await cases.replied(city)
    assert await access(city.admin, city.dlh_staff) == (True, False)
    await appoint(city, city.dlh_staff)
    assert await access(city.admin, city.dlh_staff) == (False, True)
    assert await city.dlh_staff.query(CASES, id=case) == NONE
    told = {"escalationId": case, "kind": "OBJECTION", "text": "Keberatan."}
    assert (await city.dlh_staff.refused("appendToDecision", told))["code"] == "NOT_FOUND"
    await city.sekda.mutate("confirmCaseAccess", {"accountIds": [city.dlh_staff.id]}, "account { hasCaseAccess }")
    await city.settled()
    seen = await city.dlh_staff.query(CASES, id=case)
    assert seen["escalation"]["id"] == case
    assert await access(city.dlh_staff, city.dlh_staff) == (True, False)


async def test_without_case_access_everything_else_works_at_once(city: City) -> None:
    """“Whoever handles cases, heads a party or is a case's person needs case access for cases, eligibility, dossiers
    and the case lines of the inbox; everything else works at once.”
    """
    await appoint(city, city.dlh_staff)
    await city.approved(city.dlh)
    await city.request(city.dlh_staff, city.camat)
    made = await city.dlh_staff.mutate("createTask", {"organisation": {"code": "DLH"}, "title": "Susun jadwal"})
    assert made["task"]["id"]
    await appoint(city, city.neighbour, "WALIKOTA")
    order = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli", "dueOn": city.day(9)}
    await city.neighbour.mutate("orderTask", order)


async def test_filing_says_that_case_access_is_missing_before_anything_is_looked_at(city: City) -> None:
    """“Without it a case is NOT_FOUND, and filing answers CASE_ACCESS_NOT_CONFIRMED before anything is looked at.”"""
    ripe = await cases.request(city, city.camat, city.dlh)
    await appoint(city, city.camat_staff, "12.71.11")
    asked = (
        "query($id: ID!) { request(by: {id: $id}) { eligibility { isEligible }"
        " allowedActions { verb refusals { code } } } }"
    )

    async def said(request: str) -> tuple[Any, list[str], str]:
        found = (await city.camat_staff.query(asked, id=request))["request"]
        codes = [
            refusal["code"]
            for each in found["allowedActions"]
            if each["verb"] == "FILE_ESCALATION"
            for refusal in each["refusals"]
        ]
        given = {"requestId": request, "statement": "Tanpa jawaban."}
        return found["eligibility"], codes, (await city.camat_staff.refused("fileEscalation", given))["code"]

    fresh = await city.request(city.camat, city.dlh)
    before = [await said(ripe), await said(fresh)]
    assert before == [(None, ["CASE_ACCESS_NOT_CONFIRMED"], "CASE_ACCESS_NOT_CONFIRMED")] * 2
    # Not even whether there is a case already.
    await city.camat.mutate("fileEscalation", {"requestId": ripe, "statement": "Tanpa jawaban."})
    assert await said(ripe) == before[0]


async def test_no_inbox_board_or_stream_tells_of_a_case_without_access(city: City) -> None:
    """“Whoever handles cases, heads a party or is a case's person needs case access for cases, eligibility, dossiers
    and the case lines of the inbox; everything else works at once.”
    """
    await appoint(city, city.dlh_staff)
    await appoint(city, city.neighbour, "WALIKOTA")
    watchers = [await person.watch("escalationChanged") for person in (city.dlh_staff, city.neighbour)]
    logs = [await person.watch("events") for person in (city.dlh_staff, city.neighbour)]
    await cases.replied(city)
    await city.settled()
    for person in (city.dlh_staff, city.neighbour):
        found = await person.query("{ viewer { inbox { nodes { kind } } } statusBoard { cases { id } } }")
        assert found["statusBoard"]["cases"] is None
        assert not {"REPLY_DUE", "DECISION_DUE"} & {each["kind"] for each in found["viewer"]["inbox"]["nodes"]}
    assert [len(watcher.told) for watcher in watchers] == [0, 0]
    assert "ESCALATION" not in str([watcher.told for watcher in logs])


async def test_access_is_lost_by_a_change_of_role_or_of_organisation(city: City) -> None:
    """“It ends with an appointment, another role or organisation, and when a password link that somebody else made is
    used.”
    """
    case = await cases.replied(city)
    for change in ({"role": "STAFF"}, {"organisation": {"code": "DINKES"}}):
        assert (await city.dlh.query(CASES, id=case))["escalation"]["id"] == case
        await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, **change})
        await city.settled()
        assert await city.dlh.query(CASES, id=case) == NONE, change
        await cases.admit(city, city.dlh)
    await city.admin.mutate("updateAccount", {"accountId": city.dlh.id, "title": "Kepala Dinas"})
    await city.settled()
    assert (await city.dlh.query(CASES, id=case))["escalation"]["id"] == case


async def test_access_is_lost_when_a_link_that_somebody_else_made_is_used_and_by_no_other(city: City) -> None:
    """“It ends with an appointment, another role or organisation, and when a password link that somebody else made is
    used.”
    """
    unused, used = [await link_for(city, city.mayor.id) for _ in range(2)]
    await city.settled()
    assert await access(city.sekda, city.mayor) == (True, False)
    assert (await follow(city, unused)).status_code != 200, "a newer link ended it"
    assert await access(city.sekda, city.mayor) == (True, False)
    assert (await follow(city, used)).status_code == 200
    await city.settled()
    assert await access(city.sekda, city.mayor) == (False, True)
    case = await cases.replied(city)
    mayor = await city.sign_in("mayor", WORDS)
    assert await mayor.query(CASES, id=case) == NONE
    decision = {"escalationId": case, "kind": "GUIDANCE", "facts": "Dibina."}
    assert (await mayor.refused("decideEscalation", decision))["code"] == "NOT_FOUND"
    await cases.admit(city, mayor)
    await mayor.mutate("decideEscalation", decision)


async def test_a_loss_asks_open_streams_to_come_back(city: City) -> None:
    watcher = await city.dlh.watch("escalationChanged")
    await appoint(city, city.dlh, "DINKES", "PLT")
    await watcher.ended()
    assert watcher.is_ended


async def test_nobody_confirms_themselves_what_is_confirmed_or_what_they_have_changed(city: City) -> None:
    """“The mayor's office gives it (confirmCaseAccess): an account that has it, never to itself, and not where it made
    one of these changes since.”
    """

    async def refused(by: Person, of: Person) -> str:
        error = await by.refused("confirmCaseAccess", {"accountIds": [of.id]})
        assert await foretold(by, of) == [error["code"]]
        code: str = error["code"]
        return code

    assert await refused(city.sekda, city.dlh) == "CASE_ACCESS_CONFIRMED"
    assert await refused(city.sekda, city.sekda) == "OWN_CASE_ACCESS"
    for stranger in (city.admin, city.bappeda, city.camat, city.outsider):
        assert await refused(stranger, city.dlh) == "NOT_YOUR_ROLE"
    # An administrator to whom the mayor has delegated: what they changed another confirms, by whatever came after.
    await city.mayor.mutate(
        "delegateDecisions", {"accountId": city.admin.id, "validFrom": city.day(), "validTo": city.day(9)}
    )
    await appoint(city, city.dlh_staff)
    assert await refused(city.admin, city.dlh_staff) == "OWN_CHANGE"
    await city.admin.mutate("updateAccount", {"accountId": city.lurah.id, "role": "ADMIN"})
    await city.settled()
    await city.lurah.mutate("updateAccount", {"accountId": city.dlh_staff.id, "organisation": {"code": "DINKES"}})
    assert await refused(city.admin, city.dlh_staff) == "OWN_CHANGE"
    await appoint(city, city.neighbour, "WALIKOTA")
    assert await refused(city.neighbour, city.dlh_staff) == "CASE_ACCESS_NOT_CONFIRMED"
    await city.admin.mutate("disableAccount", {"accountId": city.dlh_staff.id})
    assert await refused(city.sekda, city.dlh_staff) == "ACCOUNT_DISABLED"


async def test_up_to_two_hundred_are_confirmed_at_once_all_or_none(city: City) -> None:
    await appoint(city, city.dlh_staff)
    await appoint(city, city.camat_staff, "12.71.11")
    ids = [city.dlh_staff.id, city.camat_staff.id]
    error = await city.sekda.refused("confirmCaseAccess", {"accountIds": [*ids, city.lurah.id]})
    assert (error["code"], error["path"]) == ("CASE_ACCESS_CONFIRMED", ["accountIds", "2"])
    assert await access(city.sekda, city.dlh_staff) == (False, True)
    for wrong, code in (([], "REQUIRED"), ([ids[0]] * 201, "TOO_MANY"), ([ids[0]] * 2, "ALREADY_EXISTS")):
        assert (await city.sekda.refused("confirmCaseAccess", {"accountIds": wrong}))["code"] == code
    told = await city.sekda.mutate("confirmCaseAccess", {"accountIds": ids}, "account { id } accounts { id }")
    assert (told["account"]["id"], {each["id"] for each in told["accounts"]}) == (ids[0], {*ids})
    assert [await access(city.sekda, each) for each in (city.dlh_staff, city.camat_staff)] == [(True, False)] * 2


async def test_a_delegation_by_the_mayor_confirms_its_account(city: City) -> None:
    """“The mayor's delegation gives it too.”"""
    case = await cases.replied(city)
    await city.admin.mutate("updateAccount", {"accountId": city.bappeda.id, "role": "STAFF"})
    assert await access(city.admin, city.bappeda) == (False, False)
    given = {"accountId": city.bappeda.id, "validFrom": city.day(), "validTo": city.day(9)}
    await city.mayor.mutate("delegateDecisions", given)
    await city.settled()
    assert await access(city.admin, city.bappeda) == (True, False)
    assert (await city.bappeda.query(CASES, id=case))["escalation"]["id"] == case


async def test_a_mayor_without_case_access_gives_none_by_a_delegation(city: City) -> None:
    assert (await follow(city, await link_for(city, city.mayor.id))).status_code == 200
    await city.settled()
    mayor = await city.sign_in("mayor", WORDS)
    await city.admin.mutate("updateAccount", {"accountId": city.bappeda.id, "role": "STAFF"})
    given = {"accountId": city.bappeda.id, "validFrom": city.day(), "validTo": city.day(9)}
    await mayor.mutate("delegateDecisions", given)
    assert await access(city.admin, city.bappeda) == (False, True)


async def test_the_mayors_office_finds_the_open_ones_as_one_line_in_its_inbox(city: City) -> None:
    assert await line(city.sekda) == []
    await appoint(city, city.dlh_staff)
    await appoint(city, city.camat_staff, "12.71.11")
    (entry,) = await line(city.sekda)
    assert entry["verb"] == "CONFIRM_CASE_ACCESS"
    assert "2" in entry["sentence"]
    assert await line(city.admin) == await line(city.dlh) == []
    found = await city.sekda.query("{ accounts(filter: {awaitsCaseAccess: {eq: true}}) { nodes { id } } }")
    ids = [each["id"] for each in found["accounts"]["nodes"]]
    assert {*ids} == {city.dlh_staff.id, city.camat_staff.id}
    await city.sekda.mutate("confirmCaseAccess", {"accountIds": ids})
    assert await line(city.sekda) == []


async def test_giving_and_losing_stand_in_the_log_for_the_account_the_administrators_and_the_mayors_office(
    city: City,
) -> None:
    """“Logins and sign-ins: the account itself and the administrators; case access: they, and those who handle cases;
    that of a case's person: those who handle that case (decision 27).”
    """
    await appoint(city, city.dlh_staff)
    await cases.admit(city, city.dlh_staff)
    query = "{ events(last: 3) { nodes { type sentence actor { id } } } }"
    expected = ["CASE_ACCESS_LOST", "CASE_ACCESS_CONFIRMED"]
    for person in (city.dlh_staff, city.admin, city.sekda):
        found = (await person.query(query))["events"]["nodes"][-2:]
        assert [each["type"] for each in found] == expected, person.login
        assert [each["actor"]["id"] for each in found] == [city.admin.id, city.sekda.id]
        assert all("Dlh Staff" in each["sentence"] for each in found)
    for person in (city.outsider, city.dlh, city.bappeda):
        found = (await person.query(query.replace("3", "9")))["events"]["nodes"]
        told = [each for each in found if each["type"] in expected and "Dlh Staff" in each["sentence"]]
        assert told == [], person.login
        assert await access(person, city.dlh_staff) == (None, None)
        listed = await person.query("{ accounts(filter: {hasCaseAccess: {isNull: false}}) { nodes { id } } }")
        assert [each["id"] for each in listed["accounts"]["nodes"]] == [person.id]


async def test_the_inbox_of_the_mayors_office_tells_at_once_of_an_account_that_waits(city: City) -> None:
    watcher = (await city.sekda.socket()).subscribe(
        "inboxChanged", "subscription { inboxChanged { nodes { kind } } }", {}
    )
    assert {"kind": "CASE_ACCESS_TO_CONFIRM"} not in (await watcher.next())["nodes"]
    await appoint(city, city.dlh_staff)
    assert {"kind": "CASE_ACCESS_TO_CONFIRM"} in (await watcher.next())["nodes"]
    await cases.admit(city, city.dlh_staff, by=city.mayor)
    assert {"kind": "CASE_ACCESS_TO_CONFIRM"} not in (await watcher.next())["nodes"]


async def test_the_operator_confirms_where_the_mayors_office_has_nobody_left_who_could(city: City) -> None:
    """“Where nobody is left who could, the operator does, on the machine.”"""
    settings = city.site.installation.settings
    office = (city.mayor, city.sekda)
    for person in office:
        assert (await follow(city, await link_for(city, person.id))).status_code == 200
        if person is city.mayor:
            with pytest.raises(Refused) as refused:
                await confirm_by_operator(settings, "mayor")
            assert refused.value.code is Code.CASE_ACCESS_BY_OFFICE
    await city.settled()
    assert [await access(city.admin, each) for each in office] == [(False, True)] * 2
    for wrong, code in (("nobody", Code.NOT_FOUND), ("camat", Code.CASE_ACCESS_CONFIRMED)):
        with pytest.raises(Refused) as refused:
            await confirm_by_operator(settings, wrong)
        assert refused.value.code is code
    await confirm_by_operator(settings, "mayor")
    await city.settled()
    mayor = await city.sign_in("mayor", WORDS)
    await cases.admit(city, city.sekda, by=mayor)
    assert [await access(city.admin, each) for each in office] == [(True, False)] * 2
