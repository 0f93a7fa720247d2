"""Support by the mayor's office for a blocked task: asked for, and answered."""

from __future__ import annotations

from datetime import date, datetime

from server.rules import bounds
from server.rules.task import TaskChange, TaskFacts, may_answer_support, may_ask_for_support
from server.rules.viewer import Viewer


def ask_for_support(viewer: Viewer, task: TaskFacts, note: str | None, today: date, now: datetime) -> TaskChange:
    """`note` says what help is wanted; it stands until the task is unblocked."""
    may_ask_for_support(viewer, task, today)
    asked: TaskChange = {"support_asked_at": now, "support_note": bounds.text(note, bounds.TEXT, "note")}
    return asked if task.support_answer is None else {**asked, "support_answer": None}


def answer_support(viewer: Viewer, task: TaskFacts, answer: str | None, today: date) -> TaskChange:
    """What the mayor's office does about it; the task stays BLOCKED until its organisation goes on."""
    may_answer_support(viewer, task, today)
    return {"support_answer": bounds.text(answer, bounds.TEXT, "answer")}
