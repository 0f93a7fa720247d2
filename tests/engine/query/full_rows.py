"""The small city with something in every table that the product's schema reads."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.engine.query.rows import NOW, TODAY, Rows, make_rows


def make_full_rows() -> Rows:
    """`make_rows`, and on top of it programmes, offices, readings, amendments, owners, a city, and events of cases."""
    rows = make_rows()
    chance = random.Random(11)
    counter = iter(range(1, 10_000))
    owners, accounts = rows["organisation"][:8], rows["account"]
    before = NOW - dt.timedelta(days=9)

    def row(**more: Any) -> dict[str, Any]:
        return {"id": UUID(int=(0x0192_0000_0000 << 80) | (7 << 76) | (2 << 62) | next(counter)), **more}

    def subject(**more: Any) -> dict[str, Any]:
        return row(version=1, created_at=before, updated_at=NOW, **more)

    programmes = [
        subject(code=f"P{n}", name=f"Medan {name}", lead_id=owners[n]["id"], valid_from=dt.date(2025, 3, 1),
                valid_to=dt.date(2026, 12, 31) if n else None)
        for n, name in enumerate(("Bersih", "Terang", "Sehat"))
    ]  # fmt: skip
    appointments = [
        subject(organisation_id=owners[n]["id"], account_id=accounts[n]["id"], capacity=capacity,
                valid_from=dt.date(2025, 1, 1), valid_to=last, decree_number=number)
        for n, (capacity, last, number) in enumerate(
            (("DEFINITIVE", None, "SK/1"), ("PLT", TODAY, None), ("PLH", dt.date(2025, 6, 1), "SK/3"))
        )
    ]  # fmt: skip
    for n, target in enumerate(rows["target"]):
        target["programme_id"] = programmes[n % 3]["id"] if n % 4 else None
        target["responsible_id"] = accounts[n % 8]["id"] if n % 3 else None
        target["grade"] = ("VERY_LOW", "MEDIUM", "VERY_HIGH", None)[n % 4]
        target["realised"] = None if n % 5 == 0 else Decimal(n) / 7
        target["grade_to_date"] = (None, "LOW", "HIGH", "VERY_LOW")[n % 4]
        target["achievement_to_date"] = None if n % 4 == 0 else Decimal(n * 7) / 3
        target["formula"] = ("RATIO", "PROGRESS")[n % 2]
        target["external_id"] = f"E-{n}" if n % 3 else None
        target["told_from"] = (None, TODAY, TODAY + dt.timedelta(1))[n % 3]
        target["realised_from"] = (None, None, TODAY, None, TODAY + dt.timedelta(1))[n % 5]
        target["untold_due_on"] = [None, "2026-01-14", None, TODAY.isoformat()] if n % 2 else [None] * 4
        target["pace"] = ("NOT_STARTED", "ON_TRACK", "AT_RISK", "OFF_TRACK")[n % 4]
        if n % 6 == 0:
            days = (dt.date(target["due_on"].year, 2, 28), dt.date(target["due_on"].year, 3, 1))
            target["milestones"] = [{"dueOn": day.isoformat(), "value": "12.5"} for day in days]
    for n, task in enumerate(rows["task"]):
        if n % 9 == 0:
            task["evidence"] = [{"url": "https://contoh.example/bukti.jpg", "title": 'Bukti "satu" \\ é'}]
        if n % 10 == 0:
            task |= {"support_asked_at": NOW, "support_note": "Perlu truk", "starts_on": TODAY}
    for request in rows["collaboration_request"]:
        is_promised, is_disputed = request["status"] in ("ACCEPTED", "DISPUTED"), request["status"] == "DISPUTED"
        request["accepted_at"] = before if is_promised else None
        request["delivered_at"] = before if is_disputed else None
        request["disputed_at"] = NOW if is_disputed else None
        request["dispute_reason"] = "Tak sampai" if is_disputed else None
        request["dispute_count"] = 1 if is_disputed else 0
    readings, amendments, periods = [], [], []
    for n, target in enumerate(rows["target"]):
        periods.append(row(target_id=target["id"], organisation_id=target["owner_id"],
                           valid_from=dt.date(2025, 1, 1), valid_to=None))  # fmt: skip
        readings += [
            row(target_id=target["id"], owner_id=target["owner_id"], value=Decimal(n + quarter) / 3,
                measured_on=dt.date(2026, 3 * quarter + 1, 5), note=chance.choice([None, "Catatan\nbaru"]),
                evidence=[], recorded_by_id=accounts[n % 8]["id"], recorded_at=before, supersedes_id=None,
                superseded_by_id=None, is_made_by_system=False, external_id=f"T-{quarter}" if n % 2 else None)
            for quarter in range(n % 3)
        ]  # fmt: skip
        if n % 7 == 0:
            status = ("APPROVED", "PROPOSED", "PREPARED", "ACCEPTED")[n // 7 % 4]
            is_decided, is_signed, is_given = status == "APPROVED", status != "PREPARED", status == "ACCEPTED"
            other = next(each["id"] for each in owners if each["id"] != target["owner_id"])
            amendments.append(
                subject(target_id=target["id"], kind="HAND_OVER" if is_given else "CHANGE", status=status,
                    reason="Anggaran berubah",
                    changes={"owner_id": str(other)} if is_given else {"target_value": "12", "due_on": "2026-12-28"},
                    before={"owner_id": str(target["owner_id"])} if is_given else {"target_value": "9", "due_on": None},
                    draft_of_id=None if is_signed else target["owner_id"], receiver_id=other if is_given else None,
                    prepared_by_id=accounts[2]["id"],
                    proposed_by_id=accounts[3]["id"] if is_signed else None, proposed_at=before if is_signed else None,
                    accepted_by_id=accounts[4]["id"] if is_given else None, accepted_at=NOW if is_given else None,
                    decided_by_id=accounts[1]["id"] if is_decided else None, decided_at=NOW if is_decided else None,
                    note="Wajar." if is_decided else None)
            )  # fmt: skip
    readings[1] |= {"supersedes_id": None, "superseded_by_id": readings[0]["id"]}
    rows["city"] = [
        subject(code="12.71", name="Kota Medan", time_zone="Asia/Jakarta", term_starts_on=dt.date(2025, 2, 20),
                term_ends_on=dt.date(2030, 2, 20), report_working_days=10,
                grade_scale=[{"grade": "VERY_HIGH", "from": 91}, {"grade": "VERY_LOW", "from": 0}],
                holidays=[{"date": "2026-07-01", "name": "HUT Kota Medan", "isWorkday": False}], legal_bases=[],
                referral_bodies=["O01"], is_demo=False, achievement_cap=105, target_formula="RATIO",
                inspectorate="O01", person_reply_working_days=7, reprimand_kinds=["OPD"],
                ruling_working_days=3, acting_months=6, complete_years=[2027],
                map=[{"code": "12.71.01", "column": 3, "row": 5, "latitude": 3.5694, "longitude": 98.6948},
                     {"code": "12.71.02", "column": 0, "row": 4, "latitude": None, "longitude": None}])
    ]  # fmt: skip
    rows |= {
        "programme": programmes, "appointment": appointments, "target_owner": periods, "measurement": readings,
        "amendment": amendments,
    }  # fmt: skip
    rows["token"] = [
        subject(account_id=accounts[n]["id"], made_by_id=accounts[1]["id"], name=f"Sinkron {n}",
                scopes=["READ", "TASKS_WRITE"][: n + 1], is_city_wide=n == 1, networks=["10.4.0.0/16"][:n],
                locks_network=n == 0, secret_hash=bytes(32), expires_at=NOW + dt.timedelta(days=n),
                revoked_at=before if n == 2 else None, last_used_at=before if n else None)
        for n in range(8)
    ]  # fmt: skip
    rows["last_act"] = [
        row(account_id=each["id"], quarter_on=dt.date(2026 - n % 2, 4, 1)) for n, each in enumerate(accounts[:6])
    ]
    receipts = [
        subject(organisation_id=owners[n]["id"], from_account_id=accounts[n]["id"],
                to_account_id=accounts[n + 1]["id"], handed_over_by_id=accounts[0]["id"])
        for n in range(4)
    ]  # fmt: skip
    rows["hand_over_receipt"] = receipts
    rows["handed_over_matter"] = [
        row(receipt_id=receipts[n % 4]["id"], task_id=None if n % 2 else rows["task"][n]["id"],
            target_id=rows["target"][n]["id"] if n % 2 else None)
        for n in range(12)
    ]  # fmt: skip
    rows["event"] += _more_events(rows, row)
    # Programmes before the targets that serve them.
    first = ("city", "organisation", "account", "programme", "work_plan", "target", "task", "collaboration_request")
    return {table: rows[table] for table in dict.fromkeys((*first, *rows))}


def _more_events(rows: Rows, row: Any) -> list[dict[str, Any]]:
    """Events about what the others are not about, cases among them, and one that is about something gone."""
    case = rows["escalation"][0]["id"]
    about = [
        ("Organisation", rows["organisation"][0]["id"], "EVERYONE", None),
        ("Programme", rows["programme"][0]["id"], "EVERYONE", None),
        ("Appointment", rows["appointment"][0]["id"], "EVERYONE", None),
        *[("CaseAccess", each["id"], "CASE_ACCESS", each["account_id"]) for each in rows["case_access"]],
        ("HandOverReceipt", rows["hand_over_receipt"][0]["id"], "EVERYONE", None),
        ("Request", rows["collaboration_request"][0]["id"], "EVERYONE", None),
        ("Escalation", case, "CASE", case),
        ("Escalation", case, "CASE_OFFICE", case),
        ("Task", UUID(int=1), "EVERYONE", None),
    ]
    return [
        row(epoch=1, xid=5000 + n, sequence=500 + n, type="TASK_UPDATED", subject_type=kind, subject_id=id_,
            subject_version=1, organisation_ids=[rows["organisation"][0]["id"]], actor_id=None, capacity="PLT",
            on_behalf_of_id=None, happened_at=NOW, recorded_at=NOW, changes={}, facts={"label": "Bersih"},
            audience=audience, audience_id=audience_id)
        for n, (kind, id_, audience, audience_id) in enumerate(about)
    ]  # fmt: skip
