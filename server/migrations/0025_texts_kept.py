from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0024_hot_rows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TextsKept',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=60)),
                ('texts', fields.JSONField(description='What is kept: columns, and the table of words.', encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'texts_kept', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of a table: all its rows have what is kept of their texts; what no index finds is not looked for again.'},
            bases=['Row'],
        ),
    ]
