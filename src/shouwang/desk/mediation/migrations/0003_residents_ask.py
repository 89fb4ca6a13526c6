from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0002_begin_now")]
    operations = [
        migrations.AddField("mediation", "follow", models.CharField(max_length=64, null=True, unique=True)),
        migrations.AddField("mediation", "rating", models.PositiveSmallIntegerField(null=True)),
        migrations.AddConstraint("mediation", models.CheckConstraint(
            condition=models.Q(("rating", None), models.Q(("rating__gte", 1), ("rating__lte", 5)), _connector="OR"),
            name="mediation_rating")),
    ]
