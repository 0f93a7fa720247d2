from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0008_sign_ins_are_subjects')]

    initial = False

    operations = [
        ops.AddField(
            model_name='FollowUp',
            name='is_referral',
            field=fields.BooleanField(default=False, db_default=False, description='The work of the body to which the case went.'),
        ),
        ops.AddField(
            model_name='FollowUp',
            name='outcome',
            field=fields.TextField(null=True, description='What became of it.', unique=False),
        ),
    ]
