"""What another city changes: the cap of its averages, and its map."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0009_referrals_are_followed_up')]

    initial = False

    operations = [
        ops.AddField(
            model_name='City',
            name='achievement_cap',
            field=fields.IntField(default=110, description='Percent at which a capaian is capped in averages.', db_default=110),
        ),
        ops.AddField(
            model_name='City',
            name='map',
            field=fields.JSONField(default=list, description='Tiles of the kecamatan: [{"code", "column", "row"}].', db_default=SqlDefault("'[]'"), encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
