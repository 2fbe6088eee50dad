"""On any day a person has one compulsory scheme and one complementary cover at most."""

from django.db import migrations

from soutien.protections.periods import Once, once_at_a_time


class Migration(migrations.Migration):
    dependencies = [("people", "0001_people_and_their_rights")]

    operations = [
        once_at_a_time(
            Once("people_affiliation_once", "people_affiliation", ("person_id",)),
            Once("people_cover_once", "people_cover", ("person_id",)),
        )
    ]
