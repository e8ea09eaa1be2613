from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishers", "0011_restored_rows")]

    operations = [
        migrations.AddField(
            "delivery",
            "going_since",
            models.DateTimeField(
                help_text="when something of it was last asked, or noted, to be gone", null=True
            ),
        ),
    ]
