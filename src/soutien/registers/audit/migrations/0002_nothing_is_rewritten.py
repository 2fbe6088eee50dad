"""The trace is written once: the database refuses change and removal.

There is no switch: see docs/decisions/0009-append-only-tables.md.
"""

from django.db import migrations

from soutien.protections.append_only import append_only

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {
    "audit_entry": ("id",),
}


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_the_trace")]

    operations = [append_only(TABLES)]
