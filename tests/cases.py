"""Requests whose record shows a ground for a case, and cases as far as a test wants them.

The requests are laid past the verbs, by the system, as they would stand after some days.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from server.actions.transaction import transaction
from server.ids import decode, encode, uuid7
from server.models import Request
from server.rules.collaboration_facts import RequestKind, RequestStatus
from server.rules.event import EventType
from tests.city import City
from tests.person import Person

# A Friday, 9 o'clock in Medan; the answer was due on Wednesday the 10th: BEGIN is the Monday after.
ASKED = datetime(2026, 6, 5, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 6, 10, 16, 59, 59, tzinfo=UTC)


async def admit(city: City, *people: Person, by: Person | None = None) -> None:
    """They have case access again, as the Sekda (or `by`) confirms; whoever was appointed has lost it."""
    await (by or city.sekda).mutate("confirmCaseAccess", {"accountIds": [person.id for person in people]})
    await city.settled()


async def request(city: City, asker: Person, giver: Person, **columns: Any) -> str:
    """A NEED that was not answered in time, unless `columns` say otherwise; its id."""
    given: dict[str, Any] = {
        "kind": RequestKind.NEED, "status": RequestStatus.OPEN, "thread_id": uuid7(),
        "title": "Truk sampah untuk Jalan Karya Jaya", "answer_started_at": ASKED, "answer_due_at": DUE,
        "asker_id": decode(asker.organisation_id)[1], "giver_id": decode(giver.organisation_id)[1], **columns,
    }  # fmt: skip
    installation = city.site.installation
    async with transaction(city.pool, None, installation.clock.moment(), installation.wake) as tx:
        row = Request(id=tx.new_id(), **given)
        await tx.create(row, EventType.REQUEST_MADE)
    await city.rows("UPDATE collaboration_request SET created_at = $2 WHERE id = $1 RETURNING id", row.id, ASKED)
    return encode("req", row.id)


async def filed(city: City, asker: Person | None = None, giver: Person | None = None, **columns: Any) -> str:
    """The camat's case against the head of the DLH, unless told otherwise; its id."""
    asker, giver = asker or city.camat, giver or city.dlh
    given = {"requestId": await request(city, asker, giver, **columns), "statement": "Dua minggu tanpa jawaban."}
    found: str = (await asker.mutate("fileEscalation", given))["escalation"]["id"]
    return found


async def replied(city: City, giver: Person | None = None, **more: Any) -> str:
    """The same, replied to."""
    case = await filed(city, giver=giver, **more)
    await (giver or city.dlh).mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    return case


async def instructed(city: City, by: Person | None = None) -> tuple[str, str, str]:
    """A case on which a task was ordered: the ids of case, follow-up and task."""
    case = await replied(city)
    given = {
        "escalationId": case, "kind": "INSTRUCT", "facts": "Permintaan tidak dijawab.",
        "instruction": {"title": "Angkut sampah", "dueOn": city.day(10), "description": "Dengan dua truk."},
    }  # fmt: skip
    await (by or city.mayor).mutate("decideEscalation", given)
    await city.settled()
    (follow_up,) = (await look(city.mayor, case, "followUps { id task { id } }"))["followUps"]
    return case, follow_up["id"], follow_up["task"]["id"]


async def do(city: City, task: str) -> None:
    """The DLH does the task, with evidence."""
    await city.dlh.mutate("startTask", {"taskId": task})
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.dlh.mutate("addEvidence", {"taskId": task, "url": "https://contoh.example/foto"})
    await city.dlh.mutate("completeTask", {"taskId": task})
    await city.settled()


async def look(person: Person, case: str, selection: str) -> Any:
    """What this person sees of a case."""
    found = await person.query(f"query($id: ID!) {{ escalation(by: {{id: $id}}) {{ {selection} }} }}", id=case)
    return found["escalation"]


def days(count: int) -> timedelta:
    return timedelta(days=count)
