from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

KEY = "organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue"


class Migration(migrations.Migration):
    dependencies = [('models', '0006_when_the_sweep_looked')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TaskCount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('organisation_id', fields.UUIDField()),
                ('work_plan_id', fields.UUIDField(null=True)),
                ('target_id', fields.UUIDField(null=True)),
                ('status', fields.CharField(description='A member of TaskStatus.', max_length=40)),
                ('draft_of_id', fields.UUIDField(null=True)),
                ('due_year', fields.SmallIntField(null=True, description='The year of its due date.')),
                ('is_overdue', fields.BooleanField(description='As it was last recorded.')),
                ('n', fields.BigIntField(description='0 where there were some once.')),
            ],
            options={'table': 'task_count', 'app': 'models', 'constraints': [UniqueConstraint(fields=('organisation_id', 'work_plan_id', 'target_id', 'status', 'draft_of_id', 'due_year', 'is_overdue'), name='task_count_cell')], 'indexes': [Index(fields=['work_plan_id']), Index(fields=['target_id'])], 'pk_attr': 'id', 'table_description': "How many tasks are alike in these columns, which are the task's own; archived ones are not counted."},
            bases=['Row'],
        ),
        ops.AddField(
            model_name='Task',
            name='is_overdue',
            field=fields.BooleanField(default=False, description='Open and past its due date when last written or swept: counted.', db_default=False),
        ),
        # By hand: what CreateModel leaves out, and the numbers of what is there already.
        ops.RunSQL(
            f"CREATE UNIQUE INDEX task_count_cell ON task_count ({KEY}) NULLS NOT DISTINCT", "DROP INDEX task_count_cell"
        ),
        # Rows that are changed over and over stay on their page.
        ops.RunSQL("ALTER TABLE task_count SET (fillfactor = 50)", ""),
        ops.RunSQL(
            "UPDATE task SET is_overdue = true WHERE status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
            " AND due_on < (now() AT TIME ZONE coalesce((SELECT time_zone FROM city LIMIT 1), 'Asia/Jakarta'))::date",
            "",
        ),
        ops.RunSQL(
            f"INSERT INTO task_count (id, {KEY}, n) SELECT gen_random_uuid(), organisation_id, work_plan_id, target_id,"
            " status, draft_of_id, extract(year FROM due_on)::smallint, is_overdue, count(*) FROM task"
            " WHERE archived_at IS NULL GROUP BY 2, 3, 4, 5, 6, 7, 8",
            "",
        ),
        # An organisation's open tasks by due date, without those that are done: in most years the most.
        ops.RunSQL(
            "CREATE INDEX task_open ON task (organisation_id, due_on, id)"
            " WHERE archived_at IS NULL AND status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')",
            "DROP INDEX task_open",
        ),
        # The requests that wait, by whoever answers: the board's and every summary's.
        ops.RunSQL(
            "CREATE INDEX collaboration_request_waiting ON collaboration_request"
            " ((CASE kind WHEN 'NEED' THEN giver_id ELSE asker_id END)) WHERE status = 'OPEN'",
            "DROP INDEX collaboration_request_waiting",
        ),
    ]
