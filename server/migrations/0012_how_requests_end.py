"""How requests end: delivered by the clock, late, disputed once or twice, ruled on in time; and who let them lapse."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0011_amendments_are_signed')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='CollaborationRequest',
            name='question_count',
            field=fields.SmallIntField(default=0, description='Asked by the present giver, also before.'),
        ),
        ops.AlterField(
            model_name='CollaborationRequest',
            name='redirects',
            field=fields.JSONField(default=list, description='What StoredRedirect in rules/collaboration_facts.py says, for each step.', encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='days_late',
            field=fields.SmallIntField(null=True, description='Days after the agreed date of its delivery, of several the most.'),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='deliver_due_at',
            field=fields.DatetimeField(null=True, description='When a commitment that is done in time counts as delivered.', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='dispute_count',
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='dispute_due_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='ruling_due_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        # By hand: what was disputed before was so once, as far as is known; how late it was delivered is.
        ops.RunSQL("UPDATE collaboration_request SET dispute_count = 1 WHERE disputed_at IS NOT NULL", ""),
        ops.RunSQL(
            "UPDATE collaboration_request r SET days_late = CASE"
            " WHEN (t.completed_at AT TIME ZONE z.time_zone)::date <= r.agreed_date THEN 0"
            " ELSE greatest(0, (r.delivered_at AT TIME ZONE z.time_zone)::date - r.agreed_date) END"
            " FROM task t, city z"
            " WHERE t.id = r.commitment_id AND r.delivered_at IS NOT NULL AND r.agreed_date IS NOT NULL",
            "",
        ),
        # A dispute has a clock now.
        ops.RunSQL("DROP INDEX collaboration_request_running", ""),
        ops.RunSQL(
            "CREATE INDEX collaboration_request_running ON collaboration_request (id)"
            " WHERE status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED', 'DISPUTED')",
            "",
        ),
        # Which requests an organisation let lapse before another was named.
        ops.RunSQL(
            "CREATE INDEX collaboration_request_redirects ON collaboration_request USING gin (redirects jsonb_path_ops)",
            "DROP INDEX collaboration_request_redirects",
        ),
    ]
