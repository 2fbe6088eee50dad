"""The address and the shown name of an account: sealed, and the address found by a blind index.

What is there is sealed on the way. The clear columns are emptied before they go, so that what a
database keeps of a former column says nothing.
"""

from typing import Any

from django.db import migrations, models

import soutien.sealing

PURPOSE = "accounts.account.email"


def _settle(schema_editor: Any) -> None:
    """PostgreSQL changes no table while foreign keys wait to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def seal_words(apps, schema_editor):
    accounts = apps.get_model("accounts", "Account").objects
    rows = accounts.values_list("pk", "public_id", "clear_email", "clear_name")
    for key, public_id, email, name in rows.iterator():
        accounts.filter(pk=key).update(
            email=soutien.sealing.ForRow(email, public_id),
            email_index=soutien.sealing.blind_index(email, PURPOSE),
            display_name=soutien.sealing.ForRow(name, public_id),
            clear_email="",
            clear_name="",
        )
    _settle(schema_editor)


def open_words(apps, schema_editor):
    accounts = apps.get_model("accounts", "Account").objects
    for key, email, name in accounts.values_list("pk", "email", "display_name").iterator():
        accounts.filter(pk=key).update(clear_email=email, clear_name=name)
    _settle(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_recovery_codes_have_a_name")]

    operations = [
        migrations.RenameField("account", "email", "clear_email"),
        migrations.RenameField("account", "display_name", "clear_name"),
        migrations.AlterField(
            "account", "clear_email", models.EmailField(max_length=254, default="")
        ),
        migrations.AlterField(
            "account", "clear_name", models.CharField(max_length=120, blank=True, default="")
        ),
        migrations.AddField("account", "email", soutien.sealing.SealedTextField(null=True)),
        migrations.AddField(
            "account", "email_index", models.CharField(max_length=64, null=True, editable=False)
        ),
        migrations.AddField("account", "display_name", soutien.sealing.SealedTextField(null=True)),
        migrations.RunPython(seal_words, open_words),
        migrations.AlterField(
            "account", "email", soutien.sealing.SealedTextField(help_text="in small letters")
        ),
        migrations.AlterField(
            "account",
            "email_index",
            models.CharField(editable=False, max_length=64, unique=True),
        ),
        migrations.AlterField(
            "account", "display_name", soutien.sealing.SealedTextField(blank=True)
        ),
        migrations.RemoveField("account", "clear_email"),
        migrations.RemoveField("account", "clear_name"),
    ]
