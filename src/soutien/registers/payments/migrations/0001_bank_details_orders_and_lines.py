"""Bank details, orders, payments and lines of the bank; what was ordered and said is written once."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.append_only import append_only

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {
    "payments_order": ("id", "public_id", "number"),
    "payments_orderact": ("id", "order_id, act"),
    "payments_payment": ("id", "number", "claim_id, account_id, payer, attempt"),
    "payments_bankline": ("id", "payer, fingerprint"),
}
NAME = "payments_release_two_people"
# Whoever releases an order is not whoever prepared it.
SAME = (
    "NEW.act = 'released' AND NEW.account = "
    "(SELECT prepared_by FROM payments_order WHERE id = NEW.order_id)"
)


def refuse(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            f"""
            CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {SAME} THEN
                    RAISE EXCEPTION '{NAME}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """,
            f"CREATE TRIGGER {NAME} BEFORE INSERT ON payments_orderact "
            f"FOR EACH ROW EXECUTE FUNCTION {NAME}()",
        ]
    else:
        statements = [
            f"CREATE TRIGGER {NAME} BEFORE INSERT ON payments_orderact WHEN {SAME} "
            f"BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def allow(_apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    on = " ON payments_orderact" if postgresql else ""
    schema_editor.execute(f"DROP TRIGGER {NAME}{on}")
    if postgresql:
        schema_editor.execute(f"DROP FUNCTION {NAME}()")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("claims", "0005_what_people_said_of_a_refusal"),
        ("ledger", "0001_accounts_and_entries"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="PayerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "payer",
                    models.CharField(help_text="fund:… or insurer:…", max_length=132, unique=True),
                ),
                ("name", models.CharField(max_length=70)),
                ("iban", soutien.sealing.SealedTextField()),
            ],
        ),
        migrations.CreateModel(
            name="BankDetail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "iban",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="without spaces; empty once forgotten"
                    ),
                ),
                ("holder_name", soutien.sealing.SealedTextField(blank=True)),
                (
                    "fund_code",
                    models.CharField(help_text="the fund whose agents confirm it", max_length=9),
                ),
                ("state", models.CharField(default="held", max_length=10)),
                ("given_at", models.DateTimeField()),
                (
                    "given_by",
                    models.BigIntegerField(
                        blank=True, help_text="the account that gave it", null=True
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.BigIntegerField(
                        blank=True, help_text="the account that confirmed or refused it", null=True
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "psychologist",
                    models.ForeignKey(
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
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "number",
                    models.CharField(help_text="as the bank is told", max_length=20, unique=True),
                ),
                ("payer", models.CharField(max_length=132)),
                ("cut_off_on", models.DateField(help_text="what was owed up to this day")),
                ("execution_on", models.DateField()),
                ("cents", models.PositiveBigIntegerField()),
                ("payments", models.PositiveIntegerField(help_text="how many")),
                ("prepared_at", models.DateTimeField()),
                ("prepared_by", models.BigIntegerField(help_text="the account that prepared it")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["payer", "prepared_at"], name="payments_order_payer")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cents__gt", 0), ("payments__gt", 0)),
                        name="payments_order_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(max_length=10)),
                ("done_at", models.DateTimeField()),
                (
                    "account",
                    models.BigIntegerField(
                        blank=True, help_text="who; None: the product", null=True
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="payments.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(help_text="EndToEndId", max_length=35, unique=True)),
                ("cents", models.PositiveBigIntegerField()),
                ("payer", models.CharField(max_length=132)),
                (
                    "attempt",
                    models.PositiveSmallIntegerField(
                        help_text="1, and one more after each return"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "bank_detail",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.bankdetail",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="payments.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("payer", models.CharField(max_length=132)),
                ("kind", models.CharField(max_length=12)),
                ("incoming", models.BooleanField(help_text="towards the payer")),
                ("cents", models.PositiveBigIntegerField()),
                ("booked_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="code of ISO 20022: AC04", max_length=4
                    ),
                ),
                ("read_at", models.DateTimeField()),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.payment",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bankdetail",
            index=models.Index(
                condition=models.Q(("state", "held")),
                fields=["fund_code", "given_at"],
                name="payments_bankdetail_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("psychologist__isnull", True)),
                    models.Q(("person__isnull", True), ("psychologist__isnull", False)),
                    _connector="OR",
                ),
                name="payments_bankdetail_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", True),
                        ("answered_by__isnull", True),
                        ("state", "held"),
                    ),
                    ("state", "replaced"),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("state__in", ["in_force", "refused", "closed"]),
                    ),
                    _connector="OR",
                ),
                name="payments_bankdetail_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", True),
                    ("given_by__isnull", True),
                    models.Q(("answered_by", models.F("given_by")), _negated=True),
                    _connector="OR",
                ),
                name="payments_bankdetail_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "held")),
                fields=("person",),
                name="payments_bankdetail_person_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_force")),
                fields=("person",),
                name="payments_bankdetail_person_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "held")),
                fields=("psychologist",),
                name="payments_bankdetail_psy_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankdetail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_force")),
                fields=("psychologist",),
                name="payments_bankdetail_psy_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderact",
            constraint=models.UniqueConstraint(
                fields=("order", "act"), name="payments_orderact_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("act__in", ["released", "withdrawn"])),
                fields=("order",),
                name="payments_orderact_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("act__in", ["withdrawn", "reconciled"]),
                    models.Q(("account__isnull", False), ("act", "released")),
                    _connector="OR",
                ),
                name="payments_orderact_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("cents__gt", 0)), name="payments_payment_cents"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=("claim", "account", "payer", "attempt"), name="payments_payment_once"
            ),
        ),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(fields=["payer", "kind"], name="payments_bankline_payer"),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(("cents__gt", 0)), name="payments_bankline_cents"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["paid", "returned", "rejected"]), ("payment__isnull", False)
                    ),
                    ("kind__in", ["recovered", "unexplained"]),
                    _connector="OR",
                ),
                name="payments_bankline_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.UniqueConstraint(
                fields=("payer", "fingerprint"), name="payments_bankline_once"
            ),
        ),
        append_only(TABLES),
        migrations.RunPython(refuse, allow),
    ]
