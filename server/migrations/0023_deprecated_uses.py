"""Who uses what of the API is to go."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0022_successors_clocks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeprecatedUse',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('coordinate', fields.CharField(description='Of the schema, such as Task.progress.', max_length=300)),
                ('last_used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'deprecated_use', 'app': 'models', 'constraints': [UniqueConstraint(fields=('account_id', 'coordinate'), name='deprecated_use_once')], 'indexes': [Index(fields=['last_used_at', 'id'])], 'pk_attr': 'id', 'table_description': 'When an account last used something deprecated, to the minute: its last use of a minute may go unrecorded.'},
            bases=['Row'],
        ),
        ops.RunSQL("CREATE UNIQUE INDEX deprecated_use_once ON deprecated_use (account_id, coordinate)", ""),
    ]
