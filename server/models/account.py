"""Accounts, and the bookkeeping of sign-in. Hashes only: no password or token is ever stored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import TSVectorField
from tortoise.indexes import Index

from server.models.fields import Row, Subject, choice, reference
from server.rules.viewer import Role


class Account(Subject):
    """A person who signs in."""

    prefix = "acct"

    name = fields.CharField(max_length=200)
    title = fields.CharField(max_length=200, null=True, description="Position title.")
    organisation = reference("Organisation")
    organisation_id: UUID
    role = choice(Role)
    login = fields.CharField(max_length=100, unique=True, description="Lower case.")
    password_hash = fields.CharField(max_length=200, null=True, description="argon2id; null: cannot sign in yet.")
    is_active = fields.BooleanField(default=True)
    last_sign_in_at: datetime | None = fields.DatetimeField(null=True)
    search = TSVectorField(source_fields=("name", "title"), config="simple")

    class Meta:
        table = "account"
        indexes = [Index(fields=("name", "id")), Index(fields=("organisation_id", "name", "id"))]

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]


class SignIn(Row):
    """One sign-in: a family of rotating refresh tokens, or a page's sliding session."""

    prefix = "signin"

    account = reference("Account")
    account_id: UUID
    is_session = fields.BooleanField(default=False)
    secret_hash: bytes = fields.BinaryField(
        description="SHA-256 of the newest refresh token, or of the session's cookie."
    )
    created_at: datetime = fields.DatetimeField()
    used_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in"
        indexes = [Index(fields=("account_id",)), Index(fields=("expires_at",))]


class SignInAttempt(Row):
    """Failed sign-ins in a window, by account and by address; what limits guessing."""

    prefix = "attempt"

    bucket = fields.CharField(max_length=200, unique=True, description="'login:…' or 'address:…'.")
    failures: int = fields.IntField(default=0)
    window_starts_at: datetime = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempt"


class PasswordLink(Row):
    """A one-time link, made by an administrator, with which a person sets a password."""

    prefix = "link"

    account = reference("Account")
    account_id: UUID
    secret_hash: bytes = fields.BinaryField()
    created_at: datetime = fields.DatetimeField()
    expires_at: datetime = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "password_link"
