from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishers", "0010_lost_runs")]

    operations = [
        migrations.AddField(
            "delivery",
            "going_since",
            models.DateTimeField(
                help_text="when something of it was last asked, or noted, to be gone", null=True
            ),
        ),
    ]
