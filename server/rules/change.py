"""What a patch really changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.rules.refusal import Code, Refused


def changed(facts: object, columns: Mapping[str, object]) -> dict[str, Any]:
    """Those of the columns whose value is another than the facts' of the same name. Refuses when there are none."""
    different = {name: value for name, value in columns.items() if getattr(facts, name) != value}
    if not different:
        raise Refused(Code.NOTHING_TO_CHANGE)
    return different
