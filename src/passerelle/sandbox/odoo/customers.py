"""Customers of the demo company: invented firms, e-mails at example.test, VAT numbers that pass their check."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from passerelle.sandbox.odoo.odoo import FakeOdoo

_TAGS = ("Professionnels", "Collectivités", "Revendeurs", "Public")
_CODES = {"Belgique": "BE", "Suisse": "CH", "Allemagne": "DE"}


def add_customers(odoo: FakeOdoo, *, count: int, rng: Random) -> None:
    """Firms with their contacts and delivery addresses; some without an e-mail, some sharing one, a few archived."""
    tags = {name: odoo.create("res.partner.category", {"name": name}).id for name in _TAGS}
    for index in range(1, count + 1):
        town = rng.choice(_people()["towns"])
        name, tag = _firm(rng, town=town)
        country = _CODES.get(town.get("country", ""), "FR")
        values: dict[str, Any] = {
            "ref": f"C{index:04d}", "is_company": True, "customer_rank": 1, "email": _email(name, index=index, rng=rng),
            "category_id": [(6, 0, [tags[tag]])], "phone": _landline(rng), "active": rng.random() > 0.05,
            "vat": vat_number(index) if country == "FR" else False, **_address(rng, town=town),
        }  # fmt: skip
        partner = odoo.add_partner(name, country_code=country, **values)
        _below(odoo, partner, index=index, country=country, rng=rng)


def _below(odoo: FakeOdoo, partner: int, *, index: int, country: str, rng: Random) -> None:
    people = _people()
    for _ in range(rng.choice((0, 1, 1, 2))):
        first, last = rng.choice(people["first_names"]), rng.choice(people["last_names"])
        email = f"{_slug(first)}.{_slug(last)}-{index}@example.test" if rng.random() < 0.8 else False
        odoo.add_partner(f"{first} {last}", country_code=country, parent_id=partner, type="contact", email=email)
    if rng.random() < 0.3:
        town = rng.choice([one for one in people["towns"] if "country" not in one])
        odoo.add_partner(f"Chantier {index}", parent_id=partner, type="delivery", **_address(rng, town=town))


def _firm(rng: Random, *, town: dict[str, str]) -> tuple[str, str]:
    """A name and the tag that goes with it."""
    people = _people()
    owner, kind = rng.choice(people["last_names"]), rng.random()
    if kind < 0.15 and "country" not in town:
        return f"{rng.choice(people['public_bodies'])} – {town['name']}", "Collectivités"
    if kind < 0.2:
        return f"Comptoir {owner}", "Revendeurs"
    if kind < 0.35:
        return f"{owner} {rng.choice(people['first_names'])}", "Public"
    firm = f"{rng.choice(people['forms'])} {rng.choice(people['trades'])} {owner}".strip()
    return firm + rng.choice(("", "", " & Fils", " Frères", "   ")), "Professionnels"


def _address(rng: Random, *, town: dict[str, str]) -> dict[str, Any]:
    return {
        "street": f"{rng.randrange(1, 180)} {rng.choice(_people()['streets'])}",
        "street2": rng.choice((False, False, "Bâtiment B", "ZA des Œillets")),
        "zip": town["postcode"],
        "city": town["name"],
    }


def _email(name: str, *, index: int, rng: Random) -> Any:
    draw = rng.random()
    if draw < 0.08:
        return False
    if draw < 0.14:
        return f"achats{index}@example.test; compta{index}@example.test" if draw < 0.11 else "groupement@example.test"
    return f"contact@{_slug(name)}-{index}.example.test"


def _slug(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe")).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in letters).split())[:40].rstrip("-")


def vat_number(index: int) -> str:
    """A French number with its key; no real firm has a SIREN that begins with 00."""
    digits = f"00{index:06d}"
    doubled = (int(one) * (2 if place % 2 == 0 else 1) for place, one in enumerate(reversed(digits)))
    siren = f"{digits}{-sum(one - 9 if one > 9 else one for one in doubled) % 10}"
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _landline(rng: Random) -> str:
    return f"+33 4 65 71 {rng.randrange(100):02d} {rng.randrange(100):02d}"


@cache
def _people() -> dict[str, Any]:
    return tomllib.loads((files("passerelle.sandbox.sage100") / "people.toml").read_text(encoding="utf-8"))
