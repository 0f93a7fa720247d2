"""Who asks: the same tokens as the server under test, checked and remembered as it does."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise import connections
from tortoise.expressions import Q

from server.auth.tokens import BadToken, Tokens

REVIEWERS = ("MAYOR", "OFFICE", "REVIEWER")
_WIB = timedelta(hours=7)
_tokens = Tokens(os.environ.get("KOLABORASI_SECRET", "").encode())
_known: dict[str, tuple[Viewer, float, float]] = {}  # with when it expires, and until when it is remembered


@dataclass(frozen=True)
class Viewer:
    """A signed-in account and what its rights depend on."""

    id: UUID
    role: str
    capacities: dict[UUID, str]  # by the organisations that it heads
    organisation_ids: list[UUID]  # its own first

    @property
    def scope(self) -> Q:
        """What of drafts it may see."""
        if self.role in REVIEWERS:
            return Q()
        return Q(draft_of_id__isnull=True) | Q(draft_of_id__in=self.organisation_ids)

    def may_see(self, draft_of_id: UUID | None) -> bool:
        return draft_of_id is None or draft_of_id in self.organisation_ids or self.role in REVIEWERS


async def identify(authorization: str) -> Viewer | None:
    """Whose token it is; None when it is nobody's. Looked up at most once a second for each token."""
    text = authorization.removeprefix("Bearer ")
    now = time.time()
    if (found := _known.get(text)) and found[1] > now and found[2] > now:
        return found[0]
    try:
        token = _tokens.read_access(text)
    except BadToken:
        return None
    expires_at = token.expires_at.timestamp()
    viewer = await _look_up(token.sign_in_id) if expires_at > now else None
    if viewer is not None:
        if len(_known) > 10_000:
            _known.clear()
        _known[text] = viewer, expires_at, now + 1
    return viewer


async def _look_up(sign_in_id: UUID) -> Viewer | None:
    now = datetime.now(UTC)
    rows = await connections.get("default").execute_query_dict(
        "SELECT s.account_id, a.organisation_id, a.role, p.organisation_id AS headed_id, p.capacity"
        " FROM sign_in s JOIN account a ON a.id = s.account_id AND a.is_active"
        " LEFT JOIN appointment p ON p.account_id = a.id AND p.valid_from <= $3"
        " AND (p.valid_to IS NULL OR p.valid_to >= $3)"
        " WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2",
        [sign_in_id, now, (now + _WIB).date()],
    )
    if not rows:
        return None
    headed = {row["headed_id"]: row["capacity"] for row in rows if row["headed_id"] is not None}
    own = rows[0]["organisation_id"]
    return Viewer(rows[0]["account_id"], rows[0]["role"], headed, [*dict.fromkeys([own, *headed])])
