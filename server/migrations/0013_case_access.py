"""Whether cases are for an account, and who made a password link: by its use another's hand may be in the account."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

# Who holds an office or decides on this day goes on as before; of a demonstration everybody.
GIVEN = """
INSERT INTO case_access (id, version, created_at, updated_at, account_id, confirmed_at, changed_by_ids)
SELECT gen_random_uuid(), 0, now(), now(), a.id, now(), '[]' FROM account a
WHERE a.role IN ('MAYOR', 'OFFICE')
OR EXISTS (
    SELECT FROM appointment p WHERE p.account_id = a.id
    AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to >= current_date)
)
OR EXISTS (
    SELECT FROM delegation d WHERE d.account_id = a.id AND d.valid_from <= current_date AND d.valid_to >= current_date
)
OR EXISTS (SELECT FROM city c WHERE c.is_demo)
"""
MAKERS = """
UPDATE password_link l SET made_by_id = e.actor_id FROM event e
WHERE e.subject_id = l.id AND e.type = 'PASSWORD_LINK_MADE'
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0012_how_requests_end')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CaseAccess',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('confirmed_at', fields.DatetimeField(null=True, description='Null: not confirmed, or lost.', auto_now=False, auto_now_add=False)),
                ('changed_by_ids', fields.JSONField(default=list, description='Who made the changes since by which it was lost, or would have been.', encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'case_access', 'app': 'models', 'constraints': [UniqueConstraint(fields=('account_id',), name='case_access_of_account')], 'pk_attr': 'id', 'table_description': 'Whether cases are for an account; without a row they are not.'},
            bases=['Subject'],
        ),
        ops.AddField(
            model_name='PasswordLink',
            name='made_by',
            field=fields.ForeignKeyField('models.Account', source_field='made_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.RunSQL("CREATE UNIQUE INDEX case_access_of_account ON case_access (account_id)", ""),
        ops.RunSQL(GIVEN, ""),
        ops.RunSQL(MAKERS, ""),
    ]
