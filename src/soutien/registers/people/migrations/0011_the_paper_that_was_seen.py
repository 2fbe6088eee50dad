"""A guardianship points to the paper that was sent, where one was."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guardians", "0003_papers_of_holders"),
        ("people", "0010_adults_whom_a_judge_protects"),
    ]

    operations = [
        migrations.AddField(
            model_name="guardianship",
            name="paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="guardians.paper",
            ),
        ),
    ]
