from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0002_what_tortoise_leaves_out')]

    initial = False

    operations = [
        ops.AddField(
            model_name='City',
            name='is_demo',
            field=fields.BooleanField(default=False, description='Holds the demo year, whose accounts have known passwords.', db_default=False),
        ),
    ]
