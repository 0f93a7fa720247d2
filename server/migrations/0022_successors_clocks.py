from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

# Where migration 17 was applied before a person's case access was kept for each case: one row let them into all of theirs.
EACH_CASE = """
DROP INDEX IF EXISTS case_access_of_person;
CREATE UNIQUE INDEX case_access_of_person ON case_access (account_id, escalation_id) WHERE escalation_id IS NOT NULL;
INSERT INTO case_access
    (id, version, created_at, updated_at, account_id, escalation_id, confirmed_at, changed_by_ids, held)
SELECT gen_random_uuid(), 0, c.created_at, c.updated_at, c.account_id, e.id, c.confirmed_at, c.changed_by_ids, c.held
FROM case_access c JOIN escalation e ON e.person_id = c.account_id
WHERE c.escalation_id IS NOT NULL
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0021_activity')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CollaborationRequest',
            name='clock_restarted_at',
            field=fields.DatetimeField(null=True, description='When a successor last got its time in full for a question, terms, a delivery, a dispute.', auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(EACH_CASE, ""),
    ]
