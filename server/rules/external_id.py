"""What another system calls a task, a target or a reading: given once, so that an import can be run again."""

from __future__ import annotations

from server.rules import bounds
from server.rules.refusal import Code, Refused


def normal(external_id: str | None) -> str | None:
    """As it is kept. Refuses what is too long or no line."""
    return bounds.optional_text(external_id, bounds.EXTERNAL_ID, "externalId")


def free(external_id: str | None, is_taken: bool) -> str | None:
    """The same; `is_taken`: by another one in the same place, which is refused."""
    text = normal(external_id)
    if text is not None and is_taken:
        raise Refused(Code.ALREADY_EXISTS, "externalId")
    return text
