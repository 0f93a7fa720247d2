from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0020_texts_are_folded')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Comment',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=GinIndex(fields=['organisation_ids']),
        ),
        ops.AddIndex(
            model_name='Measurement',
            index=Index(fields=['recorded_at', 'id']),
        ),
    ]
