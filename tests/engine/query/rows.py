"""A small city with every difficulty: ties, nulls, drafts, archived rows, hidden rows, odd letters."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.actions.texts import keep_old_texts
from server.actions.transaction import Moment
from server.database import Pool
from server.query.declare.fields import Context
from server.query.declare.tables import Table
from server.rules.city import CityFacts, grade_scale
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import Calendar
from tests.engine.asking import asking

NOW = dt.datetime(2026, 6, 15, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 15)
WORDS = ["sampah", "drainase", "posyandu", "jalan", "lampu", "taman", "100%", "under_score", "Água", "İzin", "rapat"]
WORDS += ["bersih", "pasar", "sungai", "UMKM"]

CITY = CityFacts(
    "MDN", "Medan", Calendar.of("Asia/Jakarta"), 10, grade_scale([]), dt.date(2025, 2, 20), dt.date(2030, 2, 20)
)

_NOTHING: list[Any] = [None]
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Library:
    """The rows by table, as they stand in the database, and the pool that leads there."""

    pool: Pool
    tables: Mapping[str, Table]
    rows: Rows
    viewers: dict[str, Viewer] = field(default_factory=dict)

    def context(self, viewer: str = "mayor") -> Context:
        """A request of this viewer's, in Indonesian."""
        return asking(self.pool, self.viewers[viewer], Moment(NOW, TODAY, CITY))

    def one(self, table: str, number: int = 0) -> dict[str, Any]:
        """A row."""
        return self.rows[table][number]


