"""A parent's paper may be seen too: whoever showed one may act for the child from an account."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("guardians", "0001_holders_links_and_signatures"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="holder",
            name="guardians_proof_was_there",
        ),
    ]
