"""A session is told anew by one more row: the database refuses to change or remove one."""

from django.db import migrations

from soutien.protections.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("care", "0004_corrections_take_the_place")]

    operations = [append_only({"care_caresession": ("id", "public_id", "corrects_id")})]
