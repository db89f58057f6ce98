"""Simulated shops and ERPs: small real servers that reproduce the traps of the real systems."""
