"""Who uses what of the API is to go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from server.models.fields import Row, ordered, reference


class DeprecatedUse(Row):
    """When an account last used something deprecated, to the minute: its last use of a minute may go unrecorded.

    Of a service account each token's for itself.
    """

    account = reference("Account")
    account_id: UUID
    token = reference("Token", null=True)
    token_id: UUID | None
    coordinate = fields.CharField(max_length=300, description="Of the schema, such as Task.progress.")
    last_used_at: datetime = fields.DatetimeField()

    class Meta:
        table = "deprecated_use"
        constraints = [
            UniqueConstraint(
                fields=("account_id", "coordinate"), name="deprecated_use_once", condition="token_id IS NULL"
            ),
            UniqueConstraint(
                fields=("token_id", "coordinate"), name="deprecated_use_of_token", condition="token_id IS NOT NULL"
            ),
        ]
        indexes = ordered("last_used_at")
