"""Texts are compared and put in order by what the program keeps beside them, and searched for in tables of words.

What is kept of the rows that are there the program makes as it starts (actions/texts.py): no SQL folds as it does on
every PostgreSQL. That no text depends on the database's own collation is seen to after all migrations (database/migrate.py).
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.contrib.postgres.fields import TSVectorField
from tortoise import fields
from tortoise.indexes import Index

WORDS = ("account", "collaboration_request", "organisation", "target", "task", "work_plan")
# Sixteen parts: of a search that finds more than it looks at PostgreSQL reads the first parts only.
PARTS = 16
# The words last: what is read of each match lies in front of them, within reach of the row's beginning.
PARTED = f"""
DROP TABLE task_words;
CREATE TABLE task_words (
    id uuid PRIMARY KEY, due_on date, draft_of_id uuid, archived_at timestamptz, words tsvector NOT NULL
) PARTITION BY HASH (id);
{"".join(
    f"CREATE TABLE task_words_{part} PARTITION OF task_words FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part});"
    for part in range(PARTS)
)}
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0019_rulings_and_calendar')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccountWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
            ],
            options={'table': 'account_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of people: names and position titles, without stems.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='CollaborationRequestWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
            ],
            options={'table': 'collaboration_request_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of requests and offers.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='OrganisationWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
            ],
            options={'table': 'organisation_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of organisations.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='TargetWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
                ('due_on', fields.DateField()),
                ('draft_of_id', fields.UUIDField(null=True)),
                ('archived_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'target_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of targets.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='TaskWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
                ('due_on', fields.DateField(null=True)),
                ('draft_of_id', fields.UUIDField(null=True)),
                ('archived_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'task_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of tasks; in sixteen parts by their ids (migration 20): a search that finds more than it looks at reads some.'},
            bases=['Words'],
        ),
        ops.CreateModel(
            name='WorkPlanWords',
            fields=[
                ('id', fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ('words', TSVectorField(source_fields=(), stored=False)),
                ('year', fields.IntField()),
                ('draft_of_id', fields.UUIDField(null=True)),
                ('archived_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'work_plan_words', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Of work plans.'},
            bases=['Words'],
        ),
        ops.RemoveIndex(
            model_name='Account',
            name=None,
            fields=['name', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Account',
            name=None,
            fields=['organisation_id', 'name', 'id'],
        ),
        ops.AddField(
            model_name='Account',
            name='login_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Account',
            name='name_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Account',
            name='name_key',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Account',
            name='title_folded',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='Account', name='search'),
        ops.AddIndex(
            model_name='Account',
            index=Index(fields=['name_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Account',
            index=Index(fields=['organisation_id', 'name_key', 'id']),
        ),
        ops.AddField(
            model_name='CollaborationRequest',
            name='subject_folded',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='CollaborationRequest', name='search'),
        ops.AddField(
            model_name='Escalation',
            name='document_number_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='hearing_number_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='legal_basis_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='meeting_place_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='person_notice_number_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='signed_by_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Escalation',
            name='signed_by_office_folded',
            field=fields.TextField(null=True),
        ),
        ops.RemoveIndex(
            model_name='Organisation',
            name=None,
            fields=['name', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Organisation',
            name=None,
            fields=['short_name', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Organisation',
            name=None,
            fields=['kind', 'code', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Organisation',
            name=None,
            fields=['parent_id', 'code', 'id'],
        ),
        ops.AddField(
            model_name='Organisation',
            name='code_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Organisation',
            name='code_key',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Organisation',
            name='name_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Organisation',
            name='name_key',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Organisation',
            name='short_name_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Organisation',
            name='short_name_key',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='Organisation', name='search'),
        ops.AddIndex(
            model_name='Organisation',
            index=Index(fields=['code_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Organisation',
            index=Index(fields=['name_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Organisation',
            index=Index(fields=['short_name_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Organisation',
            index=Index(fields=['kind', 'code_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Organisation',
            index=Index(fields=['parent_id', 'code_key', 'id']),
        ),
        ops.RemoveIndex(
            model_name='Programme',
            name=None,
            fields=['name', 'id'],
        ),
        ops.AddField(
            model_name='Programme',
            name='code_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Programme',
            name='code_key',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Programme',
            name='name_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Programme',
            name='name_key',
            field=fields.TextField(null=True),
        ),
        ops.AddIndex(
            model_name='Programme',
            index=Index(fields=['code_key', 'id']),
        ),
        ops.AddIndex(
            model_name='Programme',
            index=Index(fields=['name_key', 'id']),
        ),
        ops.RemoveIndex(
            model_name='Target',
            name=None,
            fields=['indicator', 'id'],
        ),
        ops.AddField(
            model_name='Target',
            name='indicator_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Target',
            name='indicator_key',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Target',
            name='unit_folded',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='Target', name='search'),
        ops.AddIndex(
            model_name='Target',
            index=Index(fields=['indicator_key', 'id']),
        ),
        ops.RemoveIndex(
            model_name='Task',
            name=None,
            fields=['title', 'id'],
        ),
        ops.AddField(
            model_name='Task',
            name='external_id_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Task',
            name='title_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='Task',
            name='title_key',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='Task', name='search'),
        ops.AddIndex(
            model_name='Task',
            index=Index(fields=['title_key', 'id']),
        ),
        ops.RemoveIndex(
            model_name='WorkPlan',
            name=None,
            fields=['title', 'id'],
        ),
        ops.AddField(
            model_name='WorkPlan',
            name='title_folded',
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name='WorkPlan',
            name='title_key',
            field=fields.TextField(null=True),
        ),
        ops.RemoveField(model_name='WorkPlan', name='search'),
        ops.AddIndex(
            model_name='WorkPlan',
            index=Index(fields=['title_key', 'id']),
        ),
        # By hand.
        ops.RunSQL(PARTED, ""),
        *(
            ops.RunSQL(
                f"CREATE INDEX {table}_words_words ON {table}_words USING gin (words)", f"DROP INDEX {table}_words_words"
            )
            for table in WORDS
        ),
    ]
