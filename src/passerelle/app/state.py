"""Opens Passerelle's own data: settings, migrations."""

from __future__ import annotations

import gc
import os

from passerelle.errors import StorageFull


def configure() -> None:
    """Set Django up; must come before anything that imports the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passerelle.app.settings")
    import django
    from django.apps import apps

    from passerelle.app.logs import configure as configure_logs

    configure_logs()
    if not apps.ready:
        django.setup()


def prepare() -> None:
    """Open the data of PASSERELLE_HOME and bring its tables up to date.

    Raises StorageFull when the folder cannot be written.
    """
    configure()
    from django.db import connection

    from passerelle.app.settings import database, home

    try:
        home().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(detail=type(error).__name__) from error
    if connection.settings_dict["NAME"] != database():  # the demo moves to a home of its own
        connection.close()
        connection.settings_dict["NAME"] = database()
    _migrate()
    gc.freeze()  # what is loaded by now stays as long as the process: no collection during a run need look at it


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from passerelle.storage.sql import guarded

    with guarded():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
