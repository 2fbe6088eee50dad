"""What is sealed is bound to its row: a recovery code needs a name before the database gives one."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sessions_links_and_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="recoverycode",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
