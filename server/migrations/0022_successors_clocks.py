from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0021_activity')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CollaborationRequest',
            name='clock_restarted_at',
            field=fields.DatetimeField(null=True, description='When a successor last got its time in full for a question, terms, a delivery, a dispute.', auto_now=False, auto_now_add=False),
        ),
    ]
