"""Which events a viewer may know of: what it may not know of alters nothing that it reads.

So nothing is made anew for it, and no outsider can see by the moment of an answer that something hidden happened.
"""

from __future__ import annotations

from server.events.log import Recorded
from server.live.row_images import Seen
from server.rules.event import Audience
from server.rules.viewer import Viewer
from server.rules.visibility import EVENTS, holds


def may_alter(viewer: Viewer, seen: Seen) -> bool:
    """Whether the event may alter what this viewer reads."""
    event = seen.event
    return event.audience is Audience.EVERYONE or crosses(event) or holds(EVENTS, viewer, seen.row)


def crosses(event: Recorded) -> bool:
    """Whether something public went into a draft, or came out of one: not why, but that it did is for all to see."""
    before, after = event.changes.get("draft_of_id", (None, None))
    return event.subject_version > 1 and (before is None) is not (after is None)
