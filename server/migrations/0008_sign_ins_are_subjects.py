"""What is done at the door has subjects of its own, and no login stands among the attempts."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0007_counters')]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name='PasswordLink',
            options={'table': 'password_link', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A one-time link, made by an administrator, with which a person sets a password; a subject as `SignIn` is.'},
        ),
        ops.AlterField(
            model_name='PasswordLink',
            name='used_at',
            field=fields.DatetimeField(null=True, description='When it was used, or ended unused.', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PasswordLink',
            name='updated_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PasswordLink',
            name='version',
            field=fields.IntField(null=True, default=1),
        ),
        # By hand: what was there before has no event of its own.
        ops.RunSQL("UPDATE password_link SET version = 0, updated_at = created_at", ""),
        ops.AlterField(
            model_name='PasswordLink',
            name='updated_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='PasswordLink',
            name='version',
            field=fields.IntField(default=1),
        ),
        ops.AlterField(
            model_name='SignIn',
            name='used_at',
            field=fields.DatetimeField(description='When a token was exchanged last, or the session slid.', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SignIn',
            name='retry_hash',
            field=fields.BinaryField(null=True, description='SHA-256 of the key under which the newest refresh token was asked for.'),
        ),
        ops.AddField(
            model_name='SignIn',
            name='updated_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SignIn',
            name='version',
            field=fields.IntField(null=True, default=1),
        ),
        # By hand: what was there before has no event of its own.
        ops.RunSQL("UPDATE sign_in SET version = 0, updated_at = created_at", ""),
        ops.AlterField(
            model_name='SignIn',
            name='updated_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='SignIn',
            name='version',
            field=fields.IntField(default=1),
        ),
        ops.AlterModelOptions(
            name='SignInAttempt',
            options={'table': 'sign_in_attempt', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Sign-ins that failed, or are being tried, in a window; what limits guessing (actions/sign_in_attempts.py).'},
        ),
        ops.AlterField(
            model_name='SignInAttempt',
            name='bucket',
            field=fields.CharField(unique=True, description='What is counted: its kind and a keyed hash.', max_length=200),
        ),
        # By hand: what was signed in before ends as well.
        ops.RunSQL("UPDATE sign_in SET expires_at = least(expires_at, created_at + interval '30 days')", ""),
        # By hand: nobody reads there any more who tried to sign in.
        ops.RunSQL(
            "UPDATE sign_in_attempt SET bucket = 'old:' || encode(sha256(convert_to(bucket, 'UTF8')), 'hex')", ""
        ),
    ]
