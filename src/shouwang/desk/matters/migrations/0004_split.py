import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0003_cell_counts")]

    operations = [
        migrations.AddField(
            model_name="matter",
            name="whole",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="pieces",
                                    to="matters.matter"),
        ),
    ]
