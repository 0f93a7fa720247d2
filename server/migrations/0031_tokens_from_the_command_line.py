"""A token may be made on the server's command line, by nobody's account."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0030_many_rows')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='Token',
            name='made_by',
            field=fields.ForeignKeyField('models.Account', source_field='made_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
    ]
