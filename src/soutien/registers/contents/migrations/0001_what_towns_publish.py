"""What towns publish, its versions, and the index of its words."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.append_only import append_only
from soutien.registers.contents.full_text import drop_index, keep_index

WRITTEN_ONCE = {
    "contents_version": ("id", "content_id, number"),
    "contents_version_categories": ("id", "version_id, category_id"),
}


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IndexState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="contents_one_state"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("word", models.CharField(max_length=40)),
                ("written", models.CharField(max_length=40)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("language", "word"), name="contents_word_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Town",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(help_text="INSEE code, or FR", max_length=5, unique=True),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("welcome", models.CharField(blank=True, max_length=300)),
                (
                    "colour",
                    models.CharField(
                        blank=True, help_text="#1d5c63; ours when empty", max_length=7
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email", models.CharField(blank=True, max_length=120)),
                ("shows_national", models.BooleanField(default=True)),
                ("own_categories", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("colour", ""), ("colour__regex", "^#[0-9a-f]{6}$"), _connector="OR"
                        ),
                        name="contents_colour_written",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("language", models.CharField(default="fr", max_length=2)),
                ("slug", models.SlugField(max_length=120)),
                ("live_from", models.DateTimeField(null=True)),
                ("live_before", models.DateTimeField(null=True)),
                ("trashed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "says_the_same_as",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="in_other_languages",
                        to="contents.content",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contents",
                        to="contents.town",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=60)),
                ("name_en", models.CharField(blank=True, max_length=60)),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                (
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="categories",
                        to="contents.town",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("written_at", models.DateTimeField()),
                ("written_by", models.CharField(help_text="a role", max_length=20)),
                ("title", models.CharField(max_length=160)),
                ("summary", models.CharField(blank=True, max_length=400)),
                ("body", models.TextField(blank=True, help_text="Markdown")),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("place_name", models.CharField(blank=True, max_length=120)),
                ("address_line", models.CharField(blank=True, max_length=160)),
                ("postcode", models.CharField(blank=True, max_length=5)),
                ("place_town", models.CharField(blank=True, max_length=80)),
                ("hours", models.CharField(blank=True, max_length=300)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email", models.CharField(blank=True, max_length=120)),
                ("website", models.CharField(blank=True, max_length=200)),
                ("reviewed_on", models.DateField(null=True)),
                ("rule_ids", models.CharField(blank=True, max_length=120)),
                ("sources", models.TextField(blank=True)),
                ("categories", models.ManyToManyField(related_name="+", to="contents.category")),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="contents.content",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="content",
            name="live",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contents.version",
            ),
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "content",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="contents.content",
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("language", models.CharField(max_length=2)),
                ("live_from", models.DateTimeField()),
                ("live_before", models.DateTimeField(null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("place", models.CharField(blank=True, max_length=80)),
                ("title_words", models.PositiveSmallIntegerField()),
                ("title", models.TextField()),
                ("about", models.TextField()),
                ("body", models.TextField()),
                ("title_written", models.TextField()),
                ("body_written", models.TextField()),
                ("told", models.TextField()),
                (
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contents.town",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contents.version",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("slug", models.SlugField(max_length=120)),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contents.content",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contents.town",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("town", "language", "slug"), name="contents_former_address_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                fields=("town", "slug"), name="contents_category_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                fields=("content", "number"), name="contents_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__isnull", True),
                    ("ends_at__gt", models.F("starts_at")),
                    _connector="OR",
                ),
                name="contents_event_ends_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.UniqueConstraint(
                fields=("town", "language", "slug"), name="contents_address_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ("article", "page", "event", "place", "document")),
                    ("language__in", ("fr", "en")),
                    models.Q(
                        ("slug__in", ("couleurs", "flux", "recherche", "rubriques")),
                        _negated=True,
                    ),
                ),
                name="contents_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("live__isnull", True),
                        ("live_before__isnull", True),
                        ("live_from__isnull", True),
                    ),
                    models.Q(("live__isnull", False), ("live_from__isnull", False)),
                    _connector="OR",
                ),
                name="contents_live_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live_before__isnull", True),
                    ("live_before__gt", models.F("live_from")),
                    _connector="OR",
                ),
                name="contents_live_ends_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trashed_at__isnull", True), ("live__isnull", True), _connector="OR"
                ),
                name="contents_trash_is_not_read",
            ),
        ),
        append_only(WRITTEN_ONCE),
        migrations.RunPython(keep_index, drop_index),
    ]
