"""A refusal to cooperate reaches the mayor: the whole story, through the public API of a served demo alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import OwnCity
from tests.system.people import EVENTS, Person, Watcher, sign_in
from tests.system.processes import Server, until

REQUESTS = """subscription($id: ID!, $after: Cursor) {
  requestChanged(filter: {id: {eq: $id}}, after: $after) {
    kind cursor id: nodeId node { status isLapsed } event { id type }
  }
}"""
CASES = """subscription($after: Cursor) {
  escalationChanged(after: $after) { kind cursor id: nodeId node { status } event { id type } }
}"""


class Clock:
    """The file that moves the server's clock."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.days = 0
        self.move(0)

    def move(self, days: int) -> None:
        self.days += days
        self.file.write_text(f"P{self.days}D")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
async def server(own_city: OwnCity, clock: Clock) -> Server:
    """Of a city of its own: whoever sweeps first would sweep by another clock."""
    return await own_city.serve(KOLABORASI_TEST_CLOCK=str(clock.file))


async def request_of(person: Person, id_: str, selection: str) -> dict[str, Any]:
    data = await person.ask(f"query($id: ID!) {{ request(by: {{id: $id}}) {{ {selection} }} }}", id=id_)
    found: dict[str, Any] = data["request"]
    return found


async def case_of(person: Person, id_: str, selection: str) -> dict[str, Any] | None:
    data = await person.ask(f"query($id: ID!) {{ escalation(by: {{id: $id}}) {{ {selection} }} }}", id=id_)
    found: dict[str, Any] | None = data["escalation"]
    return found


async def test_silence_is_reported_answered_decided_done_and_closed_and_no_stranger_hears_of_it(
    server: Server, clock: Clock
) -> None:
    camat, head, staff, mayor, stranger = [
        await sign_in(server, login)
        for login in ("camat-medan-johor", "kepala-dlh", "staf-dlh", "walikota", "camat-medan-area")
    ]
    day = datetime.now(UTC).date() + timedelta(days=40)
    made = await camat.do(
        "requestCollaboration",
        "requests { id status answerClock { state explanation } }",
        givers=[{"code": "DLH"}], title="Angkut sampah di Jalan Karya Jaya", neededOn=str(day),
    )  # fmt: skip
    request = made["requests"][0]["id"]
    assert made["requests"][0]["answerClock"]["state"] == "RUNNING"
    start = made["event"]["cursor"]
    requests, cases = Watcher(REQUESTS, start, id=request), Watcher(CASES, start)
    heard, hidden = Watcher(EVENTS, start), Watcher(CASES, start)
    async with (
        requests.watching(camat), cases.watching(camat), heard.watching(stranger), hidden.watching(stranger)
    ):  # fmt: skip
        early = await camat.ask(
            "mutation($input: FileEscalationInput!) { fileEscalation(input: $input) { errors { code } } }",
            input={"requestId": request, "statement": "Belum dijawab."},
        )
        assert early["fileEscalation"]["errors"] == [{"code": "NOT_ELIGIBLE"}]

        clock.move(20)  # longer than three working days, whatever holidays there are
        await until(lambda: [each for each in requests.seen if each["event"]["type"] == "REQUEST_LAPSED"], 60)
        assert (await request_of(camat, request, "eligibility { isEligible grounds }"))["eligibility"] == {
            "isEligible": True, "grounds": ["NO_ANSWER"],
        }  # fmt: skip
        assert (await request_of(stranger, request, "isLapsed eligibility { isEligible } escalation { id }")) == {
            "isLapsed": True, "eligibility": None, "escalation": None,
        }  # fmt: skip
        filed = await camat.do(
            "fileEscalation", "escalation { id status }", requestId=request, statement="Tak dijawab."
        )
        case = filed["escalation"]["id"]
        inbox = await head.ask("{ viewer { inbox { nodes { kind subject { id } } } } }")
        waiting = [each for each in inbox["viewer"]["inbox"]["nodes"] if each["kind"] == "REPLY_DUE"]
        assert case in [each["subject"]["id"] for each in waiting]
        await head.do("replyToEscalation", "escalation { status }", escalationId=case, reply="Truk kami rusak.")
        await mayor.do(
            "decideEscalation", "escalation { status }",
            escalationId=case, kind="INSTRUCT", facts="Permintaan tidak dijawab.",
            instruction={"title": "Angkut sampah Jalan Karya Jaya", "dueOn": str(day)},
        )  # fmt: skip

        async def is_ordered() -> bool:
            ordered = ((await case_of(camat, case, "followUps { task { id } }")) or {"followUps": []})["followUps"]
            tasks.extend(each["task"]["id"] for each in ordered if each["task"] is not None)
            return bool(tasks)

        tasks: list[str] = []
        await until(is_ordered)
        task = tasks[0]

        await staff.do("reportProgress", "task { id }", taskId=task, progress=100)
        await staff.do("addEvidence", "task { id }", taskId=task, url="https://contoh.example/foto")
        await staff.do("completeTask", "task { status }", taskId=task)
        closing = "followUps { objectionClock { state } }"

        async def is_waited_for() -> bool:
            found = await case_of(camat, case, closing)
            return found is not None and found["followUps"][0]["objectionClock"] is not None

        await until(is_waited_for)
        clock.move(20)
        await until(lambda: cases.seen and cases.seen[-1]["event"]["type"] == "ESCALATION_CLOSED", 60)
        assert await case_of(camat, case, "status") == {"status": "CLOSED"}
        assert await case_of(stranger, case, "status") is None

        mine = [each["event"]["type"] for each in cases.seen if each["id"] == case]
        assert mine == [
            "ESCALATION_FILED", "ESCALATION_REPLIED", "ESCALATION_DECIDED", "ESCALATION_FOLLOW_UP_ORDERED",
            "ESCALATION_FOLLOW_UP_DONE", "ESCALATION_FOLLOW_UP_CLOSED", "ESCALATION_CLOSED",
        ]  # fmt: skip
        assert [each["event"]["type"] for each in requests.seen][-1] == "REQUEST_LAPSED"
        await until(lambda: any(each["type"] == "TASK_COMPLETED" for each in heard.seen))
        assert not [each for each in heard.seen if each["type"].startswith("ESCALATION")]
        assert hidden.seen == []
