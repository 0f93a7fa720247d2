from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0017_the_person_of_a_case')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CollaborationRequest',
            name='stand_in',
            field=fields.ForeignKeyField('models.Account', source_field='stand_in_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='stand_ins',
            field=fields.JSONField(default=list, description='[{"accountId", "organisationId", "at"}].', db_default=SqlDefault("'[]'"), encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddIndex(
            model_name='CollaborationRequest',
            index=Index(fields=['stand_in_id']),
        ),
    ]
