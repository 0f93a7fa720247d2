"""Tokens of service accounts; what of the API is to go is noted of each of them."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0026_one_name_everywhere')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Token',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('made_by', fields.ForeignKeyField('models.Account', source_field='made_by_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(max_length=200)),
                ('scopes', fields.JSONField(description='Members of TokenScope.', encoder=JSON_DUMPS, decoder=loads)),
                ('is_city_wide', fields.BooleanField(default=False)),
                ('networks', fields.JSONField(default=list, description='From which alone it counts; empty: from all.', encoder=JSON_DUMPS, decoder=loads)),
                ('locks_network', fields.BooleanField(default=False, description='Whether it counts from the network alone from which it is used first.')),
                ('secret_hash', fields.BinaryField(description='SHA-256 of its 256 random bits.')),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('last_used_at', fields.DatetimeField(null=True, description='To the minute.', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'token', 'app': 'models', 'indexes': [Index(fields=['account_id']), Index(fields=['expires_at', 'id'])], 'pk_attr': 'id', 'table_description': 'By which a program asks and acts as its service account; it is never changed but revoked.'},
            bases=['Subject'],
        ),
        # It was made as an index alone.
        ops.RunSQL(
            "DROP INDEX deprecated_use_once;"
            " ALTER TABLE deprecated_use ADD CONSTRAINT deprecated_use_once UNIQUE (account_id, coordinate)",
            "",
        ),
        ops.RemoveConstraint(
            model_name='DeprecatedUse',
            name='deprecated_use_once',
            fields=None,
        ),
        ops.AddField(
            model_name='DeprecatedUse',
            name='token',
            field=fields.ForeignKeyField('models.Token', source_field='token_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddConstraint(
            model_name='DeprecatedUse',
            constraint=UniqueConstraint(fields=('account_id', 'coordinate'), name='deprecated_use_once', condition='token_id IS NULL'),
        ),
        ops.AddConstraint(
            model_name='DeprecatedUse',
            constraint=UniqueConstraint(fields=('token_id', 'coordinate'), name='deprecated_use_of_token', condition='token_id IS NOT NULL'),
        ),
    ]
