"""Sage 100 Gestion Commerciale, read from its SQL database."""
