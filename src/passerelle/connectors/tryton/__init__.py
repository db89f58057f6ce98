"""Tryton, over its JSON-RPC."""
