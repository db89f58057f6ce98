from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0002_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="undoes",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="sent",
            name="pin",
            field=models.BinaryField(null=True),
        ),
    ]
