"""What may be done with comments: anybody writes them, only the author edits or removes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Part, Verb
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.refusal import Code, Refused
from server.rules.task import TaskFacts, may_comment
from server.rules.viewer import TokenScope, Viewer
from server.rules.visibility import PARTS_OF_TASKS


@rows_of("comment")
@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFacts:
    """What the rules need to know of a comment."""

    author_id: UUID
    text: str
    removed_at: datetime | None
    task_archived_at: datetime | None = field(
        metadata=at("(SELECT x.archived_at FROM task x WHERE x.id = {t}.task_id)")
    )


class CommentChange(TypedDict, total=False):
    """The columns that a verb changes."""

    text: str
    edited_at: datetime | None
    removed_at: datetime | None


def may_edit_comment(viewer: Viewer, comment: CommentFacts, today: date) -> None:
    """The author, as long as the comment and its task stand."""
    if comment.author_id != viewer.account_id:
        raise Refused(Code.NOT_THE_AUTHOR)
    if comment.removed_at is not None:
        raise Refused(Code.COMMENT_REMOVED)
    if comment.task_archived_at is not None:
        raise Refused(Code.ARCHIVED)


COMMENT: Final = Part[CommentFacts](
    name="Comment",
    table="comment",
    prefix="comment",
    visibility=PARTS_OF_TASKS,
    verbs={
        "editComment": Verb(may_edit_comment, EventType.TASK_COMMENT_EDITED, scopes=(TokenScope.TASKS_WRITE,)),
        "removeComment": Verb(may_edit_comment, EventType.TASK_COMMENT_REMOVED, scopes=(TokenScope.TASKS_WRITE,)),
    },
)


def comment_on_task(viewer: Viewer, task: TaskFacts, text: str | None, today: date) -> CommentChange:
    may_comment(viewer, task, today)
    return {"text": bounds.text(text, bounds.TEXT, "text")}


def edit_comment(viewer: Viewer, comment: CommentFacts, text: str | None, today: date, now: datetime) -> CommentChange:
    may_edit_comment(viewer, comment, today)
    said = bounds.text(text, bounds.TEXT, "text")
    if said == comment.text:
        raise Refused(Code.NOTHING_TO_CHANGE, "text")
    return {"text": said, "edited_at": now}


def remove_comment(viewer: Viewer, comment: CommentFacts, today: date, now: datetime) -> CommentChange:
    """The words go, the place stays."""
    may_edit_comment(viewer, comment, today)
    return {"text": "", "removed_at": now}
