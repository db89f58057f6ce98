"""The Django app that owns the tables."""

from __future__ import annotations

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """Tables and migrations of Passerelle."""

    name = "passerelle.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
