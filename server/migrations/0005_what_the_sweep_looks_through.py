"""Indexes of the sweep's own; of requests and cases those alone of which a clock may run, which Tortoise cannot say."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0004_what_tortoise_leaves_out')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Appointment',
            index=Index(fields=['valid_to', 'id']),
        ),
        ops.AddIndex(
            model_name='Delegation',
            index=Index(fields=['valid_to', 'id']),
        ),
        ops.AddIndex(
            model_name='Escalation',
            index=Index(fields=['referred_to_id', 'filed_at', 'id']),
        ),
        ops.RunSQL(
            "CREATE INDEX collaboration_request_running ON collaboration_request (id)"
            " WHERE status IN ('OPEN', 'COUNTERED', 'ACCEPTED', 'DELIVERED')",
            "DROP INDEX collaboration_request_running",
        ),
        ops.RunSQL(
            "CREATE INDEX escalation_waiting ON escalation (id) WHERE status IN ('FILED', 'DECIDED')",
            "DROP INDEX escalation_waiting",
        ),
    ]
