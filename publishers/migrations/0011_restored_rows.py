from django.db import migrations, models
from django.db.models import Max


def mark_earlier_restore(apps, schema_editor):
    """Mark what a restore before this version doubted, as it told it: by the clocks."""
    for switch in apps.get_model("publishers", "MainSwitch").objects.exclude(restored_at=None):
        releases = apps.get_model("cms", "Release").objects.filter(signed_at__lt=switch.restored_at)
        attempts = apps.get_model("publishers", "Attempt").objects.filter(begun_at__lte=switch.restored_at)
        switch.restored_revision = releases.aggregate(newest=Max("revision_id"))["newest"] or 0
        switch.restored_attempt = attempts.aggregate(newest=Max("pk"))["newest"] or 0
        switch.save()


class Migration(migrations.Migration):
    dependencies = [("publishers", "0010_lost_runs")]

    operations = [
        migrations.AddField(
            "mainswitch",
            "restored_revision",
            models.PositiveBigIntegerField(default=0, help_text="the newest one in that backup"),
        ),
        migrations.AddField(
            "mainswitch",
            "restored_attempt",
            models.PositiveBigIntegerField(default=0, help_text="the newest one in that backup"),
        ),
        migrations.RunPython(mark_earlier_restore, migrations.RunPython.noop),
    ]
