"""When something last looked through everything: the sweeper, and an upgrade for texts of which nothing is kept."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields

from server.models.fields import Row


class SweptUntil(Row):
    """One row: numbers that the clock changes count what had run out by this moment, whichever process looked."""

    name = fields.CharField(max_length=60, unique=True)
    swept_at: datetime = fields.DatetimeField(description="By the clock of the rules.")
    finished_at: datetime = fields.DatetimeField(description="By the machine's, from which its age is counted.")

    class Meta:
        table = "swept_until"


class TextsKept(Row):
    """Of a table: all its rows have what is kept of their texts; what no index finds is not looked for again."""

    name = fields.CharField(max_length=60, unique=True)
    texts: list[str] = fields.JSONField(description="What is kept: columns, and the table of words.")

    class Meta:
        table = "texts_kept"
