"""Why the shop refused something, in plain words. The vendor's own text, in the shop's language, goes to the detail."""

from __future__ import annotations

import re

from passerelle.connectors.prestashop.client import Refused

FIELDS = {
    "name": "name",
    "reference": "reference",
    "price": "price",
    "weight": "weight",
    "ean13": "barcode",
    "description": "description",
    "description_short": "summary",
    "meta_title": "meta title",
    "meta_description": "meta description",
    "link_rewrite": "address in the shop",
    "id_tax_rules_group": "tax rule",
    "id_manufacturer": "brand",
    "id_category_default": "default category",
    "id_parent": "parent category",
    "quantity": "quantity",
    "public_name": "name",
    "id_product": "product",
    "id_attribute_group": "option",
    "id_order": "order",
    "id_order_state": "status",
    "tracking_number": "tracking number",
}
MISSING, NOT_SAVED = 41, 46
# "Property Product->name is not valid", in any language, the arrow sometimes escaped; or: parameter "price" required.
_NAMED = re.compile(r"->(\w+)|-&gt;(\w+)|parameter \"(\w+)\"", re.IGNORECASE)


def why(refusal: Refused) -> str:
    """One short reason."""
    if refusal.gone:
        return "it no longer exists there"
    found = _NAMED.search(refusal.text)
    name = next((part for part in found.groups() if part), "") if found else ""
    what = FIELDS.get(name, name)
    if refusal.code == MISSING:
        return f"its {what or 'main data'} is missing"
    if what:
        return f"its {what} is not accepted"
    return "the shop could not save it" if refusal.code == NOT_SAVED else "the shop does not accept its data"
