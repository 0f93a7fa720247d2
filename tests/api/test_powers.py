"""Powers come from appointments, whatever the account's role, and end with them."""

from __future__ import annotations

from tests import cases
from tests.city import City
from tests.person import Json, Person

ORDER: Json = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli"}


async def end_of_office(city: City, organisation: str) -> str:
    """The head's appointment ended yesterday; its id."""
    query = "query($code: String!) { organisation(by: {code: $code}) { appointments { nodes { id } } } }"
    found = await city.admin.query(query, code=organisation)
    (held,) = found["organisation"]["appointments"]["nodes"]
    await city.admin.mutate("endAppointment", {"appointmentId": held["id"], "validTo": city.day(-1)})
    await city.settled()
    appointment: str = held["id"]
    return appointment


async def appoint(city: City, person: Person, organisation: str, capacity: str) -> None:
    given = {
        "organisation": {"code": organisation},
        "accountId": person.id,
        "capacity": capacity,
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    await city.settled()


async def test_the_mayor_is_who_holds_the_mayors_office_today_and_whose_term_is_over_may_what_an_observer_may(
    city: City,
) -> None:
    """“MAYOR: while holding the mayor's office today, definitively: all that OFFICE may; decides cases; delegates
    decisions.” “Otherwise what OBSERVER may” “Powers come from appointments, whatever the role: a head's
    (submitting a plan, asking for and answering help, filing and replying) and the mayor's.”
    """
    case = await cases.replied(city)
    order = {**ORDER, "dueOn": city.day(9)}
    decision = {"escalationId": case, "kind": "GUIDANCE", "facts": "Dibina."}
    await end_of_office(city, "WALIKOTA")
    assert (await city.mayor.refused("orderTask", order))["code"] == "NOT_YOUR_ROLE"
    assert (await city.mayor.refused("decideEscalation", decision))["code"] == "NOT_FOUND"
    seen = await city.mayor.query(
        "query($id: ID!) { escalation(by: {id: $id}) { id } escalations { totalCount } }", id=case
    )
    assert seen == {"escalation": None, "escalations": {"totalCount": 0}}
    # Another holds the office from today on, by whatever role.
    await appoint(city, city.neighbour, "WALIKOTA", "DEFINITIVE")
    await city.neighbour.mutate("orderTask", order)
    await cases.admit(city, city.neighbour)
    await city.neighbour.mutate("decideEscalation", decision)


async def test_an_event_says_in_which_office_the_actor_acted_the_mayors_too_and_on_whose_behalf(city: City) -> None:
    order = {**ORDER, "dueOn": city.day(9)}
    history = "task { history(last: 1) { nodes { type capacity onBehalfOf { id } } } }"

    async def ordered_by(person: Person) -> Json:
        made = await person.mutate("orderTask", order, history)
        (event,) = made["task"]["history"]["nodes"]
        return event  # type: ignore[no-any-return]

    assert await ordered_by(city.mayor) == {"type": "TASK_ORDERED", "capacity": "DEFINITIVE", "onBehalfOf": None}
    assert await ordered_by(city.sekda) == {"type": "TASK_ORDERED", "capacity": None, "onBehalfOf": None}
    await appoint(city, city.camat, "WALIKOTA", "PLH")
    assert await ordered_by(city.camat) == {
        "type": "TASK_ORDERED",
        "capacity": "PLH",
        "onBehalfOf": {"id": city.mayor.id},
    }


async def test_an_organisation_that_has_ended_has_no_head(city: City) -> None:
    """“Powers come from appointments, whatever the role: a head's (submitting a plan, asking for and answering help,
    filing and replying) and the mayor's.”
    """
    request = await city.request(city.camat, city.dlh)
    await city.admin.mutate("endOrganisation", {"organisationId": city.dlh.organisation_id, "validTo": city.day()})
    await city.settled()
    seen = await city.dlh.query('{ viewer { offices { capacity } } organisation(by: {code: "DLH"}) { head { id } } }')
    assert seen == {"viewer": {"offices": []}, "organisation": {"head": None}}
    refusal = await city.dlh.refused("declineRequest", {"requestId": request, "reason": "Tidak."})
    assert refusal["code"] == "NOT_YOUR_ROLE"


async def test_the_open_requests_of_what_ended_without_a_successor_end_without_a_ground(city: City) -> None:
    """“Without a successor its requests end, as nobody's fault, and everything else stays where it is.”"""
    open_, asked = await city.request(city.camat, city.dlh), await city.request(city.dlh, city.camat)
    promised = await city.request(city.camat, city.dlh)
    await city.promise(city.dlh, promised)
    await city.admin.mutate("endOrganisation", {"organisationId": city.dlh.organisation_id, "validTo": city.day()})
    await city.settled()
    query = "query($id: ID!) { request(by: {id: $id}) { status history(last: 1) { nodes { type actor { id } } } } }"
    for request in (open_, asked, promised):
        found = (await city.outsider.query(query, id=request))["request"]
        assert found["status"] == "WITHDRAWN"
        assert found["history"]["nodes"] == [{"type": "REQUEST_WITHDRAWN", "actor": None}]
    refusal = await city.camat.refused("fileEscalation", {"requestId": open_, "statement": "Tidak dijawab."})
    assert refusal["code"] == "NOT_ELIGIBLE"


async def test_an_acting_appointment_of_more_than_6_months_is_overdue(city: City) -> None:
    """“Whoever acts for more than six months (the city's data) is overdue, and shown so.”"""
    office = {"organisation": {"code": "DLH"}, "accountId": city.dlh_staff.id, "capacity": "PLT"}
    shown = "appointment { id isOverdue }"
    await end_of_office(city, "DLH")
    made = await city.admin.mutate("appoint", {**office, "validFrom": city.day(-7)}, shown)
    assert made["appointment"]["isOverdue"] is False
    city.move(days=180)
    overdue = "appointments(filter: {isOverdue: {eq: true}}) { nodes { account { id } isOverdue } }"
    query = f'{{ organisation(by: {{code: "DLH"}}) {{ {overdue} }} }}'
    found = (await city.outsider.query(query))["organisation"]["appointments"]["nodes"]
    assert found == [{"account": {"id": city.dlh_staff.id}, "isOverdue": True}]
    await city.admin.mutate("endAppointment", {"appointmentId": made["appointment"]["id"], "validTo": city.day(-1)})
    assert (await city.outsider.query(query))["organisation"]["appointments"]["nodes"] == []


async def test_a_delegation_ends_when_the_appointment_of_who_gave_it_ends(city: City) -> None:
    """“So does a delegate, named by the mayor in person for a stated period, which ends at the latest with the mayor's
    own appointment.”
    """
    given = {"accountId": city.outsider.id, "validFrom": city.day(), "validTo": city.day(20)}
    await city.mayor.mutate("delegateDecisions", given)
    await city.settled()
    await city.outsider.mutate("orderTask", {**ORDER, "dueOn": city.day(9)})
    await end_of_office(city, "WALIKOTA")
    refusal = await city.outsider.refused("orderTask", {**ORDER, "dueOn": city.day(9)})
    assert refusal["code"] == "NOT_YOUR_ROLE"
    listed = await city.outsider.query("{ delegations { nodes { validTo history { nodes { type } } } } }")
    (delegation,) = listed["delegations"]["nodes"]
    assert delegation["validTo"] == city.day(-1)
    assert [each["type"] for each in delegation["history"]["nodes"]] == ["DECISIONS_DELEGATED", "DELEGATION_ENDED"]


async def test_nobody_hands_on_a_power_for_longer_than_they_have_it(city: City) -> None:
    query = '{ organisation(by: {code: "WALIKOTA"}) { appointments { nodes { id } } } }'
    (held,) = (await city.admin.query(query))["organisation"]["appointments"]["nodes"]
    await city.admin.mutate("endAppointment", {"appointmentId": held["id"], "validTo": city.day(10)})
    given = {"accountId": city.outsider.id, "validFrom": city.day(), "validTo": city.day(11)}
    refusal = await city.mayor.refused("delegateDecisions", given)
    assert (refusal["code"], refusal["path"]) == ("OUT_OF_RANGE", ["validTo"])
    await city.mayor.mutate("delegateDecisions", {**given, "validTo": city.day(10)})


async def test_an_administrator_appoints_and_promotes_others_only(city: City) -> None:
    """“An administrator's power is no way into cases.”"""
    office = {
        "organisation": {"code": "WALIKOTA"},
        "accountId": city.admin.id,
        "capacity": "PLH",
        "validFrom": city.day(),
    }
    for verb, given, path in (
        ("appoint", office, ["accountId"]),
        ("updateAccount", {"accountId": city.admin.id, "role": "MAYOR"}, ["role"]),
        ("updateAccount", {"accountId": city.admin.id, "organisation": {"code": "WALIKOTA"}}, ["organisation"]),
        ("makePasswordLink", {"accountId": city.admin.id}, []),
    ):
        refusal = await city.admin.refused(verb, given)
        assert (refusal["code"], refusal["path"]) == ("OWN_ACCOUNT", path)
    await city.admin.mutate("updateAccount", {"accountId": city.admin.id, "name": "Siti R."})
