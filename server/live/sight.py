"""Which events a viewer may know of, decided without a statement: of a case's, which ask for its row, rather too many.

What a viewer may not know of alters nothing that it reads, so nothing is made anew for it, and no outsider can see by
the moment of an answer that something hidden happened.
"""

from __future__ import annotations

from server.events.log import Recorded
from server.rules.event import Audience
from server.rules.viewer import Viewer
from server.rules.visibility import EVENTS, holds

_OF_CASES = frozenset({Audience.CASE, Audience.CASE_OFFICE})


def may_see(viewer: Viewer, event: Recorded) -> bool:
    """Whether the event may alter what this viewer reads."""
    if event.audience is Audience.EVERYONE or crosses(event):
        return True
    if event.audience in _OF_CASES:
        return viewer.handles_cases or bool(viewer.case_headed_ids) or viewer.may_be_person
    row = {"audience": event.audience, "audience_id": event.audience_id}
    return holds(EVENTS, viewer, row)


def crosses(event: Recorded) -> bool:
    """Whether something public went into a draft, or came out of one: not why, but that it did is for all to see."""
    before, after = event.changes.get("draft_of_id", (None, None))
    return event.subject_version > 1 and (before is None) is not (after is None)
