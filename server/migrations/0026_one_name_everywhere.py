"""Days end in `_on`, periods are `valid_from` and `valid_to`, a request is called so, and has a title as a task has.

The log tells what changed by the columns' names, and of what by the models': both are renamed in it as well.
"""

from tortoise import fields, migrations
from tortoise.contrib.postgres.indexes import BrinIndex
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

# Model → old column → new one.
RENAMED = {
    "Request": {
        "subject": "title",
        "subject_folded": "title_folded",
        "detail": "description",
        "needed_by": "needed_on",
        "agreed_date": "agreed_due_on",
        "counter_needed_by": "counter_needed_on",
        "counters_refused": "counters_refused_count",
        "proposed_date": "new_due_on",
        "proposed_date_reason": "new_due_reason",
        "proposed_date_at": "new_due_proposed_at",
    },
    "Programme": {"active_from": "valid_from", "active_to": "valid_to"},
    "Comment": {"body": "text"},
    "Message": {"body": "text"},
}


def of_log(model: str, old: str, new: str) -> ops.RunSQL:
    """The column's name in what events of this model have changed."""

    def renaming(one: str, other: str) -> str:
        return (
            f"UPDATE event SET changes = (changes - '{one}') || jsonb_build_object('{other}', changes -> '{one}')"
            f" WHERE subject_type = '{model}' AND jsonb_exists(changes, '{one}')"
        )

    return ops.RunSQL(renaming(old, new), renaming(new, old))


def of_type(old: str, new: str) -> str:
    return f"UPDATE event SET subject_type = '{new}' WHERE subject_type = '{old}'"


class Migration(migrations.Migration):
    dependencies = [("models", "0025_texts_kept")]

    initial = False

    operations = [
        ops.RenameModel(old_name="CollaborationRequest", new_name="Request"),
        ops.RenameModel(old_name="CollaborationRequestWords", new_name="RequestWords"),
        ops.RunSQL(of_type("CollaborationRequest", "Request"), of_type("Request", "CollaborationRequest")),
        # Its name tells its columns, so it is made anew.
        ops.RemoveIndex(model_name="Request", name=None, fields=["needed_by", "id"]),
        *(
            ops.RenameField(model_name=model, old_name=old, new_name=new)
            for model, columns in RENAMED.items()
            for old, new in columns.items()
        ),
        *(of_log(model, old, new) for model in ("Request", "Programme") for old, new in RENAMED[model].items()),
        ops.AlterField(
            model_name="Request",
            name="kind",
            field=fields.CharField(description="A member of RequestKind.", max_length=40),
        ),
        ops.AlterField(
            model_name="Request",
            name="status",
            field=fields.CharField(default="OPEN", description="A member of RequestStatus.", max_length=40),
        ),
        ops.AddIndex(model_name="Request", index=Index(fields=["needed_on", "id"])),
        ops.AddIndex(model_name="Amendment", index=BrinIndex(fields=["updated_at"])),
    ]
