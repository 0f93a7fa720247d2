"""What ran out longer ago than a month was never told: the first sweep looks through everything once more."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The moment up to which everything had been looked at was true of a month only."""

    dependencies = [("models", "0014_old_rows_under_new_rules")]

    initial = False

    operations = [ops.RunSQL("DELETE FROM swept_until", reverse_sql="SELECT 1")]
