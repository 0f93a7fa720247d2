"""Every verb on requests, cases and delegations, and every deadline of theirs, done for real on a demo year."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from server.actions import collaboration, collaboration_delivery, decision, delegation, escalation, follow_up
from server.actions import task as task_verbs
from server.actions.escalation_reaction import order_was_decided, task_was_completed
from server.actions.sweep import due, settle
from server.actions.sweep_kinds import CASES, DELEGATIONS, REQUESTS, SweepKind
from server.actions.task_content import add_evidence
from server.actions.transaction import Moment, Transaction
from server.database import Connection
from server.events.log import EVENT_COLUMNS, Recorded
from server.ids import decode
from server.rules.city import CityFacts
from server.rules.decision import AppendixKind
from server.rules.escalation_facts import DecisionKind
from server.rules.event import EventType
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import local_day

LAW: Mapping[str, Any] = {
    "legal_basis": "PP 94/2021 pasal 8",
    "signed_by": "Rico Waas",
    "signed_by_office": "Wali Kota",
    "document_number": "800/1",
}


class Stage:
    """A city on one connection, inside a transaction that is never committed, and its clock."""

    def __init__(self, connection: Connection, city: CityFacts, now: datetime) -> None:
        self.connection, self.city, self.now = connection, city, now
        self._told: set[UUID] = set()

    def by(self, viewer: Viewer | None, *, is_later: bool = False) -> Transaction:
        """A verb of this viewer's, a minute after the last one; `is_later`: on the next weekday, when clocks move."""
        self.now += timedelta(minutes=1)
        if is_later:
            self.now += timedelta(days=1 if self.now.weekday() < 4 else 7 - self.now.weekday())
        return Transaction(
            self.connection, viewer, Moment(self.now, local_day(self.now, self.city.calendar), self.city)
        )

    def day(self, days: int) -> date:
        return local_day(self.now, self.city.calendar) + timedelta(days=days)

    async def viewer(self, login: str) -> Viewer:
        """Somebody of the demo with the offices that they hold."""
        row = await self.connection.fetchrow("SELECT id, organisation_id, role FROM account WHERE login = $1", login)
        assert row is not None, login
        held = await self.connection.fetch("SELECT organisation_id FROM appointment WHERE account_id = $1", row["id"])
        heads = frozenset((each["organisation_id"], Capacity.DEFINITIVE) for each in held)
        role = Role(row["role"])
        office = row["organisation_id"] if role is Role.MAYOR else None
        return Viewer(row["id"], row["organisation_id"], role, heads, mayors_office_id=office, has_case_access=True)

    async def sweep(self, *kinds: SweepKind, days: int, since: datetime) -> None:
        """So many days pass, one after the other; what changed after `since` is looked at on each."""

        @asynccontextmanager
        async def system() -> AsyncIterator[Transaction]:
            yield self.by(None)

        for _ in range(days):
            self.now += timedelta(days=1)
            for kind in kinds:
                async for page in due(system, kind, since):
                    for found in page:
                        await settle(system, found)

    async def done(self, task_id: UUID, worker: Viewer, evidence: bool = False) -> None:
        """The task is done, and its completion has had its reactions."""
        await task_verbs.report_progress(self.by(worker), task_id, 100)
        if evidence:
            await add_evidence(self.by(worker), task_id, "https://berkas.kolaborasi.example/2.jpg", "Foto")
        await task_was_completed(self.by(None), await task_verbs.complete_task(self.by(worker), task_id))

    async def ordered(self, viewer: Viewer, event: Recorded) -> None:
        """The reaction to what tells to order a task."""

        @asynccontextmanager
        async def acting(account_id: UUID) -> AsyncIterator[Transaction]:
            assert account_id == viewer.account_id
            yield self.by(viewer)

        tx = self.by(None)
        tx.acting = acting
        await order_was_decided(tx, event)

    async def commitment(self, request_id: UUID) -> UUID:
        found: UUID = await self.connection.fetchval(
            "SELECT commitment_id FROM collaboration_request WHERE id = $1", request_id
        )
        return found

    async def left(self) -> list[Recorded]:
        """What this transaction has added to the log."""
        rows = await self.connection.fetch(
            f"SELECT {', '.join(EVENT_COLUMNS)} FROM event WHERE xid = pg_current_xact_id()::text::bigint"
        )
        return [Recorded(**{**row, "type": EventType(row["type"])}) for row in rows]


async def cooperate(connection: Connection, city: CityFacts, now: datetime) -> list[Recorded]:
    """The events of it all, in no order."""
    stage = Stage(connection, city, now.astimezone(UTC))
    work = connection.transaction()
    await work.start()
    await _refused_and_reported(stage)  # while the year lasts, whose plan takes in what is ordered
    await _redirected(stage)
    await _talked_over(stage)
    await _offered(stage)
    await _left_to_the_clock(stage)
    await _delegated(stage)
    found = await stage.left()
    await work.rollback()
    return found


