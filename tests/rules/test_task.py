"""Tasks: who may do what in which state, and how one goes from planned to done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules import comment as comments
from server.rules import lifecycle, task_support
from server.rules import task as rules
from server.rules import task_moves as moves
from server.rules.aggregates import offered_on
from server.rules.comment import CommentFacts
from server.rules.organisation import OrganisationKind
from server.rules.refusal import Code, refused
from server.rules.task import TASK, ChecklistItem, Evidence, Priority, TaskFacts, TaskStatus
from server.rules.task_content import (
    NewTask,
    PlanPlace,
    TargetPlace,
    TaskPatch,
    add_checklist_item,
    add_evidence,
    assign_task,
    create_task,
    move_task,
    order_task,
    remove_checklist_item,
    set_task_dependencies,
    tick_checklist_item,
    update_task,
)
from server.rules.task_waits import chain, circle
from server.rules.viewer import Viewer
from server.rules.work_plan import WorkPlanStatus
from tests.rules.known import (
    ADMIN,
    BAPPEDA,
    CITY_HALL,
    DLH,
    ENDED,
    ENDED_FACTS,
    EVERYBODY,
    HEAD,
    INTEGRATION,
    JOHOR,
    MAYOR,
    NOW,
    OBSERVER,
    OFFICE,
    OUTSIDER,
    PLH,
    STAFF,
    TODAY,
    account,
    code,
    organisation,
    refusal,
    task,
    uid,
    why,
)

RULES = TASK.rules

ITEM = ChecklistItem(id="item_1", text="Pesan truk", isDone=False)
LINK = Evidence(url="https://medan.go.id/foto", title=None)
MAYORS_OFFICE_ONLY_WHEN_ORDERED = {
    "cancelTask": TaskStatus.IN_PROGRESS,
    "moveTask": TaskStatus.IN_PROGRESS,
    "archiveTask": TaskStatus.DONE,
    "reopenTask": TaskStatus.CANCELLED,
}


OF_THE_OFFICE = frozenset({"answerSupport"})


def doer(verb: str) -> Viewer:
    """Somebody whose verb it is."""
    return OFFICE if verb in OF_THE_OFFICE else STAFF


def ripe(verb: str, status: TaskStatus) -> TaskFacts:
    """A task in which nothing but its state can stand against the verb."""
    return task(
        status,
        progress=100,
        checklist=(ITEM,),
        archived_at=NOW if verb == "restoreTask" else None,
        draft_of_id=DLH if verb == "archiveTask" else None,
        support_asked_at=NOW if verb == "answerSupport" else None,
    )


@pytest.mark.parametrize("verb", RULES)
@pytest.mark.parametrize("status", TaskStatus)
def test_a_verb_is_allowed_exactly_in_the_states_of_its_row(verb: str, status: TaskStatus) -> None:
    """“PLANNED → IN_PROGRESS → DONE; BLOCKED and CANCELLED, each with a reason; DONE and CANCELLED may be reopened.”"""
    refusal = refused(RULES[verb], doer(verb), ripe(verb, status), TODAY)
    if status in lifecycle.TASK[verb]:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.code is (Code.NOT_BLOCKED if verb == "askForSupport" else Code.MOVE_NOT_ALLOWED)


@pytest.mark.parametrize("verb", sorted(RULES.keys() - {"commentOnTask"} - OF_THE_OFFICE))
def test_head_and_staff_of_the_organisation_act_and_nobody_else(verb: str) -> None:
    """“Made by head and staff for their organisation, in its plan or in none.” “HEAD, STAFF (and whoever belongs to the
    organisation as OFFICE or REVIEWER): draft, make tasks, report progress and readings for their organisation”
    “OBSERVER: reads”
    """
    status = TaskStatus(next(state for state in lifecycle.TASK[verb] if state))
    expected = {STAFF: None, HEAD: None, PLH: None, OBSERVER: Code.NOT_YOUR_ROLE, INTEGRATION: Code.NOT_YOUR_ROLE}
    for viewer in EVERYBODY:
        assert code(RULES[verb], viewer, ripe(verb, status), TODAY) is expected.get(viewer, Code.NOT_YOUR_ORGANISATION)


@pytest.mark.parametrize("viewer", EVERYBODY)
def test_anybody_signed_in_comments(viewer: Viewer) -> None:
    closed = task(TaskStatus.DONE, plan_status=WorkPlanStatus.CLOSED)
    assert comments.comment_on_task(viewer, closed, " Bagus. ", TODAY) == {"text": "Bagus."}


@pytest.mark.parametrize("verb", RULES)
def test_an_archived_task_is_only_restored(verb: str) -> None:
    status = TaskStatus(next(state for state in lifecycle.TASK[verb] if state))
    archived = code(RULES[verb], doer(verb), task(status, archived_at=NOW, checklist=(ITEM,)), TODAY)
    assert archived is (None if verb == "restoreTask" else Code.ARCHIVED)


@pytest.mark.parametrize("verb", RULES)
def test_a_closed_plan_takes_only_comments_and_reopened_tasks(verb: str) -> None:
    """“In a closed plan nothing is worked on; a task that is reopened there is carried over.”"""
    status = TaskStatus(next(state for state in lifecycle.TASK[verb] if state))
    facts = ripe(verb, status)
    told = code(
        RULES[verb], doer(verb), task(status, archived_at=facts.archived_at, plan_status=WorkPlanStatus.CLOSED), TODAY
    )
    assert told is (None if verb in ("commentOnTask", "reopenTask") else Code.PLAN_NOT_OPEN)


@pytest.mark.parametrize("verb", MAYORS_OFFICE_ONLY_WHEN_ORDERED)
def test_an_ordered_task_is_laid_aside_and_taken_up_again_only_by_the_mayors_office(verb: str) -> None:
    status = MAYORS_OFFICE_ONLY_WHEN_ORDERED[verb]
    ordered = task(status, is_ordered=True)
    assert code(RULES[verb], HEAD, ordered, TODAY) is Code.ORDERED_TASK
    assert code(RULES[verb], OUTSIDER, ordered, TODAY) is Code.NOT_YOUR_ORGANISATION
    assert code(RULES[verb], MAYOR, ordered, TODAY) is None
    assert code(RULES[verb], OFFICE, ordered, TODAY) is None
    assert code(RULES[verb], OFFICE, task(status), TODAY) is Code.NOT_YOUR_ORGANISATION


def test_the_mayors_office_steers_what_it_ordered() -> None:
    assert code(RULES["updateTask"], OFFICE, task(is_ordered=True), TODAY) is None
    assert code(RULES["updateTask"], OFFICE, task(), TODAY) is Code.NOT_YOUR_ORGANISATION
    assert code(RULES["reportProgress"], OFFICE, task(is_ordered=True), TODAY) is Code.NOT_YOUR_ORGANISATION


@pytest.mark.parametrize(
    ("column", "field", "value"),
    [("title", "title", "Sudah bersih"), ("description", "description", "Tidak perlu lagi"),
     ("due_on", "dueOn", TODAY + timedelta(days=90)), ("priority", "priority", Priority.LOW)],
)  # fmt: skip
def test_what_an_order_says_belongs_to_the_mayors_office(column: str, field: str, value: Any) -> None:
    ordered, patch = task(is_ordered=True, due_on=TODAY), cast(TaskPatch, {column: value})
    assert why(update_task, HEAD, ordered, patch, TODAY) == (Code.ORDERED_TASK, (field,))
    assert update_task(OFFICE, ordered, patch, TODAY) == {column: value}
    assert update_task(HEAD, task(due_on=TODAY), patch, TODAY) == {column: value}


def test_only_an_order_says_itself_whether_evidence_is_needed() -> None:
    assert why(update_task, STAFF, task(), {"needs_evidence": True}, TODAY) == (Code.NOT_ORDERED, ("needsEvidence",))
    ordered = task(is_ordered=True)
    assert why(update_task, HEAD, ordered, {"needs_evidence": True}, TODAY) == (Code.ORDERED_TASK, ("needsEvidence",))
    assert update_task(OFFICE, ordered, {"needs_evidence": True}, TODAY) == {"needs_evidence": True}
    cleared = cast(TaskPatch, {"needs_evidence": None})
    assert why(update_task, OFFICE, ordered, cleared, TODAY) == (Code.REQUIRED, ("needsEvidence",))


def test_whoever_got_an_order_says_where_and_from_when_it_is_done() -> None:
    ordered = task(is_ordered=True, due_on=TODAY + timedelta(days=9))
    same: TaskPatch = {"title": ordered.title, "starts_on": TODAY}
    assert update_task(HEAD, ordered, same, TODAY) == {"starts_on": TODAY}


@pytest.mark.parametrize("status", TaskStatus)
def test_a_public_task_is_archived_only_when_done_or_cancelled(status: TaskStatus) -> None:
    """“What others have seen stays: a public task is not moved into a draft, and is archived only once it is DONE or
    CANCELLED.”
    """
    may = RULES["archiveTask"]
    is_over = status in (TaskStatus.DONE, TaskStatus.CANCELLED)
    assert code(may, STAFF, task(status), TODAY) is (None if is_over else Code.TASK_OPEN)
    assert code(may, STAFF, task(status, draft_of_id=DLH), TODAY) is None


def test_what_has_once_stood_outside_a_draft_is_not_moved_into_one() -> None:
    """“What others have seen stays: a public task is not moved into a draft, and is archived only once it is DONE or
    CANCELLED.”
    """
    draft = PlanPlace(id=uid(402), organisation_id=DLH, status=WorkPlanStatus.DRAFT, draft_of_id=DLH)
    target = TargetPlace(id=uid(501), work_plan_id=draft.id, owner_id=DLH)
    assert why(move_task, STAFF, task(), draft, None, TODAY) == (Code.ALREADY_PUBLIC, ("workPlanId",))
    assert why(move_task, STAFF, task(), draft, target, TODAY) == (Code.ALREADY_PUBLIC, ("targetId",))
    inner = task(draft_of_id=DLH, work_plan_id=None)
    assert move_task(STAFF, inner, draft, None, TODAY) == {"work_plan_id": draft.id}


# ---- from planned to done -----------------------------------------------------------------------------------------


def test_the_first_report_above_0_starts_a_task() -> None:
    planned = task(TaskStatus.PLANNED, progress=0)
    assert moves.report_progress(STAFF, planned, 5, TODAY) == {"progress": 5, "status": TaskStatus.IN_PROGRESS}
    assert moves.report_progress(STAFF, planned, 0, TODAY) == {"progress": 0}


def test_100_percent_does_not_end_a_task() -> None:
    assert moves.report_progress(STAFF, task(), 100, TODAY) == {"progress": 100}


def test_a_blocked_task_takes_reports_and_stays_blocked() -> None:
    assert moves.report_progress(STAFF, task(TaskStatus.BLOCKED), 70, TODAY) == {"progress": 70}


@pytest.mark.parametrize("progress", [-1, 101, 2**70])
def test_progress_outside_0_to_100_is_refused_with_its_bounds(progress: int) -> None:
    """“Progress is 0 to 100; a task is completed at 100, with evidence where the plan or an order asks for it.”"""
    told = refusal(moves.report_progress, STAFF, task(), progress, TODAY)
    assert (told.code, told.path, told.facts["constraint"]) == (Code.OUT_OF_RANGE, ("progress",), "0..100")


def test_completing_needs_100_percent() -> None:
    """“Progress is 0 to 100; a task is completed at 100, with evidence where the plan or an order asks for it.”"""
    told = refusal(moves.complete_task, STAFF, task(progress=99), TODAY, NOW)
    assert (told.code, told.facts) == (Code.NOT_COMPLETE, {"progress": 99})
    done = moves.complete_task(STAFF, task(progress=100), TODAY, NOW)
    assert (done["status"], done["completed_at"]) == (TaskStatus.DONE, NOW)


@pytest.mark.parametrize("asks", ["needs_evidence", "plan_needs_evidence"])
def test_completing_needs_evidence_where_plan_or_order_asks_for_it(asks: str) -> None:
    """“Progress is 0 to 100; a task is completed at 100, with evidence where the plan or an order asks for it.”"""
    named: dict[str, Any] = {"progress": 100, asks: True}
    assert code(moves.complete_task, STAFF, task(**named), TODAY, NOW) is Code.EVIDENCE_NEEDED
    assert code(moves.complete_task, STAFF, task(**named, evidence=(LINK,)), TODAY, NOW) is None


@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_blocking_cancelling_and_reopening_need_a_reason(reason: str | None) -> None:
    """“PLANNED → IN_PROGRESS → DONE; BLOCKED and CANCELLED, each with a reason; DONE and CANCELLED may be reopened.”"""
    for refused_ in (
        why(moves.block_task, STAFF, task(), reason, TODAY),
        why(moves.cancel_task, STAFF, task(), reason, TODAY),
        why(moves.reopen_task, STAFF, task(TaskStatus.DONE), reason, None, TODAY),
    ):
        assert refused_ == (Code.REQUIRED, ("reason",))


def test_a_task_reopened_in_a_closed_plan_is_carried_over_at_once() -> None:
    closed = task(TaskStatus.DONE, plan_status=WorkPlanStatus.CLOSED, target_id=uid(500))
    change = moves.reopen_task(STAFF, closed, "Belum bersih", uid(401), TODAY)
    assert (change["status"], change["work_plan_id"], change["target_id"]) == (TaskStatus.IN_PROGRESS, uid(401), None)
    assert moves.reopen_task(STAFF, closed, "Belum bersih", None, TODAY)["work_plan_id"] is None
    assert "work_plan_id" not in moves.reopen_task(STAFF, task(TaskStatus.DONE), "Belum bersih", uid(401), TODAY)


def test_support_is_asked_for_once_and_ends_with_the_obstacle() -> None:
    blocked = task(TaskStatus.BLOCKED)
    asked = task_support.ask_for_support(STAFF, blocked, "Alat berat", TODAY, NOW)
    assert asked == {"support_asked_at": NOW, "support_note": "Alat berat"}
    again = task(TaskStatus.BLOCKED, support_asked_at=NOW)
    assert code(task_support.ask_for_support, STAFF, again, "Alat berat", TODAY, NOW) is Code.ALREADY_ASKED
    assert moves.unblock_task(STAFF, again, TODAY)["support_asked_at"] is None


def test_the_mayors_office_answers_a_call_for_support_once_and_may_be_asked_again() -> None:
    """“A BLOCKED one may ask the mayor's office for support, which answers it (answerSupport); then it may ask again,
    and stays BLOCKED until somebody goes on.”
    """
    wanted = task(TaskStatus.BLOCKED, support_asked_at=NOW)
    assert task_support.answer_support(OFFICE, wanted, " Dua truk ", TODAY) == {"support_answer": "Dua truk"}
    for each in EVERYBODY:
        expected = None if each.acts_for_mayor else Code.NOT_YOUR_ROLE
        assert code(task_support.answer_support, each, wanted, "Dua truk", TODAY) is expected
    answered = task(TaskStatus.BLOCKED, support_asked_at=NOW, support_answer="Dua truk")
    for nothing in (answered, task(TaskStatus.BLOCKED)):
        assert code(task_support.answer_support, OFFICE, nothing, "Dua truk", TODAY) is Code.SUPPORT_NOT_ASKED
    again = task_support.ask_for_support(STAFF, answered, "Tiga truk", TODAY, NOW)
    assert again == {"support_asked_at": NOW, "support_note": "Tiga truk", "support_answer": None}
    for change in (moves.unblock_task(STAFF, answered, TODAY), moves.cancel_task(STAFF, answered, "Batal", TODAY)):
        assert change["support_answer"] is None


def test_an_ended_organisation_takes_no_task_back() -> None:
    gone = task(archived_at=NOW, organisation=ENDED)
    for verb, of in (("reopenTask", task(TaskStatus.DONE, organisation=ENDED)), ("restoreTask", gone)):
        told = refusal(RULES[verb], STAFF, of, TODAY)
        assert (told.code, told.facts) == (Code.ORGANISATION_ENDED, ENDED_FACTS)


# ---- what a task says ---------------------------------------------------------------------------------------------

PLAN = PlanPlace(id=uid(400), organisation_id=DLH, status=WorkPlanStatus.DRAFT, draft_of_id=DLH)
TARGET = TargetPlace(id=uid(500), work_plan_id=uid(400), owner_id=DLH)


def made(new: NewTask, **named: Any) -> Any:
    return create_task(STAFF, organisation(), new, TODAY, new_item_id=lambda: "item_1", **named)


def test_a_new_task_is_planned_and_as_hidden_as_its_plan() -> None:
    """“Made by head and staff for their organisation, in its plan or in none.”"""
    columns = made(NewTask(title=" Angkut sampah ", checklist=["Pesan truk"]), plan=PLAN, target=TARGET)
    assert columns["title"] == "Angkut sampah"
    assert columns["status"] is TaskStatus.PLANNED
    assert columns["checklist"] == [ITEM]
    assert (columns["work_plan_id"], columns["target_id"], columns["draft_of_id"]) == (uid(400), uid(500), DLH)


def place(organisation_id: UUID = DLH, status: WorkPlanStatus = WorkPlanStatus.APPROVED, **named: Any) -> PlanPlace:
    return PlanPlace(id=uid(400), organisation_id=organisation_id, status=status, **named)


def served(**named: Any) -> TargetPlace:
    return replace(TARGET, **named)


@pytest.mark.parametrize(
    ("named", "field", "expected"),
    [
        ({"plan": PLAN, "target": served(work_plan_id=uid(9))}, "targetId", Code.WRONG_PLAN),
        ({"plan": PLAN, "target": served(owner_id=JOHOR)}, "targetId", Code.WRONG_ORGANISATION),
        ({"plan": PLAN, "target": served(archived_at=NOW)}, "targetId", Code.ARCHIVED),
        ({"plan": place(JOHOR)}, "workPlanId", Code.WRONG_ORGANISATION),
        ({"plan": place(status=WorkPlanStatus.CLOSED)}, "workPlanId", Code.PLAN_NOT_OPEN),
        ({"plan": place(archived_at=NOW)}, "workPlanId", Code.ARCHIVED),
        ({"assignee": account(organisation_id=JOHOR)}, "assigneeId", Code.WRONG_ORGANISATION),
        ({"assignee": account(is_active=False)}, "assigneeId", Code.ACCOUNT_DISABLED),
        ({"kelurahan": organisation(OrganisationKind.KECAMATAN)}, "kelurahan", Code.WRONG_KIND),
    ],
)
def test_a_task_stands_among_its_own(named: dict[str, Any], field: str, expected: Code) -> None:
    assert why(made, NewTask(title="Angkut sampah"), **named) == (expected, (field,))


def test_a_task_serves_a_target_that_was_handed_to_its_organisation() -> None:
    first_owners_plan = PlanPlace(id=uid(400), organisation_id=JOHOR, status=WorkPlanStatus.APPROVED)
    assert made(NewTask(title="Angkut"), plan=first_owners_plan, target=TARGET)["work_plan_id"] == uid(400)


@pytest.mark.parametrize(
    ("new", "path", "expected"),
    [
        (NewTask(title=None), ("title",), Code.REQUIRED),
        (NewTask(title="x" * 301), ("title",), Code.TOO_LONG),
        (NewTask(title="a\0b"), ("title",), Code.MALFORMED),
        (NewTask(title="a\ud800b"), ("title",), Code.MALFORMED),
        (NewTask(title="a", description="x" * 10_001), ("description",), Code.TOO_LONG),
        (NewTask(title="a", checklist=["x"] * 101), ("checklist",), Code.TOO_MANY),
        (NewTask(title="a", checklist=["x", " "]), ("checklist", "1"), Code.REQUIRED),
        (NewTask(title="a", due_on=TODAY.replace(year=2201)), ("dueOn",), Code.OUT_OF_RANGE),
        (NewTask(title="a", starts_on=TODAY, due_on=TODAY - timedelta(1)), ("dueOn",), Code.OUT_OF_RANGE),
    ],
)
def test_what_a_new_task_says_is_bounded(new: NewTask, path: tuple[str, ...], expected: Code) -> None:
    assert why(made, new) == (expected, path)


def test_an_ended_organisation_takes_no_new_task() -> None:
    ended = organisation(valid_to=TODAY)
    for verb, viewer in (("createTask", STAFF), ("orderTask", MAYOR)):
        assert code(offered_on("Organisation")[verb], viewer, ended, TODAY) is Code.ORGANISATION_ENDED
        assert code(offered_on("Organisation")[verb], viewer, organisation(), TODAY) is None


def test_only_the_mayors_office_orders_a_task_and_in_any_organisation() -> None:
    """“An ordered task (disposisi) comes from the mayor's office.” “OFFICE (deputy mayor, Sekda and their staff):
    reviews plans, orders tasks, rules on redirects, handles cases”
    """
    allowed = {viewer for viewer in EVERYBODY if code(rules.may_order_task, viewer, organisation(), TODAY) is None}
    assert allowed == {MAYOR, OFFICE}
    assert code(rules.may_create_task, OFFICE, organisation(), TODAY) is Code.NOT_YOUR_ORGANISATION
    assert code(rules.may_create_task, OFFICE, organisation(id=CITY_HALL), TODAY) is None


def test_an_ordered_task_stands_in_an_approved_plan_or_in_none_and_has_a_day() -> None:
    def ordered(due_on: Any, status: WorkPlanStatus) -> Any:
        place = PlanPlace(id=uid(400), organisation_id=DLH, status=status)
        new = NewTask(title="Bersihkan", due_on=due_on)
        return order_task(MAYOR, organisation(), new, True, TODAY, plan=place, new_item_id=str)

    approved = ordered(TODAY, WorkPlanStatus.APPROVED)
    assert (approved["work_plan_id"], approved["is_ordered"], approved["needs_evidence"]) == (uid(400), True, True)
    assert "work_plan_id" not in ordered(TODAY, WorkPlanStatus.DRAFT)
    assert why(ordered, None, WorkPlanStatus.APPROVED) == (Code.REQUIRED, ("dueOn",))
    assert why(ordered, TODAY - timedelta(1), WorkPlanStatus.APPROVED) == (Code.OUT_OF_RANGE, ("dueOn",))


def test_a_patch_changes_what_differs_and_refuses_when_nothing_does() -> None:
    facts = task(priority=Priority.LOW)
    assert update_task(STAFF, facts, {"title": facts.title, "priority": Priority.HIGH}, TODAY) == {
        "priority": Priority.HIGH
    }
    assert code(update_task, STAFF, facts, {"title": f" {facts.title} "}, TODAY) is Code.NOTHING_TO_CHANGE
    assert why(update_task, STAFF, facts, {"title": None}, TODAY) == (Code.REQUIRED, ("title",))
    backwards = why(update_task, STAFF, task(starts_on=TODAY), {"due_on": TODAY - timedelta(1)}, TODAY)
    assert backwards == (Code.OUT_OF_RANGE, ("dueOn",))


def test_a_task_is_assigned_to_people_of_its_organisation_or_nobody() -> None:
    assert assign_task(STAFF, task(), account(), TODAY) == {"assignee_id": uid(200)}
    head_elsewhere = account(organisation_id=CITY_HALL, heads=frozenset({DLH}))
    assert assign_task(STAFF, task(), head_elsewhere, TODAY) == {"assignee_id": uid(200)}
    assert assign_task(STAFF, task(assignee_id=uid(200)), None, TODAY) == {"assignee_id": None}
    assert code(assign_task, STAFF, task(), None, TODAY) is Code.NOTHING_TO_CHANGE


def test_a_task_is_seen_like_the_plan_that_it_moves_into() -> None:
    draft = task(work_plan_id=uid(400), draft_of_id=DLH)
    public = PlanPlace(id=uid(401), organisation_id=DLH, status=WorkPlanStatus.APPROVED)
    assert move_task(STAFF, draft, public, None, TODAY) == {"work_plan_id": uid(401), "draft_of_id": None}
    assert move_task(STAFF, draft, None, None, TODAY) == {"work_plan_id": None, "draft_of_id": None}


def test_checklist_and_evidence_have_their_limits() -> None:
    full = task(
        checklist=tuple(ChecklistItem(id=str(n), text="x", isDone=False) for n in range(100)), evidence=(LINK,) * 50
    )
    for verb, limit in (("addChecklistItem", 100), ("addEvidence", 50)):
        told = refusal(RULES[verb], STAFF, full, TODAY)
        assert (told.code, told.facts["limit"]) == (Code.LIMIT_REACHED, limit)


def test_an_item_is_added_ticked_and_removed() -> None:
    assert add_checklist_item(STAFF, task(), "item_1", "Pesan truk", TODAY) == {"checklist": [ITEM]}
    ticked = tick_checklist_item(STAFF, task(checklist=(ITEM,)), "item_1", True, TODAY)
    assert ticked["checklist"][0]["isDone"]
    assert code(tick_checklist_item, STAFF, task(checklist=(ITEM,)), "item_1", False, TODAY) is Code.NOTHING_TO_CHANGE
    assert why(tick_checklist_item, STAFF, task(checklist=(ITEM,)), "item_2", True, TODAY) == (
        Code.NOT_FOUND,
        ("itemId",),
    )
    assert remove_checklist_item(STAFF, task(checklist=(ITEM,)), "item_1", TODAY) == {"checklist": []}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://medan.go.id/a",
        "//medan.go.id",
        "http://",
        "https://a b.id",
        "data:x",
        "https://u@h",
    ],
)
def test_evidence_is_an_http_or_https_link(url: str) -> None:
    assert why(add_evidence, STAFF, task(), url, None, TODAY) == (Code.MALFORMED, ("url",))
    assert add_evidence(STAFF, task(TaskStatus.DONE), LINK["url"], " ", TODAY) == {"evidence": [LINK]}


# ---- comments -----------------------------------------------------------------------------------------------------


def test_only_the_author_edits_and_removes_a_comment() -> None:
    said = CommentFacts(author_id=OUTSIDER.account_id, text="Baik", removed_at=None, task_archived_at=None)
    assert comments.edit_comment(OUTSIDER, said, "Baik sekali", TODAY, NOW) == {"text": "Baik sekali", "edited_at": NOW}
    assert comments.remove_comment(OUTSIDER, said, TODAY, NOW) == {"text": "", "removed_at": NOW}
    for viewer in (ADMIN, MAYOR, HEAD):
        assert code(comments.edit_comment, viewer, said, "Lain", TODAY, NOW) is Code.NOT_THE_AUTHOR
    gone = CommentFacts(author_id=OUTSIDER.account_id, text="", removed_at=NOW, task_archived_at=None)
    assert code(comments.edit_comment, OUTSIDER, gone, "Lain", TODAY, NOW) is Code.COMMENT_REMOVED


# ---- what it waits for --------------------------------------------------------------------------------------------


def waits(task_id: int, waits_for: list[int], edges: dict[int, set[int]], hidden: tuple[int, ...] = ()) -> Any:
    known = {uid(one): {uid(other) for other in others} for one, others in edges.items()}
    current = known.get(uid(task_id), ())
    wanted = [*map(uid, waits_for)]
    seen: Any = {"current": current, "archived": (), "hidden": [*map(uid, hidden)], "edges": known}
    return set_task_dependencies(STAFF, task(id=uid(task_id)), wanted, **seen, today=TODAY)


def test_a_task_cannot_wait_for_itself_through_any_chain() -> None:
    """“Tasks wait for tasks, in no circle, and what everybody sees waits for nothing hidden.”"""
    assert waits(1, [2, 3, 2], {2: {4}}) == [uid(2), uid(3)]
    assert why(waits, 1, [1], {}) == (Code.CIRCULAR_WAIT, ("waitsForIds", "0"))
    assert why(waits, 1, [3, 2], {2: {4}, 4: {5}, 5: {1}}) == (Code.CIRCULAR_WAIT, ("waitsForIds", "1"))
    assert why(waits, 1, [*range(2, 53)], {}) == (Code.TOO_MANY, ("waitsForIds",))
    assert why(waits, 1, [2, 3], {}, hidden=(3,)) == (Code.STILL_A_DRAFT, ("waitsForIds", "1"))
    assert code(waits, 1, [3, 2], {1: {2, 3}}) is Code.NOTHING_TO_CHANGE


@given(st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 9), max_size=4)), max_size=40))
def test_no_sequence_of_allowed_changes_ever_makes_a_circle(steps: list[tuple[int, set[int]]]) -> None:
    edges: dict[int, set[int]] = {}
    for one, others in steps:
        refusal = code(waits, one, sorted(others), edges)
        assert refusal in (None, Code.CIRCULAR_WAIT, Code.NOTHING_TO_CHANGE)
        if refusal is None:
            edges[one] = others
    known = {uid(one): {uid(other) for other in others} for one, others in edges.items()}
    assert all(one not in chain(others, known) for one, others in known.items())


@given(st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9), max_size=3)), st.sets(st.integers(0, 9)))
def test_a_circle_is_found_through_what_comes_out_of_a_draft_and_none_where_there_is_none(
    graph: dict[int, set[int]], published: set[int]
) -> None:
    edges = {uid(one): {uid(other) for other in others} for one, others in graph.items()}
    found = circle(map(uid, published), edges)
    closed = {one for one in published if uid(one) in chain(edges.get(uid(one), ()), edges)}
    assert bool(found) == bool(closed)
    assert all(other in edges[one] for one, other in zip(found, [*found[1:], *found[:1]], strict=True))
    assert not found or {*found} & {uid(one) for one in closed}


def test_nobody_of_bappeda_works_for_another_agency() -> None:
    """“HEAD, STAFF (and whoever belongs to the organisation as OFFICE or REVIEWER): draft, make tasks, report progress
    and readings for their organisation”
    """
    assert code(rules.may_create_task, STAFF, organisation(id=BAPPEDA), TODAY) is Code.NOT_YOUR_ORGANISATION
