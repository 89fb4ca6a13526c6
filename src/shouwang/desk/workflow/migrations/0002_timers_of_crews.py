"""Gives a centre that stands already the timers by which crews at a scene are asked whether they are well."""
from django.db import migrations

NAMED = ("id", "zh", "en", "flag_zh", "flag_en", "unit", "source")
ROWS = (
    {"id": "t_welfare", "zh": "现场平安问询", "en": "Crew at a scene asked whether it is well", "unit": "min",
     "by_severity": [20, 20, 30, 60], "flag_zh": "平安问询", "flag_en": "Crew to be asked", "source": "own"},
    {"id": "t_welfare_answer", "zh": "平安问询应答", "en": "Crew answers that it is well", "unit": "s", "value": 120,
     "flag_zh": "单元未应答", "flag_en": "Crew does not answer", "escalate_to": "dispatcher", "source": "own"},
)


def add(apps, schema_editor):
    timers = apps.get_model("workflow", "Timer").objects
    if not timers.exists():
        return  # an empty centre loads the default rules as they are shipped
    for row in ROWS:
        rule = {name: value for name, value in row.items() if name not in NAMED}
        timers.get_or_create(code=row["id"], defaults={
            **{name: row[name] for name in NAMED if name != "id"}, "rule": rule})


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
