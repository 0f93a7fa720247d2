"""Calls for support are answered; and old rows stand by the new rules.

Public tasks come out of drafts, and what was delegated by whoever holds the mayor's office no more has ended. Both are
told in the log, by nobody's hand. All else that stands otherwise under the new rules is the first sweep's.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

TODAY = "(now() AT TIME ZONE coalesce((SELECT time_zone FROM city LIMIT 1), 'Asia/Jakarta'))::date"
EVENT = (
    "INSERT INTO event (id, epoch, xid, sequence, type, subject_type, subject_id, subject_version, organisation_ids,"
    " happened_at, recorded_at, changes, facts, audience, audience_id)"
    " SELECT gen_random_uuid(), 1, pg_current_xact_id()::text::bigint, nextval('event_sequence'),"
)

# What has stood outside a draft was moved into one by an event that says so. Its plan and target are the draft's.
CAME_OUT = """
CREATE TEMPORARY TABLE came_out ON COMMIT DROP AS SELECT t.* FROM task t
WHERE t.draft_of_id IS NOT NULL AND EXISTS (
    SELECT FROM event e WHERE e.subject_id = t.id AND e.subject_version > 1
    AND e.changes::jsonb -> 'draft_of_id' -> 0 = 'null'
)
"""
# Where it stood is told to whom the draft is known, and then everybody that it is public.
LEFT = f"""
{EVENT} 'TASK_CARRIED_OVER', 'Task', id, version + 1, ARRAY[organisation_id], now(), now(), jsonb_strip_nulls(
    jsonb_build_object(
        'work_plan_id', jsonb_build_array(work_plan_id, NULL),
        'target_id', CASE WHEN target_id IS NOT NULL THEN jsonb_build_array(target_id, NULL) END
    )
), jsonb_build_object('label', title), 'ORGANISATION', draft_of_id FROM came_out
"""
PUBLIC = f"""
{EVENT} 'TASK_PUBLISHED', 'Task', id, version + 2, ARRAY[organisation_id], now(), now(),
    jsonb_build_object('draft_of_id', jsonb_build_array(draft_of_id, NULL)), jsonb_build_object('label', title),
    'EVERYONE', NULL FROM came_out
"""
MOVED = f"""
UPDATE task t SET work_plan_id = NULL, target_id = NULL, draft_of_id = NULL, version = t.version + 2,
    updated_at = now(),
    is_overdue = t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED') AND coalesce(t.due_on < {TODAY}, false)
FROM came_out c WHERE c.id = t.id
"""
KEY = "organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue"
UNCOUNTED = "DELETE FROM task_count WHERE organisation_id IN (SELECT organisation_id FROM came_out)"
COUNTED = f"""
INSERT INTO task_count (id, {KEY}, n) SELECT gen_random_uuid(), organisation_id, work_plan_id, target_id, status,
    draft_of_id, extract(year FROM due_on)::smallint, is_overdue, count(*) FROM task
WHERE archived_at IS NULL AND organisation_id IN (SELECT organisation_id FROM came_out) GROUP BY 2, 3, 4, 5, 6, 7, 8
"""

# Until yesterday it was in force: what was decided by it stands.
ENDED = f"""
CREATE TEMPORARY TABLE lost ON COMMIT DROP AS SELECT d.*, a.name, {TODAY} - 1 AS ended_on
FROM delegation d JOIN account a ON a.id = d.account_id
WHERE d.valid_to >= {TODAY} AND NOT EXISTS (
    SELECT FROM appointment p JOIN organisation o ON o.id = p.organisation_id
    WHERE o.kind = 'MAYORS_OFFICE' AND p.capacity = 'DEFINITIVE' AND p.account_id = d.delegated_by_id
    AND p.valid_from <= {TODAY} AND (p.valid_to IS NULL OR p.valid_to >= {TODAY})
)
"""
TOLD = f"""
{EVENT} 'DELEGATION_ENDED', 'Delegation', id, version + 1, '{{}}'::uuid[], now(), now(),
    jsonb_build_object('valid_to', jsonb_build_array(valid_to, ended_on)),
    jsonb_build_object('label', coalesce(decree_number, ''), 'account', name, 'on', ended_on), 'EVERYONE', NULL FROM lost
"""
CUT = """
UPDATE delegation d SET valid_to = l.ended_on, version = d.version + 1, updated_at = now() FROM lost l
WHERE l.id = d.id
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0013_case_access')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Task',
            name='support_answer',
            field=fields.TextField(null=True, description="What the mayor's office said to that.", unique=False),
        ),
        # What waits for the mayor's office, among all tasks.
        ops.RunSQL(
            "CREATE INDEX task_help_wanted ON task (support_asked_at, id)"
            " WHERE support_asked_at IS NOT NULL AND support_answer IS NULL",
            "DROP INDEX task_help_wanted",
        ),
        ops.RunSQL(
            "CREATE INDEX task_open_order ON task (due_on, id) WHERE is_ordered AND archived_at IS NULL"
            " AND status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')",
            "DROP INDEX task_open_order",
        ),
        *(ops.RunSQL(each, "") for each in (CAME_OUT, LEFT, PUBLIC, MOVED, UNCOUNTED, COUNTED)),
        *(ops.RunSQL(each, "") for each in (ENDED, TOLD, CUT)),
    ]