async def _asked(stage: Stage, asker: Viewer, giver: str, title: str, **more: Any) -> UUID:
    tx = stage.by(asker)
    return (await collaboration.request_collaboration(tx, [giver], title, stage.day(20), **more)).subject_id


async def _talked_over(stage: Stage) -> None:
    """Asked back, countered twice, promised, put off, disputed, delivered and confirmed."""
    camat, giver = await stage.viewer("camat-medan-area"), await stage.viewer("kepala-dinsos")
    task_id = await stage.connection.fetchval(
        "SELECT id FROM task WHERE organisation_id = $1 AND draft_of_id IS NULL AND archived_at IS NULL LIMIT 1",
        camat.organisation_id,
    )
    asked = await _asked(stage, camat, "DINSOS", "Bantuan sembako", description="Untuk 40 keluarga", about_id=task_id)
    target_id = await stage.connection.fetchval(
        "SELECT id FROM target WHERE owner_id = $1 AND draft_of_id IS NULL AND archived_at IS NULL LIMIT 1",
        camat.organisation_id,
    )
    await collaboration_delivery.post_message(stage.by(giver, is_later=True), asked, "Baik.")
    await collaboration_delivery.post_message(
        stage.by(await stage.viewer("staf-medan-area"), is_later=True), asked, "Terima kasih."
    )
    await collaboration.counter_request(stage.by(giver, is_later=True), asked, "Setengahnya dulu", stage.day(25))
    await collaboration.refuse_counter(stage.by(camat, is_later=True), asked)
    await collaboration.counter_request(stage.by(giver, is_later=True), asked, "Dua tahap", stage.day(22))
    await collaboration.accept_counter(stage.by(camat, is_later=True), asked)
    other = await _asked(stage, camat, "DINSOS", "Pendataan lansia", about_id=target_id)
    await collaboration.ask_for_information(stage.by(giver, is_later=True), other, "Berapa keluarga?")
    await collaboration.answer_question(stage.by(camat, is_later=True), other, "Empat puluh.")
    await collaboration_delivery.propose_new_date(stage.by(giver, is_later=True), asked, stage.day(24), "Gudang penuh")
    await collaboration_delivery.refuse_new_date(stage.by(camat, is_later=True), asked)
    await collaboration_delivery.propose_new_date(stage.by(giver, is_later=True), asked, stage.day(23), "Gudang penuh")
    await collaboration_delivery.agree_new_date(stage.by(camat, is_later=True), asked)
    await stage.done(await stage.commitment(asked), giver)
    await collaboration_delivery.deliver_request(stage.by(giver, is_later=True), asked)
    await collaboration_delivery.dispute_delivery(stage.by(camat, is_later=True), asked, "Kurang sepuluh paket")
    await collaboration_delivery.resume_delivery(stage.by(giver, is_later=True), asked)
    await stage.done(await stage.commitment(asked), giver)
    await collaboration_delivery.deliver_request(stage.by(giver, is_later=True), asked)
    await collaboration_delivery.confirm_delivery(stage.by(camat, is_later=True), asked)


async def _redirected(stage: Stage) -> None:
    camat, secretary = await stage.viewer("camat-medan-area"), await stage.viewer("sekda")
    asked = await _asked(stage, camat, "DINSOS", "Perbaikan drainase")
    await collaboration.redirect_request(
        stage.by(await stage.viewer("kepala-dinsos"), is_later=True), asked, "DLH", "Bukan kami"
    )
    await collaboration.object_to_redirect(stage.by(camat, is_later=True), asked, "Tetap dinas sosial")
    await collaboration.assign_request(stage.by(secretary, is_later=True), asked, "DLH", "Sampahnya dulu")
    await collaboration_delivery.post_message(stage.by(secretary, is_later=True), asked, "Mohon segera.")
    await collaboration_delivery.withdraw_request(stage.by(camat, is_later=True), asked)


async def _offered(stage: Stage) -> None:
    giver, camat = await stage.viewer("kepala-dlh"), await stage.viewer("camat-medan-area")
    tx = stage.by(giver)
    offered = await collaboration.offer_help(tx, "12.71.10", "Bibit pohon", stage.day(15), "Seratus batang")
    await collaboration.accept_request(stage.by(camat), offered.subject_id)


