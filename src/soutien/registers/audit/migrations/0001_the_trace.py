from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_role", models.CharField(max_length=20)),
                ("actor_account", models.BigIntegerField(blank=True, null=True)),
                ("event", models.CharField(help_text="register.object.verb", max_length=60)),
                ("object_kind", models.CharField(max_length=40)),
                ("object_id", models.CharField(max_length=40)),
                ("person_id", models.BigIntegerField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("result", models.CharField(default="done", max_length=20)),
            ],
            options={
                "indexes": [models.Index(fields=["person_id", "at"], name="audit_entry_person")],
            },
        ),
    ]
