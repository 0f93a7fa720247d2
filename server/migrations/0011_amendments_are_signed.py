"""Amendments are prepared before they are signed, handed-over targets are accepted, and the old value stays beside the new."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

BEFORE = """
UPDATE amendment a SET before = (
    SELECT coalesce(jsonb_object_agg(c.name, coalesce(
        (
            SELECT e.changes::jsonb -> c.name -> 0 FROM event e
            WHERE e.subject_id = t.id AND e.happened_at >= a.proposed_at AND e.changes::jsonb ? c.name
            ORDER BY e.subject_version LIMIT 1
        ),
        CASE c.name
            WHEN 'baseline' THEN to_jsonb(trim_scale(t.baseline)::text)
            WHEN 'target_value' THEN to_jsonb(trim_scale(t.target_value)::text)
            WHEN 'target_value_to' THEN to_jsonb(trim_scale(t.target_value_to)::text)
            ELSE to_jsonb(t) -> c.name
        END,
        'null'::jsonb
    )), '{}'::jsonb) FROM jsonb_object_keys(a.changes::jsonb) AS c(name)
) FROM target t WHERE t.id = a.target_id
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0010_what_another_city_changes')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='Amendment',
            name=None,
            fields=['target_id', 'proposed_at', 'id'],
        ),
        ops.RemoveConstraint(
            model_name='Amendment',
            name='amendment_open',
            fields=None,
        ),
        ops.AlterModelOptions(
            name='Amendment',
            options={'table': 'amendment', 'app': 'models', 'constraints': [UniqueConstraint(fields=('target_id',), name='amendment_open', condition="status IN ('PREPARED', 'PROPOSED', 'ACCEPTED')")], 'indexes': [Index(fields=['target_id', 'created_at', 'id']), Index(fields=['created_at', 'id']), Index(fields=['receiver_id'])], 'pk_attr': 'id', 'table_description': "A change of an approved plan's target, prepared, proposed, decided; every one is kept."},
        ),
        ops.AlterField(
            model_name='Amendment',
            name='proposed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Amendment',
            name='proposed_by',
            field=fields.ForeignKeyField('models.Account', source_field='proposed_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Amendment',
            name='accepted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Amendment',
            name='accepted_by',
            field=fields.ForeignKeyField('models.Account', source_field='accepted_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Amendment',
            name='before',
            field=fields.JSONField(null=True, default=dict, description='The same columns → their values when it was made.', encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Amendment',
            name='created_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Amendment',
            name='draft_of_id',
            field=fields.UUIDField(null=True, description="The target's owner until it is signed."),
        ),
        ops.AddField(
            model_name='Amendment',
            name='prepared_by',
            field=fields.ForeignKeyField('models.Account', source_field='prepared_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Amendment',
            name='receiver',
            field=fields.ForeignKeyField('models.Organisation', source_field='receiver_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Amendment',
            name='updated_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Amendment',
            name='version',
            field=fields.IntField(null=True, default=1),
        ),
        # By hand: what was proposed before was prepared with that, and has no event but its target's.
        ops.RunSQL(
            "UPDATE amendment SET version = 0, created_at = proposed_at, prepared_by_id = proposed_by_id,"
            " updated_at = coalesce(decided_at, proposed_at)",
            "",
        ),
        # By hand: the values that it would have changed are those that the next event which changed them found, the
        # target's own where none did.
        ops.RunSQL(BEFORE, ""),
        ops.AlterField(
            model_name='Amendment',
            name='before',
            field=fields.JSONField(default=dict, description='The same columns → their values when it was made.', encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AlterField(
            model_name='Amendment',
            name='created_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Amendment',
            name='prepared_by',
            field=fields.ForeignKeyField('models.Account', source_field='prepared_by_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AlterField(
            model_name='Amendment',
            name='updated_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Amendment',
            name='version',
            field=fields.IntField(default=1),
        ),
        ops.AddIndex(
            model_name='Amendment',
            index=Index(fields=['target_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Amendment',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Amendment',
            index=Index(fields=['receiver_id']),
        ),
        ops.AddConstraint(
            model_name='Amendment',
            constraint=UniqueConstraint(fields=('target_id',), name='amendment_open', condition="status IN ('PREPARED', 'PROPOSED', 'ACCEPTED')"),
        ),
    ]
