"""Indexes for what lists have learned, and words of cases and programmes: those of old rows are made at the start."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.fields import TSVectorField
from tortoise.contrib.postgres.indexes import GinIndex
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0020_texts_are_folded')]

    initial = False

    operations = [
        ops.CreateModel(
            name='EscalationWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
                ('filer_id', fields.UUIDField()),
                ('respondent_id', fields.UUIDField()),
                ('person_id', fields.UUIDField(null=True)),
                ('referred_to_id', fields.UUIDField(null=True)),
                ('filed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'escalation_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of cases, with all by which they are hidden.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='ProgrammeWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
            ],
            options={'table': 'programme_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of programmes.'},
            bases=['Words'],
        ),
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
        # By hand.
        *(
            ops.RunSQL(
                f"CREATE INDEX {table}_words_words ON {table}_words USING gin (words)", f"DROP INDEX {table}_words_words"
            )
            for table in ("escalation", "programme")
        ),
    ]