def make_rows(seed: int = 7, tasks: int = 240) -> Rows:
    """The rows of every table that the example schema reads."""
    chance = random.Random(seed)
    counter = iter(range(1, 1_000_000))

    def new_id() -> UUID:
        return UUID(int=(0x0190_0000_0000 << 80) | (7 << 76) | (2 << 62) | next(counter) << 20 | chance.getrandbits(20))

    def instant() -> dt.datetime:
        return NOW - dt.timedelta(minutes=15 * chance.randrange(1, 400), microseconds=chance.choice([0, 123456]))

    def subject(**more: Any) -> dict[str, Any]:
        created = instant()
        return {"id": new_id(), "version": chance.randrange(1, 4), "created_at": created, "updated_at": created, **more}

    def words(least: int = 1) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randrange(least, 5)))

    organisations: list[dict[str, Any]] = []
    for n in range(12):
        kind = "KELURAHAN" if n >= 8 else chance.choice(["OPD", "KECAMATAN"])
        parent = organisations[n % 4]["id"] if n >= 8 else None
        name = f"{'Kelurahan' if parent else 'Dinas'} {words()}" if n != 5 else organisations[4]["name"]
        organisations.append(
            subject(kind=kind, code=f"O{n:02}", name=name, short_name=f"O{n}", parent_id=parent,
                    valid_from=dt.date(2020, 1, 1), valid_to=None, successor_id=None)
        )  # fmt: skip
    owners = organisations[:8]
    roles = ["MAYOR", "REVIEWER", "ADMIN", "HEAD", "STAFF", "OBSERVER", "STAFF", "HEAD"]
    accounts = [
        subject(name=f"Orang {n % 5} {words()}", title=chance.choice([None, "Kepala", "Staf"]), role=role,
                login=f"a{n}",
                organisation_id=owners[n % 8]["id"], password_hash=None, is_active=n != 6, last_sign_in_at=None)
        for n, role in enumerate(roles)
    ]  # fmt: skip
    plans: list[dict[str, Any]] = []
    for owner in owners:
        for year in (2025, 2026):
            draft = chance.random() < 0.4
            plans.append(
                subject(organisation_id=owner["id"], year=year, title=words(2), needs_evidence=False, return_note=None,
                        status="DRAFT" if draft else chance.choice(["SUBMITTED", "APPROVED"]),
                        submitted_at=None if draft else instant(), submitted_by_id=None, approved_at=None,
                        approved_by_id=None, closed_at=None, draft_of_id=owner["id"] if draft else None,
                        archived_at=instant() if chance.random() < 0.1 else None)
            )  # fmt: skip
    targets = []
    for _ in range(40):
        plan = chance.choice(plans)
        achievement = chance.choice([None, Decimal("100"), Decimal(chance.randrange(0, 1500000)) / 10000])
        targets.append(
            subject(work_plan_id=plan["id"], owner_id=plan["organisation_id"], responsible_id=None, programme_id=None,
                    indicator=words(2), unit="unit", direction="MAXIMISE", roll_up="SUM", formula="RATIO",
                    baseline=None,
                    target_value=Decimal(chance.randrange(1, 99999)) / 100, target_value_to=None,
                    due_on=dt.date(plan["year"], chance.choice([3, 6, 12]), 28), milestones=[], is_proposed=False,
                    realised=None, achievement=achievement, achievement_to_date=None, grade=None, pace="NOT_STARTED",
                    grade_to_date=None, told_from=None, realised_from=None, untold_due_on=[None] * 4, counts_from=None,
                    last_measured_on=None, report_due_on=chance.choice([None, TODAY, dt.date(2026, 4, 14)]),
                    external_id=None,
                    draft_of_id=plan["draft_of_id"], archived_at=instant() if chance.random() < 0.1 else None)
        )  # fmt: skip
    work = []
    for _ in range(tasks):
        plan = chance.choice([*plans, *_NOTHING])
        owner_id = plan["organisation_id"] if plan else chance.choice(owners)["id"]
        served = [each for each in targets if plan and each["work_plan_id"] == plan["id"]]
        status = chance.choice(["PLANNED", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED"])
        work.append(
            subject(organisation_id=owner_id, work_plan_id=plan["id"] if plan else None,
                    target_id=chance.choice(served)["id"] if served else None, title=words(), status=status,
                    status_reason=None,
                    description=chance.choice([None, words(3)]),
                    priority=chance.choice(["LOW", "NORMAL", "HIGH", "URGENT"]),
                    progress=chance.choice([0, 10, 50, 100]), starts_on=None,
                    due_on=chance.choice([None, TODAY + dt.timedelta(days=chance.randrange(-40, 40))]),
                    completed_at=instant() if status == "DONE" else None,
                    assignee_id=chance.choice([None, chance.choice(accounts)["id"]]),
                    kelurahan_id=chance.choice([None, organisations[8 + chance.randrange(4)]["id"]]),
                    is_ordered=False, needs_evidence=False, support_asked_at=None, support_note=None,
                    checklist=[{"id": f"item_{i}", "text": words(), "isDone": bool(i % 2)}
                               for i in range(chance.randrange(3))],
                    evidence=[], external_id=None, draft_of_id=plan["draft_of_id"] if plan else None,
                    archived_at=instant() if chance.random() < 0.08 else None)
        )  # fmt: skip
    comments = [
        {"id": new_id(), "task_id": task["id"], "author_id": chance.choice(accounts)["id"], "text": words(),
         "created_at": instant(), "edited_at": None, "removed_at": None}
        for task in work for _ in range(chance.choice([0, 0, 1, 2]))
    ]  # fmt: skip
    pairs = {(chance.choice(work)["id"], chance.choice(work)["id"]) for _ in range(tasks // 2)}
    waits = [{"id": new_id(), "task_id": one, "waits_for_id": other} for one, other in sorted(pairs)]
    events = []
    for number in range(150):
        kind, subjects = chance.choice(
            [("Task", work), ("WorkPlan", plans), ("Target", targets), ("Account", accounts)]
        )
        about = chance.choice(subjects)
        draft_of = about.get("draft_of_id")
        audience = "ACCOUNT" if kind == "Account" else "ORGANISATION" if draft_of else "EVERYONE"
        owner_id = about.get("organisation_id") or about.get("owner_id")
        when = instant()
        events.append(
            {"id": new_id(), "epoch": 1, "xid": 1000 + number, "sequence": number + 1, "type": "TASK_UPDATED",
             "subject_type": kind, "subject_id": about["id"], "subject_version": chance.randrange(1, 4),
             "organisation_ids": list(dict.fromkeys([owner_id, chance.choice(owners)["id"]])),
             "actor_id": chance.choice([None, chance.choice(accounts)["id"]]), "capacity": None,
             "on_behalf_of_id": None,
             "happened_at": when, "recorded_at": when, "changes": {"title": ["a", "b"]},
             "facts": {"label": "Bersih-bersih"}, "audience": audience,
             "audience_id": about["id"] if kind == "Account" else draft_of}
        )  # fmt: skip
    requests = []
    for number in range(24):
        asker, giver, other = chance.sample(owners, 3)
        status = chance.choice(["OPEN", "COUNTERED", "ACCEPTED", "DECLINED", "DISPUTED"])
        started, public = instant(), [each for each in work if each["draft_of_id"] is None]
        somebody, theme = chance.choice(accounts)["id"], chance.choice(["task", "target", ""])
        actors = [None, str(somebody)]
        pause: Any = {"reason": "QUESTION", "from": started.isoformat(), "to": None, "actorId": chance.choice(actors)}
        step = {"fromId": str(other["id"]), "toId": str(giver["id"]), "reason": words(), "at": started.isoformat(),
                "actorId": str(somebody), "isRuling": False}  # fmt: skip
        is_moved, is_countered = number % 3 == 0, status == "COUNTERED"
        requests.append(
            subject(kind=chance.choice(["NEED", "OFFER"]), status=status, asker_id=asker["id"], giver_id=giver["id"],
                    thread_id=UUID(int=number // 3 + 1), title=words(2), description=chance.choice([None, words(3)]),
                    task_id=chance.choice(public)["id"] if theme == "task" else None,
                    target_id=chance.choice(targets)["id"] if theme == "target" else None,
                    needed_on=TODAY + dt.timedelta(days=number), agreed_due_on=TODAY if status == "ACCEPTED" else None,
                    answer_days=3, answer_started_at=started, answer_due_at=started + dt.timedelta(days=3),
                    answer_stopped_at=None if status == "OPEN" else started + dt.timedelta(days=chance.randrange(6)),
                    answer_pauses=[pause] if number % 4 == 0 else [],
                    lapsed_at=chance.choice([None, started + dt.timedelta(days=3)]),
                    answered_at=None if status == "OPEN" else started,
                    answered_by_id=None if status == "OPEN" else somebody,
                    counter_terms=words() if is_countered else None,
                    counter_needed_on=chance.choice([None, TODAY]) if is_countered else None,
                    counter_made_at=started if is_countered else None,
                    counter_made_by_id=somebody if is_countered else None,
                    question_count=0, counters_refused_count=0, is_assigned=False,
                    redirected_from_id=other["id"] if is_moved else None, redirects=[step] if is_moved else [],
                    commitment_id=chance.choice(public)["id"] if status in ("ACCEPTED", "DISPUTED") else None)
        )  # fmt: skip
    # A task is one promise only.
    promised = [each["commitment_id"] for each in requests]
    for number, each in enumerate(requests):
        if each["commitment_id"] in promised[:number]:
            each["commitment_id"] = None
    messages = [
        {"id": new_id(), "request_id": each["id"], "author_id": chance.choice(accounts)["id"], "text": words(),
         "created_at": instant()}
        for each in requests for _ in range(chance.randrange(3))
    ]  # fmt: skip
    cases = _cases(owners, accounts, work)
    reported = cases.pop("collaboration_request")
    return {
        "organisation": organisations,
        "account": accounts,
        "work_plan": plans,
        "target": targets,
        "task": work,
        "comment": comments,
        "task_dependency": waits,
        "event": events,
        "collaboration_request": [*requests, *({**dict.fromkeys(requests[0]), **each} for each in reported)],
        "message": messages,
        **cases,
    }


def _cases(
    owners: list[dict[str, Any]], accounts: list[dict[str, Any]], tasks: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """A request with a case of it, filed, and one decided with all that may hang on it; parties have no heads here."""
    counter = iter(range(1, 100))

    def subject(**more: Any) -> dict[str, Any]:
        id_ = UUID(int=(0x0191_0000_0000 << 80) | (7 << 76) | (2 << 62) | next(counter))
        return {"id": id_, "version": 1, "created_at": NOW, "updated_at": NOW, **more}

    def part(**more: Any) -> dict[str, Any]:
        return {name: value for name, value in subject(**more).items() if name not in ("version", "updated_at")}

    ago = NOW - dt.timedelta(days=6)
    asker, giver, who = owners[2]["id"], owners[3]["id"], accounts[3]["id"]
    requests = [
        subject(kind="NEED", status="OPEN", asker_id=asker, giver_id=giver, thread_id=owners[0]["id"],
                title="Truk sampah", answer_days=3, answer_started_at=ago, answer_due_at=ago, answer_pauses=[],
                question_count=0, counters_refused_count=0, redirects=[], is_assigned=False)
        for _ in range(2)
    ]  # fmt: skip
    person: dict[str, Any] = {
        "person_id": who, "person_told_at": ago, "person_reply_days": 7, "person_reply_due_at": NOW,
        "person_notice_number": "800/7", "person_notice_on": TODAY, "person_reply": "Maaf", "person_replied_at": NOW,
        "decided_person_id": who, "hearing_on": TODAY, "hearing_number": "BAP 1", "signed_by_office": "Wali Kota",
        "decided_as": "MAYOR", "decided_capacity": "DEFINITIVE",
    }  # fmt: skip
    no_person = dict.fromkeys(person)
    filed, decided = (
        subject(request_id=request["id"], filer_id=asker, respondent_id=giver, status=status, ground="NO_ANSWER",
                ground_arose_at=ago, statement="Tanpa jawaban", filed_at=ago, filed_by_id=who, reply_due_at=NOW,
                meeting_at=when, decision_kind=kind, decision_facts=facts, decided_at=when,
                decided_by_id=None if when is None else who, **(no_person if when is None else person))
        for request, status, kind, facts, when in zip(
            requests, ("FILED", "DECIDED"), (None, "INSTRUCT"), (None, "Terbukti"), (None, NOW), strict=True
        )
    )  # fmt: skip
    case, held = decided["id"], [{"from": NOW.isoformat(), "to": None}]
    return {
        "collaboration_request": requests,
        "escalation": [filed, decided],
        "follow_up": [
            part(escalation_id=case, text="Angkut", task_id=tasks[0]["id"], added_by_id=who, objectable_from=ago,
                 objection_due_at=NOW + dt.timedelta(days=3), is_referral=False),
            part(escalation_id=case, text="Rapat", task_id=None, added_by_id=who, objectable_from=None,
                 objection_due_at=None, is_referral=True),
        ],
        "appendix": [part(escalation_id=case, kind="OBJECTION", text="Terlambat", author_id=who)],
        "remark": [subject(escalation_id=case, text="Periksa", author_id=who)],
        "case_access": [
            subject(account_id=accounts[0]["id"], confirmed_at=NOW, changed_by_ids=[], held=held)
        ],
        "delegation": [
            subject(account_id=accounts[1]["id"], delegated_by_id=accounts[0]["id"], valid_from=TODAY, valid_to=TODAY)
        ],
    }  # fmt: skip


def viewers(rows: Rows) -> dict[str, Viewer]:
    """One of each kind, and a head who is nobody else."""
    made: dict[str, Viewer] = {}
    for account in rows["account"]:
        is_mayor = account["role"] == "MAYOR"
        heads = {(account["organisation_id"], Capacity.DEFINITIVE)} if is_mayor or account["role"] == "HEAD" else set()
        office = account["organisation_id"] if is_mayor else None
        viewer = Viewer(
            *(account["id"], account["organisation_id"], Role(account["role"]), frozenset(heads)),
            mayors_office_id=office,
            has_case_access=True,
        )
        made.setdefault(account["role"].lower(), viewer)
    return made


async def store(pool: Pool, rows: Rows) -> None:
    """Write the rows."""
    async with pool.connection() as connection:
        for table, each in rows.items():
            if each:
                names = list(each[0])
                await connection.copy_records_to_table(
                    table, records=[tuple(row[name] for name in names) for row in each], columns=names
                )
    await keep_old_texts(pool)
    async with pool.connection() as connection:
        await connection.execute("ANALYZE")
