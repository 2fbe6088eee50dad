"""When somebody asked to be erased; what the law keeps stays until its term."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0006_people_who_are_forgotten")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="erasure_asked_at",
            field=models.DateTimeField(
                blank=True, help_text="only what must be kept is, from then on", null=True
            ),
        ),
    ]
