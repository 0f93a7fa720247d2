"""The search column's index and the constraint that CreateModel declares but never makes (see 0002)."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0003_collaboration")]

    operations = [
        ops.RunSQL(
            "CREATE INDEX collaboration_request_search ON collaboration_request USING gin (search)",
            "DROP INDEX collaboration_request_search",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX escalation_open ON escalation (request_id)"
            " WHERE status IN ('FILED', 'REPLIED', 'REPLY_LAPSED', 'MEDIATION')",
            "DROP INDEX escalation_open",
        ),
    ]
