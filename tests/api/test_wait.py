"""Who waits for whom: of one organisation, and the knots of the city on one board."""

from __future__ import annotations

from typing import Any

from tests import cases
from tests.city import City

WAIT = "kind workingDays startedAt holder { code } waiter { code } task { id } waitingTask { id } request { id status }"


async def waits(city: City, code: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What an organisation waits for, and what others wait for from it, as an outsider reads both."""
    asked = f'{{ organisation(by: {{code: "{code}"}}) {{ waitingOn {{ {WAIT} }} holdsUp {{ {WAIT} }} }} }}'
    found = (await city.outsider.query(asked))["organisation"]
    return found["waitingOn"], found["holdsUp"]


async def groups(city: City, by: str) -> dict[str, tuple[int, int, dict[str, int]]]:
    asked = f"{{ waitGroups(by: {by}) {{ organisation {{ code }} count workingDays kinds {{ kind count }} }} }}"
    return {
        each["organisation"]["code"]: (
            each["count"], each["workingDays"], {kind["kind"]: kind["count"] for kind in each["kinds"]}
        )
        for each in (await city.outsider.query(asked))["waitGroups"]
    }  # fmt: skip


async def test_a_task_a_request_and_an_order_say_who_waits_for_whom_and_for_how_long(city: City) -> None:
    theirs = await city.task(city.dlh)
    mine = await city.task(city.camat, waitsForIds=[theirs])
    order = {"organisation": {"code": "DLH"}, "title": "Angkut sampah", "dueOn": city.day(10)}
    ordered = (await city.mayor.mutate("orderTask", order))["task"]["id"]
    request = await city.request(city.camat, city.dlh)
    city.move(days=2)  # the first of them is a holiday
    waiting, held = await waits(city, city.camat.organisation)
    assert [(each["kind"], each["holder"]["code"], each["workingDays"]) for each in waiting] == [
        ("TASK", "DLH", 1), ("ANSWER", "DLH", 1),
    ]  # fmt: skip
    assert (waiting[0]["task"], waiting[0]["waitingTask"]) == ({"id": theirs}, {"id": mine})
    assert waiting[1]["request"] == {"id": request, "status": "OPEN"}
    assert held == []
    _, of_dlh = await waits(city, "DLH")
    assert {each["kind"] for each in of_dlh} == {"TASK", "ANSWER", "ORDER"}
    assert [each["task"] for each in of_dlh if each["kind"] == "ORDER"] == [{"id": ordered}]
    assert await groups(city, "HOLDER") == {"DLH": (3, 3, {"TASK": 1, "ANSWER": 1, "ORDER": 1})}
    assert await groups(city, "WAITER") == {
        city.camat.organisation: (2, 2, {"TASK": 1, "ANSWER": 1}), "WALIKOTA": (1, 1, {"ORDER": 1}),
    }  # fmt: skip


async def test_the_holder_is_whoever_must_act_next(city: City) -> None:
    request = await city.request(city.camat, city.dlh)

    async def who() -> tuple[str, str, str]:
        found, held = await waits(city, city.camat.organisation)
        (one,) = (*found, *held)
        return one["kind"], one["holder"]["code"], one["waiter"]["code"]

    johor = city.camat.organisation
    assert await who() == ("ANSWER", "DLH", johor)
    await city.dlh.mutate("askForInformation", {"requestId": request, "question": "Di mana tepatnya?"})
    assert await who() == ("QUESTION", johor, "DLH")
    await city.camat.mutate("answerQuestion", {"requestId": request, "answer": "Di belakang pasar."})
    await city.dlh.mutate("counterRequest", {"requestId": request, "terms": "Satu truk.", "neededOn": city.day(14)})
    assert await who() == ("COUNTER", johor, "DLH")
    await city.camat.mutate("acceptCounter", {"requestId": request})
    assert await who() == ("DELIVERY", "DLH", johor)
    (waiting,), _ = await waits(city, johor)
    await city.dlh.mutate("reportProgress", {"taskId": waiting["task"]["id"], "progress": 100})
    await city.dlh.mutate("deliverRequest", {"requestId": request, "completesTask": True})
    assert await who() == ("CONFIRMATION", johor, "DLH")
    await city.camat.mutate("disputeDelivery", {"requestId": request, "reason": "Belum datang."})
    assert await who() == ("DISPUTE", "DLH", johor)
    await city.camat.mutate("withdrawRequest", {"requestId": request})
    assert await waits(city, johor) == ([], [])


async def test_nobody_waits_in_a_draft_for_themselves_or_because_of_a_case(city: City) -> None:
    own = await city.task(city.camat)
    await city.task(city.camat, waitsForIds=[own])
    plan = await city.draft(city.camat)
    theirs = await city.task(city.dlh)
    await city.task(city.camat, workPlanId=plan, waitsForIds=[theirs])
    assert await waits(city, city.camat.organisation) == ([], [])
    assert await groups(city, "HOLDER") == {}
    case = await cases.filed(city)
    before = await waits(city, "DLH"), await groups(city, "HOLDER")
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    assert (await waits(city, "DLH"), await groups(city, "HOLDER")) == before
    assert [each["kind"] for each in before[0][1]] == ["ANSWER"]


async def test_the_longest_chain_goes_from_organisation_to_organisation(city: City) -> None:
    last = await city.task(city.neighbour)
    middle = await city.task(city.dlh, waitsForIds=[last])
    asked = "{ longestWaitChain { subject { id label } } }"
    assert [each["subject"]["id"] for each in (await city.outsider.query(asked))["longestWaitChain"]] == [middle, last]
    first = await city.task(city.camat)
    request = await city.request(city.camat, city.dlh, aboutId=first)
    commitment = await city.promise(city.dlh, request)
    await city.dlh.mutate("setTaskDependencies", {"taskId": commitment, "waitsForIds": [middle]})
    found = (await city.outsider.query(asked))["longestWaitChain"]
    assert [each["subject"]["id"] for each in found] == [first, request, commitment, middle, last]


async def test_what_looks_through_all_that_waits_has_a_price(city: City) -> None:
    waits = "waitingOn { kind }"
    for question, least in (
        ("{ waitGroups { count } }", 1_000),
        ("{ longestWaitChain { subject { id } } }", 4_000),
        (f"{{ organisations(first: 100) {{ nodes {{ {waits} }} }} }}", 1_000),
    ):
        answer = await city.outsider.ask(question)
        assert answer["extensions"]["cost"]["requested"] >= least, question
    many = " ".join(f"g{n}: longestWaitChain {{ subject {{ id }} }}" for n in range(5))
    (error,) = (await city.outsider.ask(f"{{ {many} }}"))["errors"]
    assert error["extensions"]["code"] == "COST_EXCEEDED"
