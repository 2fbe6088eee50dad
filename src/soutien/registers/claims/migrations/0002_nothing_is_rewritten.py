"""Care sheets, claims and decisions are written once: the database refuses change and removal.

There is no switch: see docs/decisions/0009-append-only-tables.md.
"""

from django.db import migrations

from soutien.protections.append_only import append_only

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {
    "claims_caresheet": ("id", "public_id", "number", "care_session_id"),
    "claims_claim": ("id", "public_id", "reference", "care_sheet_id"),
    "claims_decision": ("id", "claim_id, sequence"),
}


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_care_sheets_claims_and_decisions")]

    operations = [append_only(TABLES)]
