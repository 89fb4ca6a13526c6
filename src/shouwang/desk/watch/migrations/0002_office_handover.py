from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("watch", "0001_initial")]
    operations = [
        migrations.AddField("handover", "kind", models.CharField(default="desk", max_length=8)),
        migrations.RemoveConstraint("handover", "watch_handover_one_open"),
        migrations.AddConstraint("handover", models.UniqueConstraint(
            condition=Q(("state", "given")), fields=("kind", "area"), name="watch_handover_one_open")),
        migrations.AddConstraint("handover", models.CheckConstraint(
            condition=Q(("kind__in", ("desk", "office"))), name="watch_handover_kind")),
    ]
