"""Notes that psychologists write for themselves, in versions."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0002_episodes_of_care"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(editable=False, unique=True)),
                ("about_on", models.DateField(help_text="the day that it tells of")),
                ("begun_at", models.DateTimeField()),
                (
                    "edits",
                    models.PositiveIntegerField(default=0, help_text="goes up with each writing"),
                ),
                ("window", models.UUIDField(help_text="the page that wrote it last")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoteVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("sequence", models.PositiveSmallIntegerField()),
                ("text", soutien.sealing.SealedTextField()),
                ("begun_at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
                (
                    "kept",
                    models.BooleanField(
                        default=False, help_text="saved by hand: never written over"
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="care.note",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["author", "person", "about_on"], name="care_note_author"),
        ),
        migrations.AddConstraint(
            model_name="noteversion",
            constraint=models.UniqueConstraint(
                fields=("note", "sequence"), name="care_note_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="noteversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("sequence__gte", 1)), name="care_note_version_counted"
            ),
        ),
    ]
