"""What figures rest on: from when a target counts, its formula, which reports are untold, when its year is told.

The kept figures themselves are counted anew by the program, as it starts, wherever `untold_due_on` is empty
(actions/recount.py): they take its rules.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0015_what_ran_out_long_ago')]

    initial = False

    operations = [
        ops.AddField(
            model_name='City',
            name='target_formula',
            field=fields.CharField(default='RATIO', description='A member of Formula.', db_default='RATIO', max_length=40),
        ),
        ops.AddField(
            model_name='Target',
            name='counts_from',
            field=fields.DateField(null=True, description='The day on which it began to count.'),
        ),
        ops.AddField(
            model_name='Target',
            name='formula',
            field=fields.CharField(default='RATIO', description='A member of Formula.', db_default='RATIO', max_length=40),
        ),
        ops.AddField(
            model_name='Target',
            name='grade_to_date',
            field=fields.CharField(null=True, description='A member of Grade.', max_length=40),
        ),
        ops.AddField(
            model_name='Target',
            name='realised_from',
            field=fields.DateField(null=True, description='From this day on it is realised.'),
        ),
        ops.AddField(
            model_name='Target',
            name='told_from',
            field=fields.DateField(null=True, description='From this day on its year is told.'),
        ),
        ops.AddField(
            model_name='Target',
            name='untold_due_on',
            field=fields.JSONField(default=list, description='By quarter: the last day of the report that is owed and untold.', db_default=SqlDefault("'[]'"), encoder=JSON_DUMPS, decoder=loads),
        ),
        # By hand: from the plan's approval, or that of the amendment by which it was added last.
        ops.RunSQL(
            "UPDATE target t SET counts_from = (coalesce("
            " (SELECT max(a.decided_at) FROM amendment a"
            " WHERE a.target_id = t.id AND a.kind = 'ADD' AND a.status = 'APPROVED'),"
            " w.approved_at) AT TIME ZONE coalesce((SELECT time_zone FROM city LIMIT 1), 'Asia/Jakarta'))::date"
            " FROM work_plan w WHERE w.id = t.work_plan_id AND NOT t.is_proposed",
            "",
        ),
    ]
