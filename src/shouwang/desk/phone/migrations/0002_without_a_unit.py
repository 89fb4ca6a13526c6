from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("phone", "0001_check_points"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dutynote",
            name="unit",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="visit",
            name="unit",
            field=models.UUIDField(null=True),
        ),
    ]
