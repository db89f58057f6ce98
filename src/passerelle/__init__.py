"""Passerelle keeps a shop and an ERP in step: plan first, send only what changed, lose nothing."""

__version__ = "0.1.0"
