"""Accounts and entries: each entry balanced by its own row, and none is ever rewritten."""

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.append_only import append_only

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {
    "ledger_account": ("id", "person_id", "psychologist_id", "kind, payer"),
    "ledger_entry": ("id", "why, cause, line"),
}


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("claims", "0005_what_people_said_of_a_refusal"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("payer", models.CharField(blank=True, max_length=132, null=True)),
                (
                    "person",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "psychologist",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("why", models.CharField(max_length=14)),
                (
                    "cause",
                    models.PositiveBigIntegerField(
                        help_text="number of the row that it is posted for"
                    ),
                ),
                ("line", models.PositiveSmallIntegerField()),
                ("cents", models.PositiveBigIntegerField()),
                ("posted_on", models.DateField()),
                ("posted_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("kind", "payer"), name="ledger_account_one_a_payer"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "person"),
                        ("payer__isnull", True),
                        ("person__isnull", False),
                        ("psychologist__isnull", True),
                    ),
                    models.Q(
                        ("kind", "psychologist"),
                        ("payer__isnull", True),
                        ("person__isnull", True),
                        ("psychologist__isnull", False),
                    ),
                    models.Q(
                        models.Q(
                            models.Q(("kind", "fund"), ("payer__startswith", "fund:")),
                            models.Q(("kind", "insurer"), ("payer__startswith", "insurer:")),
                            models.Q(
                                ("kind__in", ("transit", "bank", "unexplained")),
                                ("payer__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        ("person__isnull", True),
                        ("psychologist__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="ledger_account_one_holder",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["debit", "posted_on", "cents"], name="ledger_entry_debit"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["credit", "posted_on", "cents"], name="ledger_entry_credit"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("why", "cause", "line"), name="ledger_entry_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("cents__gt", 0)), name="ledger_entry_cents"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit", models.F("credit")), _negated=True),
                name="ledger_entry_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "why__in",
                        [
                            "amc_corrected",
                            "amc_decided",
                            "corrected",
                            "decided",
                            "ordered",
                            "paid",
                            "received",
                            "recovered",
                            "rejected",
                            "returned",
                            "reversed",
                            "withdrawn",
                        ],
                    )
                ),
                name="ledger_entry_why",
            ),
        ),
        append_only(TABLES),
    ]
