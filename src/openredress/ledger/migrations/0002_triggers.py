from django.db import migrations

from openredress.ledger import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, "ledger")


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, "ledger")


class Migration(migrations.Migration):

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
