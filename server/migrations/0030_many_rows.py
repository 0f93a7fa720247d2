"""Targets and readings bear their ids in other systems too; a key tells what became of each row of many."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0029_owners')]

    initial = False

    operations = [
        ops.AddField(
            model_name='IdempotencyKey',
            name='rows',
            field=fields.JSONField(null=True, description='Of a verb on many rows: what became of each (schema/bulk.py).', encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Measurement',
            name='external_id',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='Measurement',
            name='external_id_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddConstraint(
            model_name='Measurement',
            constraint=UniqueConstraint(fields=('target_id', 'external_id'), name='measurement_external_id', condition='supersedes_id IS NULL'),
        ),
        ops.AddField(
            model_name='Target',
            name='external_id',
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name='Target',
            name='external_id_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddConstraint(
            model_name='Target',
            constraint=UniqueConstraint(fields=('owner_id', 'external_id'), name='target_external_id'),
        ),
    ]
