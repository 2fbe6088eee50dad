import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0001_people_and_their_rights"),
        ("psychologists", "0001_psychologists_and_their_places"),
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
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("display_name", models.CharField(blank=True, max_length=120)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("anonymous", "anonymous"),
                            ("person", "person"),
                            ("guardian", "guardian"),
                            ("psychologist", "psychologist"),
                            ("replacement", "replacement"),
                            ("doctor", "doctor"),
                            ("fund_agent", "fund agent"),
                            ("fund_supervisor", "fund supervisor"),
                            ("insurer_agent", "insurer agent"),
                            ("town_editor", "town editor"),
                            ("analyst", "analyst"),
                            ("administrator", "administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("fund_code", models.CharField(blank=True, max_length=9)),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(default=False)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
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
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "anonymous",
                                    "person",
                                    "guardian",
                                    "psychologist",
                                    "replacement",
                                    "doctor",
                                    "fund_agent",
                                    "fund_supervisor",
                                    "insurer_agent",
                                    "town_editor",
                                    "analyst",
                                    "administrator",
                                ],
                            )
                        ),
                        name="accounts_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", True), ("psychologist__isnull", True)),
                            models.Q(("fund_code", ""), ("person__isnull", True)),
                            models.Q(("fund_code", ""), ("psychologist__isnull", True)),
                            _connector="OR",
                        ),
                        name="accounts_one_relation",
                    ),
                ],
            },
        ),
    ]
