"""Which account an identity elsewhere opens, and what is held during a sign-in."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0003_who_may_be_the_same"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("provider", models.CharField(max_length=40)),
                ("issuer", models.CharField(max_length=200)),
                ("subject", soutien.sealing.SealedTextField()),
                ("subject_index", models.CharField(editable=False, max_length=64)),
                ("linked_how", models.CharField(max_length=12)),
                ("linked_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CertifiedTraits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("family_name", soutien.sealing.SealedTextField(help_text="at birth")),
                ("given_names", soutien.sealing.SealedJSONField(help_text="all, in order")),
                ("birth_date", soutien.sealing.SealedTextField(help_text="ISO day")),
                ("sex", soutien.sealing.SealedTextField(blank=True)),
                (
                    "birth_place",
                    soutien.sealing.SealedTextField(blank=True, help_text="INSEE code"),
                ),
                ("certified_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "identity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="traits",
                        to="identities.externalidentity",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Held",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key_index", models.CharField(editable=False, max_length=64, unique=True)),
                ("browser_index", models.CharField(editable=False, max_length=64)),
                ("kind", models.CharField(max_length=10)),
                ("content", soutien.sealing.SealedJSONField()),
                ("held_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["asked", "presented"])),
                        name="identities_held_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("held_at"))),
                        name="identities_held_ends",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(
                fields=("issuer", "subject_index"), name="identities_subject_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(
                fields=("account", "issuer"), name="identities_one_of_an_issuer"
            ),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("linked_how__in", ["exact", "by_hand", "opened", "rpps", "email"])
                ),
                name="identities_linked_how_known",
            ),
        ),
    ]
