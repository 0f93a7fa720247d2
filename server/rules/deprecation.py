"""Who may know who still uses what of the API is to go."""

from __future__ import annotations

from typing import Final

from server.rules.aggregate import Part
from server.rules.visibility import ADMINISTRATORS

DEPRECATED_USE: Final = Part[None](
    name="DeprecatedUse", table="deprecated_use", prefix="depuse", visibility=ADMINISTRATORS
)
