"""Columns that every change moves leave the indexes, so that PostgreSQL puts a row's next version beside its last one.

It takes no longer than reading these tables once: the new indexes hold two moments for each stretch of 128 pages.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import BrinIndex


class Migration(migrations.Migration):
    dependencies = [('models', '0023_deprecated_uses')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='CollaborationRequest',
            name=None,
            fields=['updated_at', 'id'],
        ),
        ops.AddIndex(
            model_name='CollaborationRequest',
            index=BrinIndex(fields=['updated_at']),
        ),
        ops.RemoveIndex(
            model_name='Escalation',
            name=None,
            fields=['updated_at', 'id'],
        ),
        ops.AddIndex(
            model_name='Escalation',
            index=BrinIndex(fields=['updated_at']),
        ),
        ops.RemoveIndex(
            model_name='Target',
            name=None,
            fields=['updated_at', 'id'],
        ),
        ops.AddIndex(
            model_name='Target',
            index=BrinIndex(fields=['updated_at']),
        ),
        ops.RemoveIndex(
            model_name='Task',
            name=None,
            fields=['progress', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Task',
            name=None,
            fields=['updated_at', 'id'],
        ),
        ops.AddIndex(
            model_name='Task',
            index=BrinIndex(fields=['updated_at']),
        ),
        ops.RemoveIndex(
            model_name='WorkPlan',
            name=None,
            fields=['updated_at', 'id'],
        ),
        ops.AddIndex(
            model_name='WorkPlan',
            index=BrinIndex(fields=['updated_at']),
        ),
        # By hand: room on its page for a task's next version, on pages that are written from now on.
        ops.RunSQL("ALTER TABLE task SET (fillfactor = 90)", "ALTER TABLE task RESET (fillfactor)"),
    ]
