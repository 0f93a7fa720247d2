"""The moment of the last sweep, for every process and for whoever reads the numbers."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0005_what_the_sweep_looks_through')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SweptUntil',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=60)),
                ('swept_at', fields.DatetimeField(description='By the clock of the rules.', auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(description="By the machine's, from which its age is counted.", auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'swept_until', 'app': 'models', 'pk_attr': 'id', 'table_description': 'One row: numbers that the clock changes count what had run out by this moment, whichever process looked.'},
            bases=['Row'],
        ),
    ]
