"""When nothing that says who somebody is was left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_grounds_are_sealed")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="forgotten_at",
            field=models.DateTimeField(
                blank=True, help_text="nothing says who it was from then on", null=True
            ),
        ),
    ]
