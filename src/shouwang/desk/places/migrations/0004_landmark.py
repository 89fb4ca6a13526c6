import shouwang.desk.log.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("places", "0003_learned_pace"),
    ]

    operations = [
        migrations.CreateModel(
            name="Landmark",
            fields=[
                ("zh", models.CharField(max_length=80)),
                ("en", models.CharField(max_length=80)),
                ("example", models.BooleanField(default=False)),
                ("id", models.UUIDField(default=shouwang.desk.log.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=24, unique=True)),
                ("kind", models.CharField(max_length=16)),
                ("others", models.CharField(blank=True, max_length=200)),
                ("area", models.CharField(db_index=True, max_length=200)),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("active", models.BooleanField(default=True)),
            ],
            options={"abstract": False},
        ),
    ]
