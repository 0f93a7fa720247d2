"""The event log's sequence, indexes over expressions and search columns, and the constraints that CreateModel declares but never makes."""

from tortoise import migrations
from tortoise.migrations import operations as ops

SEARCHED = ("account", "organisation", "target", "task", "work_plan")
UNIQUE = {
    "amendment_open": "amendment (target_id) WHERE status = 'PROPOSED'",
    "idempotency_key_once": "idempotency_key (account_id, verb, key)",
    "task_dependency_once": "task_dependency (task_id, waits_for_id)",
    "task_external_id": "task (organisation_id, external_id)",
    "work_plan_year": "work_plan (organisation_id, year) WHERE archived_at IS NULL",
}


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [
        ops.RunSQL("CREATE SEQUENCE event_sequence AS bigint OWNED BY event.sequence", "DROP SEQUENCE event_sequence"),
        *(
            ops.RunSQL(f"CREATE INDEX {table}_search ON {table} USING gin (search)", f"DROP INDEX {table}_search")
            for table in SEARCHED
        ),
        # The text of query/compile/orders.py's rank: lists by priority follow its ranks, not its letters.
        ops.RunSQL(
            "CREATE INDEX task_priority ON task (organisation_id,"
            " array_position(ARRAY['LOW', 'NORMAL', 'HIGH', 'URGENT']::text[], priority::text), id)",
            "DROP INDEX task_priority",
        ),
        *(ops.RunSQL(f"CREATE UNIQUE INDEX {name} ON {what}", f"DROP INDEX {name}") for name, what in UNIQUE.items()),
    ]
