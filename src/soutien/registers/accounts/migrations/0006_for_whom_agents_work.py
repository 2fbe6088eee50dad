"""For which insurer or town the agent of an account works."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_recoveries"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="insurer_code",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="account",
            name="town_code",
            field=models.CharField(blank=True, max_length=5),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("insurer_code", ""), ("town_code", "")),
                    models.Q(
                        ("fund_code", ""),
                        ("person__isnull", True),
                        ("psychologist__isnull", True),
                        models.Q(("insurer_code", ""), ("town_code", ""), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="accounts_one_place_of_work",
            ),
        ),
    ]
