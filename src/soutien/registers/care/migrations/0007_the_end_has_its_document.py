"""What is said at the end is a document of registers/writings; no release kept another one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("care", "0006_handed_over_item_by_item")]

    operations = [
        migrations.RunSQL(
            "DELETE FROM care_review WHERE kind = 'end'", migrations.RunSQL.noop, elidable=True
        ),
        migrations.RemoveConstraint(model_name="review", name="care_review_words"),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("mid_course",))), name="care_review_words"
            ),
        ),
    ]
