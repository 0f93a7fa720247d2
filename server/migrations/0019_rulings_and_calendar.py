from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0018_both_sides')]

    initial = False

    operations = [
        ops.AddField(
            model_name='City',
            name='acting_months',
            field=fields.IntField(default=6, description='Months after which an acting appointment is overdue.', db_default=6),
        ),
        ops.AddField(
            model_name='City',
            name='complete_years',
            field=fields.JSONField(default=list, description='Whose calendar an administrator has said to be complete.', db_default=SqlDefault("'[]'"), encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='City',
            name='ruling_working_days',
            field=fields.IntField(default=3, description="Working days in which the mayor's office rules on a request.", db_default=3),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='ruling_days',
            field=fields.SmallIntField(default=3, description='Working days in which it is due.', db_default=3),
        ),
    ]
