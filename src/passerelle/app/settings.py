"""Django's settings: the database and nothing of the web yet."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

INSTALLED_APPS = ["passerelle.storage.apps.StorageConfig"]
USE_TZ = True
TIME_ZONE = "UTC"
SECRET_KEY = "unused: nothing is signed"  # no web yet
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def home() -> Path:
    """The folder of Passerelle's own data: PASSERELLE_HOME, else the platform's data folder."""
    given = os.environ.get("PASSERELLE_HOME")
    return Path(given) if given else Path(platformdirs.user_data_dir("passerelle", appauthor=False))


def database() -> str:
    """The file of Passerelle's own data."""
    return str(home() / "passerelle.sqlite3")


DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": database(),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # FULL: what is journalled as intended must survive a power cut, or a create could be made twice
            # cache_size: 32 MB; runs look records up by the thousand, in the ERP's order and not in that of our keys
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32768;"
            ),
        },
        "ATOMIC_REQUESTS": False,
    }
}
