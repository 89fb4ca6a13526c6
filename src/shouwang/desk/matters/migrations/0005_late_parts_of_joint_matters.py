from typing import Any

from django.db import migrations, models
from django.db.models import F


def begin(apps: Any, schema_editor: Any) -> None:
    """Parts that stand already end when they were to be done."""
    apps.get_model("matters", "JointTask").objects.update(ends_at=F("due_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0004_split'),
    ]

    operations = [
        migrations.AddField(
            model_name='jointtask',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='jointtask',
            name='late_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='jointtask',
            name='told',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='jointtask',
            name='ends_at',
            field=models.DateTimeField(db_index=True),
        ),
    ]
