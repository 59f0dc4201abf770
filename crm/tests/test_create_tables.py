"""The tables of a first start are made in one step of each app, which can be taken back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from campaigns.tables import CreateTables

APPS = ("campaigns", "leads", "prospects")


@pytest.mark.parametrize("app", APPS)
def test_the_first_migration_is_one_step(app):
    migration = MigrationLoader(None).graph.nodes[app, "0001_initial"]
    assert [type(step) for step in migration.operations] == [CreateTables]


@pytest.mark.django_db(transaction=True)
def test_the_tables_of_sales_can_be_taken_back_and_made_again():
    def tables() -> set[str]:
        return {name for name in connection.introspection.table_names() if name.startswith("prospects_")}

    before = tables()
    assert before
    try:
        call_command("migrate", "prospects", "zero", verbosity=0)
        assert tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == before
