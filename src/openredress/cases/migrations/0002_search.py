"""The search index: FTS5 without content on SQLite; a tsvector with GIN on PostgreSQL."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = {
    # ascii: our tokens come apart at spaces and nowhere else; bytes over 127 are letters to it.
    "sqlite": [
        "CREATE VIRTUAL TABLE cases_searchindex USING fts5("
        "tokens, content='', columnsize=0, prefix='1', tokenize='ascii')",
    ],
    "postgresql": [
        "ALTER TABLE cases_searchtext ADD COLUMN tokens tsvector",
        # A long list of pending entries is read whole by each search, and the planner then prefers the table.
        "CREATE INDEX search_tokens ON cases_searchtext USING gin (tokens) WITH (gin_pending_list_limit = 128)",
    ],
}
BACKWARD = {
    "sqlite": ["DROP TABLE cases_searchindex"],
    "postgresql": ["DROP INDEX search_tokens", "ALTER TABLE cases_searchtext DROP COLUMN tokens"],
}


def make(apps, schema_editor):
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in BACKWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("text", models.TextField()),
                ("version", models.SmallIntegerField()),
            ],
        ),
        migrations.RunPython(make, drop),
    ]
