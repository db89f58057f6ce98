"""Opens Passerelle's own data: settings, migrations, stored profiles."""

from __future__ import annotations

import os

from passerelle.errors import StorageFull


def prepare() -> None:
    """Set Django up and bring the tables up to date. Raises StorageFull when the data folder cannot be written."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passerelle.app.settings")
    import django
    from django.apps import apps

    from passerelle.app.logs import configure
    from passerelle.app.settings import home

    configure()
    try:
        home().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(detail=type(error).__name__) from error
    if not apps.ready:
        django.setup()
    _migrate()


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from passerelle.storage.sql import guarded

    with guarded():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
