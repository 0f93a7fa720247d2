"""Who acts, by quarter, and receipts of hand-overs.

What the log holds already is counted as the sweep does from now on: of each account the quarter of its last act of which
everybody may know. It takes one reading of the log. Tiles of the map may have a centroid from now on: `city load` brings it.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0028_groups_and_days')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HandOverReceipt',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('from_account', fields.ForeignKeyField('models.Account', source_field='from_account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('to_account', fields.ForeignKeyField('models.Account', source_field='to_account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('handed_over_by', fields.ForeignKeyField('models.Account', source_field='handed_over_by_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'hand_over_receipt', 'app': 'models', 'indexes': [Index(fields=['created_at', 'id']), Index(fields=['organisation_id', 'created_at', 'id']), Index(fields=['from_account_id', 'created_at', 'id']), Index(fields=['to_account_id', 'created_at', 'id'])], 'pk_attr': 'id', 'table_description': 'Serah terima: all that one person kept in an organisation, passed to another at once.'},
            bases=['Subject'],
        ),
        ops.CreateModel(
            name='HandedOverMatter',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('receipt', fields.ForeignKeyField('models.HandOverReceipt', source_field='receipt_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('task', fields.ForeignKeyField('models.Task', source_field='task_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('target', fields.ForeignKeyField('models.Target', source_field='target_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'handed_over_matter', 'app': 'models', 'indexes': [Index(fields=['receipt_id'])], 'pk_attr': 'id', 'table_description': 'What stands on a receipt: a task or a target.'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='LastAct',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('quarter_on', fields.DateField(description='Its first day.')),
            ],
            options={'table': 'last_act', 'app': 'models', 'constraints': [UniqueConstraint(fields=('account_id',), name='last_act_of_account')], 'pk_attr': 'id', 'table_description': 'In which quarter an account last did something of which everybody may know. Bookkeeping, by the sweep.'},
            bases=['Row'],
        ),
        ops.RunSQL(
            "UPDATE city SET map = coalesce((SELECT jsonb_agg(e || '{\"latitude\": null, \"longitude\": null}' ORDER BY n)"
            " FROM jsonb_array_elements(map) WITH ORDINALITY x(e, n)), '[]')",
            "",
        ),
        ops.RunSQL("CREATE UNIQUE INDEX last_act_of_account ON last_act (account_id)", ""),
        ops.RunSQL(
            "INSERT INTO last_act (id, account_id, quarter_on)"
            " SELECT gen_random_uuid(), e.actor_id,"
            " date_trunc('quarter', max(e.recorded_at) AT TIME ZONE (SELECT c.time_zone FROM city c))::date"
            " FROM event e WHERE e.audience = 'EVERYONE' AND e.actor_id IS NOT NULL"
            " AND EXISTS (SELECT FROM city) GROUP BY e.actor_id",
            "",
        ),
    ]
