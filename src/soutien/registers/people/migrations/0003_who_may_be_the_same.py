"""Family name and day of birth as a keyed fingerprint, to find who may be the same person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_one_scheme_and_one_cover_at_a_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="likeness_index",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
    ]