async def _left_to_the_clock(stage: Stage) -> None:
    """Nobody answers a request, a question, a counter-offer, or says whether what was delivered will do."""
    since = stage.now
    camat, giver = await stage.viewer("camat-medan-area"), await stage.viewer("kepala-dlh")
    await _asked(stage, camat, "DLH", "Truk untuk kerja bakti")
    question, counter, delivered, promised, forgotten = [
        await _asked(stage, camat, "DLH", f"Tong sampah tahap {each}")
        for each in ("satu", "dua", "tiga", "empat", "lima")
    ]
    await collaboration.ask_for_information(stage.by(giver, is_later=True), question, "Berapa buah?")
    await collaboration.counter_request(stage.by(giver), counter, "Separuh", stage.day(25))
    await collaboration.accept_request(stage.by(giver), delivered)
    await collaboration.accept_request(stage.by(giver), promised)
    await collaboration.accept_request(stage.by(giver), forgotten)  # done in time, and nobody says so
    await stage.done(await stage.commitment(forgotten), giver)
    await stage.done(await stage.commitment(delivered), giver)
    await collaboration_delivery.deliver_request(stage.by(giver), delivered)
    await stage.sweep(REQUESTS, days=28, since=since)


async def _delegated(stage: Stage) -> None:
    """The mayor lets somebody decide, twice; what a delegate decides is decided on the mayor's behalf."""
    mayor, secretary = await stage.viewer("walikota"), await stage.viewer("sekda")
    delegate = await stage.viewer("staf-setda")
    since = stage.now
    tx = stage.by(mayor)
    first, last = stage.day(0), stage.day(3)
    await delegation.delegate_decisions(tx, delegate.account_id, first, last, "100.3/1")
    await stage.sweep(DELEGATIONS, days=5, since=since)
    tx = stage.by(mayor)
    given = (delegate.account_id, stage.day(0), stage.day(30), "100.3/2")
    made = await delegation.delegate_decisions(tx, *given)
    case = await _reported(stage)
    by_delegate = replace(secretary, is_delegate=True)
    await decision.decide_escalation(stage.by(by_delegate), case, DecisionKind.DISMISS, "Sudah selesai.")
    tx = stage.by(mayor)
    await delegation.end_delegation(tx, made.subject_id, stage.day(-1))


async def _reported(stage: Stage) -> UUID:
    """A refusal that is brought before the mayor."""
    camat, giver = await stage.viewer("camat-medan-area"), await stage.viewer("kepala-dlh")
    asked = await _asked(stage, camat, "DLH", "Penyapuan jalan")
    await collaboration.decline_request(stage.by(giver), asked, "Tidak ada petugas")
    return (await escalation.file_escalation(stage.by(camat), asked, "Ditolak tanpa sebab.")).subject_id


async def _refused_and_reported(stage: Stage) -> None:
    since = stage.now
    mayor, secretary, giver = [await stage.viewer(login) for login in ("walikota", "sekda", "kepala-dlh")]
    silent, replied, settled, warned = [await _reported(stage) for _ in range(4)]
    for case in (replied, settled, warned):
        await escalation.reply_to_escalation(stage.by(giver), case, "Petugas sakit.")
        await escalation.remark_on_escalation(stage.by(secretary), case, "Periksa daftar petugas.")
    await escalation.remark_on_escalation(stage.by(mayor), silent, "Tunggu jawaban.")
    for case, is_settled in ((replied, False), (settled, True)):
        tx = stage.by(secretary)
        await escalation.propose_mediation(tx, case, stage.now + timedelta(days=2), "Balai Kota")
        await escalation.conclude_mediation(stage.by(secretary), case, "Dibahas.", is_settled)
    tx = stage.by(mayor)
    order = {"title": "Sapu Jalan Denai", "due_on": stage.day(10), "description": "Dengan foto."}
    await stage.ordered(
        mayor, await decision.decide_escalation(tx, replied, DecisionKind.INSTRUCT, "Terbukti.", instruction=order)
    )
    hearing: Mapping[str, Any] = {"hearing_on": stage.day(0), "hearing_number": "BAP 1"}
    await decision.decide_escalation(
        stage.by(mayor), warned, DecisionKind.STATEMENT_OF_DISSATISFACTION, "Terlambat.", **LAW, **hearing
    )
    await decision.append_to_decision(stage.by(secretary), warned, AppendixKind.CORRECTION, "Tanggal.")
    await decision.append_to_decision(stage.by(giver), warned, AppendixKind.OBJECTION, "Kami keberatan.")
    tx = stage.by(mayor)
    more = {"title": "Susun jadwal", "due_on": stage.day(9), "description": None}
    told = await follow_up.add_follow_up(tx, warned, "Jadwal bersama", stage.day(9), more)
    assert decode(told.facts["followUpId"])[0] == "followup"
    await stage.ordered(mayor, told)
    tasks = await stage.connection.fetch(
        "SELECT task_id FROM follow_up WHERE escalation_id = ANY($1) AND task_id IS NOT NULL", [replied, warned]
    )
    for task in tasks:
        await stage.done(task["task_id"], giver, evidence=True)
    await stage.sweep(CASES, days=14, since=since)
    await decision.decide_escalation(
        stage.by(mayor), silent, DecisionKind.REFER, "Perlu diperiksa.", **LAW, referred_to="ITKO"
    )
