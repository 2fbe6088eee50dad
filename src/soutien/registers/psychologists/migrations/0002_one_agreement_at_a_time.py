"""On any day a psychologist has one agreement at most."""

from django.db import migrations

from soutien.protections.periods import Once, once_at_a_time


class Migration(migrations.Migration):
    dependencies = [("psychologists", "0001_psychologists_and_their_places")]

    operations = [
        once_at_a_time(
            Once("psychologists_agreement_once", "psychologists_agreement", ("psychologist_id",)),
        )
    ]
