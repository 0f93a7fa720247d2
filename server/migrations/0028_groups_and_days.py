"""How days ended is kept, for each organisation, each programme and the city; and an index from which tasks are grouped.

An index of five million tasks takes some ten seconds to make. No day of the past is filled: `kolaborasi keep-past-days`.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0027_service_accounts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StatusDay',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('counted_on', fields.DateField()),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('programme', fields.ForeignKeyField('models.Programme', source_field='programme_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('plan_count', fields.IntField()),
                ('approved_plan_count', fields.IntField()),
                ('target_count', fields.IntField()),
                ('realised_count', fields.IntField()),
                ('on_track_count', fields.IntField()),
                ('at_risk_count', fields.IntField()),
                ('off_track_count', fields.IntField()),
                ('not_started_count', fields.IntField()),
                ('not_reported_count', fields.IntField()),
                ('average_achievement', fields.DecimalField(null=True, max_digits=18, decimal_places=4)),
                ('average_achievement_left_out', fields.IntField()),
                ('average_achievement_to_date', fields.DecimalField(null=True, max_digits=18, decimal_places=4)),
                ('average_achievement_to_date_left_out', fields.IntField()),
                ('task_count', fields.IntField()),
                ('done_task_count', fields.IntField()),
                ('blocked_task_count', fields.IntField()),
                ('help_wanted_count', fields.IntField()),
                ('overdue_task_count', fields.IntField()),
                ('open_request_count', fields.IntField()),
                ('lapsed_request_count', fields.IntField()),
            ],
            options={'table': 'status_day', 'app': 'models', 'constraints': [UniqueConstraint(fields=('counted_on', 'organisation_id', 'programme_id'), name='status_day_once')], 'indexes': [Index(fields=['organisation_id', 'counted_on', 'id']), Index(fields=['programme_id', 'counted_on', 'id']), Index(fields=['counted_on', 'id'])], 'pk_attr': 'id', 'table_description': 'The counts of one organisation, of one programme, or (neither) of the city, as a day ended.'},
            bases=['Row'],
        ),
        # By hand: what CreateModel leaves out.
        ops.RunSQL(
            "CREATE UNIQUE INDEX status_day_once ON status_day (counted_on, organisation_id, programme_id) NULLS NOT DISTINCT",
            "DROP INDEX status_day_once",
        ),
        # All that groups of an organisation's tasks read, so that no task is looked at. Each of these columns stands in
        # an index already: a change of one of them writes this one as well, no other change does.
        ops.RunSQL(
            "CREATE INDEX task_groups ON task"
            " (organisation_id, status, priority, due_on, kelurahan_id, target_id, assignee_id)"
            " WHERE archived_at IS NULL AND draft_of_id IS NULL",
            "DROP INDEX task_groups",
        ),
    ]
