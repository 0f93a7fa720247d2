"""Tokens of service accounts. Hashes only: a token is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from server.models.fields import Subject, ordered, reference
from server.rules import bounds


class Token(Subject):
    """By which a program asks and acts as its service account; it is never changed but revoked."""

    account = reference("Account")
    account_id: UUID
    made_by = reference("Account", null=True)
    made_by_id: UUID | None
    name = fields.CharField(max_length=bounds.NAME)
    scopes: list[str] = fields.JSONField(description="Members of TokenScope.")
    is_city_wide = fields.BooleanField(default=False)
    networks: list[str] = fields.JSONField(default=list, description="From which alone it counts; empty: from all.")
    locks_network = fields.BooleanField(
        default=False, description="Whether it counts from the network alone from which it is used first."
    )
    secret_hash: bytes = fields.BinaryField(description="SHA-256 of its 256 random bits.")
    expires_at: datetime = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    last_used_at: datetime | None = fields.DatetimeField(null=True, description="To the minute.")

    class Meta:
        table = "token"
        indexes = [Index(fields=("account_id",)), *ordered("expires_at")]

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return []
