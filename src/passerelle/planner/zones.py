"""Which VAT zone an order is delivered to, and the ERP's accounting category that this calls for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from passerelle.domain.parties import Address

Zone = Literal["france", "eu", "world"]

# Monaco counts as France, article 7 of directive 2006/112/EC. Greece is GR, as ISO writes it.
_FRANCE = frozenset({"FR", "MC"})
_EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
# Outside the VAT territory though the country is inside, article 6 of the same directive; goods sent there are exports.
# Overseas France (also article 294 of the French tax code): shops write it as GP, MQ, GF, RE, YT and so on, which are
# in neither list above, or as FR with its postcode; 980 is Monaco. Spain: the Canaries, Ceuta, Melilla.
_OUTSIDE = {"FR": ("97", "98"), "ES": ("35", "38", "51", "52")}
_INSIDE = {"FR": ("980",)}


def zone_of(address: Address) -> Zone:
    """The VAT zone of a delivery address: france, eu or world."""
    country, postcode = address.country.upper(), address.postcode.replace(" ", "")
    if postcode.startswith(_OUTSIDE.get(country, ())) and not postcode.startswith(_INSIDE.get(country, ())):
        return "world"
    if country in _FRANCE:
        return "france"
    return "eu" if country in _EU else "world"


def category_key(zone: Zone, *, vat_number: bool, exempt: bool) -> str:
    """How the options name this case: `eu.vat.exempt`."""
    return zone + (".vat" if vat_number else "") + (".exempt" if exempt else "")


def category_of(categories: Mapping[str, str], *, zone: Zone, vat_number: bool, exempt: bool) -> str | None:
    """The accounting category of a case, None where the options have none.

    A buyer with a VAT number falls back on the row without it; an order without VAT never falls back on a row with.
    """
    exact = categories.get(category_key(zone, vat_number=vat_number, exempt=exempt))
    return exact or categories.get(category_key(zone, vat_number=False, exempt=exempt))
