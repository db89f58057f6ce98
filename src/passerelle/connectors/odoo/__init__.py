"""Odoo, Community or Enterprise, through the API that every Odoo has."""
