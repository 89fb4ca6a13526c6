from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_begin_now")]
    operations = [migrations.CreateModel(
        "CellCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("area", models.CharField(max_length=200)),
            ("day", models.DateField()),
            ("residents", models.PositiveIntegerField()),
            ("source", models.CharField(max_length=120)),
            ("example", models.BooleanField(default=False)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("area", "day"), name="matters_cellcount_one_a_day")]},
    )]
