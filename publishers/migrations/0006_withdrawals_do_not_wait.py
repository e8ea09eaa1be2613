from django.db import migrations, models
from django.db.models.functions import Now


def come_to_a_run(apps, schema_editor):
    """Let withdrawals go on that waited with their account: the engine gives them to a person."""
    items = apps.get_model("publishers", "DeliveryItem").objects.filter(desired="gone")
    waiting = apps.get_model("publishers", "Delivery").objects.filter(phase="paused")
    waiting.filter(pk__in=items.values("delivery")).update(phase="sending", cause="", next_at=Now())


class Migration(migrations.Migration):

    dependencies = [
        ('publishers', '0005_signed_callbacks'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_waits_only_when_open',
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('next_at__isnull', True), ('phase__in', ['scheduled', 'sending', 'confirming', 'attention']), _connector='OR'), name='delivery_waits_only_when_open'),
        ),
        migrations.RunPython(come_to_a_run, migrations.RunPython.noop),
    ]
