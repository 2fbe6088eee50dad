"""A letter is leased to one courier, becomes dispatches, and is parked when nothing helps."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


def name_letters(apps, schema_editor):
    letters = apps.get_model("outbox", "Letter")
    for letter in letters.objects.filter(public_id__isnull=True).iterator():
        letter.public_id = uuid.uuid4()
        letter.about = next((f"{key}:{value}" for key, value in letter.payload.items()), "")
        letter.save(update_fields=["public_id", "about"])


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_letters_to_deliver")]

    operations = [
        migrations.AddField("letter", "public_id", models.UUIDField(null=True, editable=False)),
        migrations.AddField(
            "letter",
            "about",
            models.CharField(blank=True, help_text="its first key: booking:12", max_length=60),
        ),
        migrations.AddField(
            "letter",
            "leased_by",
            models.UUIDField(blank=True, help_text="the courier who has it", null=True),
        ),
        migrations.AddField("letter", "leased_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "letter",
            "trouble",
            models.CharField(blank=True, help_text="why it is not delivered", max_length=120),
        ),
        migrations.AddField(
            "letter",
            "parked_at",
            models.DateTimeField(blank=True, help_text="no courier tries any more", null=True),
        ),
        migrations.RunPython(name_letters, migrations.RunPython.noop),
        migrations.AlterField(
            "letter",
            "public_id",
            models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddIndex(
            "letter",
            models.Index(
                condition=models.Q(("about", ""), _negated=True),
                fields=["about", "kind"],
                name="outbox_about",
            ),
        ),
        migrations.AddIndex(
            "letter",
            models.Index(
                condition=models.Q(("parked_at__isnull", False)),
                fields=["parked_at"],
                name="outbox_parked",
            ),
        ),
        migrations.AddConstraint(
            "letter",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leased_by__isnull", True), ("leased_until__isnull", True)),
                    models.Q(("leased_by__isnull", False), ("leased_until__isnull", False)),
                    _connector="OR",
                ),
                name="outbox_lease_whole",
            ),
        ),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=10)),
                (
                    "recipient",
                    models.CharField(help_text="person or psychologist", max_length=20),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("begun_times", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="outbox.letter",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("letter", "channel", "recipient"), name="outbox_dispatch_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LocalMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("channel", models.CharField(max_length=10)),
                ("sender", soutien.sealing.SealedTextField()),
                ("recipient", soutien.sealing.SealedTextField()),
                ("subject", soutien.sealing.SealedTextField(blank=True)),
                ("body", soutien.sealing.SealedTextField()),
                (
                    "attachment",
                    soutien.sealing.SealedTextField(blank=True, help_text="a calendar file"),
                ),
                ("arrived_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["arrived_at"], name="outbox_local_arrived")],
            },
        ),
    ]
