"""Whoever writes a town's pages without publishing them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_a_link_to_ones_own_file"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0011_the_paper_that_was_seen"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="accounts_role_known",
        ),
        migrations.AlterField(
            model_name="account",
            name="role",
            field=models.CharField(
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
                    ("town_author", "town author"),
                    ("analyst", "analyst"),
                    ("administrator", "administrator"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
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
                            "town_author",
                            "analyst",
                            "administrator",
                        ],
                    )
                ),
                name="accounts_role_known",
            ),
        ),
    ]
