"""A care sheet has a line for each session: what it said of its one session is its first line."""

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.append_only import append_only

TABLES = {"claims_sheetline": ("id", "care_sheet_id, position", "replaces_id")}


def copy(apps, schema_editor):
    """The same numbers as the sheets: references of claims were made of them."""
    schema_editor.execute(
        "INSERT INTO claims_sheetline "
        "(id, care_sheet_id, position, care_session_id, act_code, price_cents) "
        "SELECT id, id, 1, care_session_id, act_code, price_cents FROM claims_caresheet"
    )
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "SELECT setval(pg_get_serial_sequence('claims_sheetline', 'id'), "
            "(SELECT max(id) FROM claims_sheetline)) "
            "WHERE EXISTS (SELECT 1 FROM claims_sheetline)"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0006_handed_over_item_by_item"),
        ("claims", "0008_what_waits_for_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="SheetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("act_code", models.CharField(max_length=3)),
                ("price_cents", models.PositiveIntegerField()),
                (
                    "care_sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="claims.caresheet",
                    ),
                ),
                (
                    "care_session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.caresession",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="claims.sheetline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("care_sheet", "position"), name="claims_line_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("replaces__isnull", True)),
                        fields=("care_session",),
                        name="claims_line_of_a_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 8)),
                        name="claims_line_on_the_form",
                    ),
                ],
            },
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        append_only(TABLES),
    ]
