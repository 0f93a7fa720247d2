"""Receipts of hand-overs: who passed what to whom."""

from __future__ import annotations

from uuid import UUID

from tortoise.indexes import Index

from server.models.fields import Row, Subject, ordered, reference


class HandOverReceipt(Subject):
    """Serah terima: all that one person kept in an organisation, passed to another at once."""

    organisation = reference("Organisation")
    organisation_id: UUID
    from_account = reference("Account")
    from_account_id: UUID
    to_account = reference("Account")
    to_account_id: UUID
    handed_over_by = reference("Account")
    handed_over_by_id: UUID

    class Meta:
        table = "hand_over_receipt"
        indexes = ordered(
            "created_at", "organisation_id created_at", "from_account_id created_at", "to_account_id created_at"
        )

    def label(self) -> str:
        return ""  # the names of both, which its events bear

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]


class HandedOverMatter(Row):
    """What stands on a receipt: a task or a target."""

    receipt = reference("HandOverReceipt")
    receipt_id: UUID
    task = reference("Task", null=True)
    task_id: UUID | None
    target = reference("Target", null=True)
    target_id: UUID | None

    class Meta:
        table = "handed_over_matter"
        indexes = [Index(fields=("receipt_id",))]
