"""Accounts, and what signs them in. Hashes only: no password or token is ever stored."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.fields.db_defaults import SqlDefault
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, Searched, Subject, choice, folded_of, key_of, ordered, reference
from server.rules import bounds
from server.rules.case_term import StoredSpan
from server.rules.viewer import Role


class Account(Subject):
    """A person who signs in."""

    name = fields.CharField(max_length=bounds.NAME)
    name_folded = folded_of("name")
    name_key = key_of("name")
    title = fields.CharField(max_length=bounds.NAME, null=True, description="Position title.")
    title_folded = folded_of("title")
    organisation = reference("Organisation")
    organisation_id: UUID
    role = choice(Role)
    login = fields.CharField(max_length=bounds.LOGIN, unique=True, description="Lower case.")
    login_folded = folded_of("login")
    password_hash = fields.CharField(max_length=200, null=True, description="argon2id; null: cannot sign in yet.")
    is_active = fields.BooleanField(default=True)
    last_sign_in_at: datetime | None = fields.DatetimeField(null=True)
    searched = Searched(("name", "title"), "account_words", "simple")

    class Meta:
        table = "account"
        indexes = ordered("name_key", "organisation_id name_key")

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]


class LastAct(Row):
    """In which quarter an account last did something of which everybody may know. Bookkeeping, by the sweep.

    A quarter and no moment: it says whether somebody acts at all, and is written a few times a year.
    """

    account = reference("Account")
    account_id: UUID
    quarter_on: date = fields.DateField(description="Its first day.")

    class Meta:
        table = "last_act"
        constraints = [UniqueConstraint(fields=("account_id",), name="last_act_of_account")]


class CaseAccess(Subject):
    """Whether cases are for an account; without a row they are not.

    A subject of its own, as `SignIn` is: its events are not everybody's to read. Of a case's person it is another one,
    of which only that case tells (decision 27).
    """

    account = reference("Account")
    account_id: UUID
    escalation = reference("Escalation", null=True)
    escalation_id: UUID | None
    confirmed_at: datetime | None = fields.DatetimeField(null=True, description="Null: not confirmed, or lost.")
    changed_by_ids: list[str] = fields.JSONField(
        default=list, description="Who made the changes since by which it was lost, or would have been."
    )
    held: list[StoredSpan] = fields.JSONField(
        default=list, db_default=SqlDefault("'[]'"), description="From when until when it was had, each; null: open."
    )

    class Meta:
        table = "case_access"
        constraints = [
            UniqueConstraint(fields=("account_id",), name="case_access_of_account", condition="escalation_id IS NULL"),
            UniqueConstraint(
                fields=("account_id", "escalation_id"),
                name="case_access_of_person",
                condition="escalation_id IS NOT NULL",
            ),
        ]

    def label(self) -> str:
        return ""  # the account's name, which its events bear

    def concerned(self) -> list[UUID]:
        return []


class SignIn(Subject):
    """One sign-in: a family of rotating refresh tokens, or a page's sliding session.

    A subject of its own: what a person does at the door raises no version of the account, by which others would
    learn of it. `version` 0: nothing of it stands in the log, for it only began.
    """

    account = reference("Account")
    account_id: UUID
    is_session = fields.BooleanField(default=False)
    secret_hash: bytes = fields.BinaryField(
        description="SHA-256 of the newest refresh token, or of the session's cookie."
    )
    retry_hash: bytes | None = fields.BinaryField(
        null=True, description="SHA-256 of the key under which the newest refresh token was asked for."
    )
    used_at: datetime = fields.DatetimeField(description="When a token was exchanged last, or the session slid.")
    expires_at: datetime = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in"
        indexes = [Index(fields=("account_id",)), Index(fields=("expires_at",))]

    def label(self) -> str:
        return ""  # the account's name, which its events bear

    def concerned(self) -> list[UUID]:
        return []


class SignInAttempt(Row):
    """Sign-ins that failed, or are being tried, in a window; what limits guessing (actions/sign_in_attempts.py)."""

    bucket = fields.CharField(max_length=200, unique=True, description="What is counted: its kind and a keyed hash.")
    failures: int = fields.IntField(default=0)
    window_starts_at: datetime = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempt"


class PasswordLink(Subject):
    """A one-time link, made by an administrator, with which a person sets a password; a subject as `SignIn` is."""

    account = reference("Account")
    account_id: UUID
    made_by = reference("Account", null=True)
    made_by_id: UUID | None
    secret_hash: bytes = fields.BinaryField()
    expires_at: datetime = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True, description="When it was used, or ended unused.")

    class Meta:
        table = "password_link"

    def label(self) -> str:
        return ""  # the account's name, which its events bear

    def concerned(self) -> list[UUID]:
        return []
