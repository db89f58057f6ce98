"""Logs for the people who run Passerelle: to stderr, never a secret, an address or an e-mail in them."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure() -> None:
    """The level is PASSERELLE_LOG (debug, info, warning, error; default warning)."""
    level = logging.getLevelNamesMapping().get(os.environ.get("PASSERELLE_LOG", "warning").upper(), logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the one of the moment: it may be replaced
        cache_logger_on_first_use=False,
    )
