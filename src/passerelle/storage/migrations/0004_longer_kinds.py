from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0003_undo"),
    ]

    operations = [
        migrations.AlterField(
            model_name="action",
            name="kind",
            field=models.CharField(max_length=24),
        ),
        migrations.AlterField(
            model_name="journal",
            name="kind",
            field=models.CharField(max_length=24),
        ),
    ]
