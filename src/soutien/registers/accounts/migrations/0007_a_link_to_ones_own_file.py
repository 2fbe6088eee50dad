"""A link by which a young person opens the account of their own file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_for_whom_agents_work")]

    operations = [
        migrations.RemoveConstraint(model_name="maillink", name="accounts_link_kind"),
        migrations.AlterField(
            model_name="maillink",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sign_in", "sign in"),
                    ("join", "open an account"),
                    ("password", "choose a new password"),
                    ("email", "confirm a new address"),
                    ("recover", "say that every second factor is lost"),
                    ("own_space", "open the account of one's own file"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["sign_in", "join", "password", "email", "recover", "own_space"],
                    )
                ),
                name="accounts_link_kind",
            ),
        ),
    ]
