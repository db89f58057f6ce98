"""Customers and suppliers: invented firms, e-mails at example.test, numbers of the ranges kept for fiction."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from .parameters import EUROPE, EXPORT, FRANCE, PROFESSIONAL, PUBLIC, PUBLIC_BODY, RESELLER
from .rows import BulkInsert, Row, created_and_changed, day, moment

SUPPLIERS = 12


@dataclass(frozen=True, slots=True)
class Customer:
    code: str
    tariff: int
    tax_category: int
    active: bool


def add_customers(bulk: BulkInsert, *, count: int, rng: Random) -> list[Customer]:
    return [_add_customer(bulk, index, rng=rng) for index in range(1, count + 1)]


def add_suppliers(bulk: BulkInsert, *, rng: Random) -> None:
    for index in range(1, SUPPLIERS + 1):
        name = f"Manufacture {rng.choice(_people()['last_names'])} {index}"
        row: Row = {"CT_Num": f"F{index:04d}", "CT_Intitule": name, "CT_Type": 1, "CG_NumPrinc": "401000"}
        row |= _address(rng, town=_town(rng), prefix="CT") | {"CT_EMail": f"commande@fournisseur{index}.example.test"}
        bulk.add("F_COMPTET", row | created_and_changed(rng))


def _add_customer(bulk: BulkInsert, index: int, *, rng: Random) -> Customer:
    town = _town(rng)
    code, name, tariff = f"C{index:04d}", *_firm(rng, town=town)
    address = _address(rng, town=town, prefix="CT")
    customer = Customer(code, tariff, tax_category=_tax_category(str(address["CT_Pays"])), active=rng.random() > 0.05)
    row: Row = {"CT_Num": code, "CT_Intitule": name, "CT_Type": 0, "CG_NumPrinc": "411000"} | address
    row |= {"CT_EMail": _email(name, index=index, rng=rng), "CT_Telephone": _landline(rng)}
    row |= {"N_CatTarif": tariff, "N_CatCompta": customer.tax_category, "CT_Sommeil": int(not customer.active)}
    row |= _terms(index, code=code, rng=rng) | _registration(index, country=str(address["CT_Pays"]))
    bulk.add("F_COMPTET", row | created_and_changed(rng))
    _add_contacts(bulk, index, code=code, rng=rng)
    _add_addresses(bulk, index, code=code, name=name, rng=rng)
    payment: Row = {"CT_Num": code, "N_Reglement": rng.choice((1, 2, 2, 6)), "RT_NbJour": rng.choice((0, 30, 45))}
    bulk.add("F_REGLEMENTT", payment | {"RT_Condition": 0, "RT_TRepart": 0, "cbModification": moment(rng)})
    return customer


def _firm(rng: Random, *, town: dict[str, str]) -> tuple[str, int]:
    """A name and the tariff category that goes with it."""
    people = _people()
    owner, kind = rng.choice(people["last_names"]), rng.random()
    if kind < 0.15 and "country" not in town:
        return f"{rng.choice(people['public_bodies'])} – {town['name']}", PUBLIC_BODY
    if kind < 0.2:
        return f"Comptoir {owner}", RESELLER
    if kind < 0.35:
        return f"{owner} {rng.choice(people['first_names'])}", PUBLIC
    firm = f"{rng.choice(people['forms'])} {rng.choice(people['trades'])} {owner}".strip()
    return firm + rng.choice(("", "", " & Fils", " Frères", "   ")), PROFESSIONAL


def _town(rng: Random) -> dict[str, str]:
    town: dict[str, str] = rng.choice(_people()["towns"])
    return town


def _address(rng: Random, *, town: dict[str, str], prefix: str) -> Row:
    return {
        f"{prefix}_Adresse": f"{rng.randrange(1, 180)} {rng.choice(_people()['streets'])}",
        f"{prefix}_Complement": rng.choice(("", "", None, "Bâtiment B", "ZA des Œillets")),
        f"{prefix}_CodePostal": town["postcode"],
        f"{prefix}_Ville": town["name"],
        f"{prefix}_Pays": town.get("country", rng.choice(("France", "France", "FRANCE", ""))),
    }


def _tax_category(country: str) -> int:
    return {"Belgique": EUROPE, "Allemagne": EUROPE, "Suisse": EXPORT}.get(country, FRANCE)


def _email(name: str, *, index: int, rng: Random) -> str:
    """Mostly one valid address; also none, two in one field, one shared by several customers, a typing error."""
    draw = rng.random()
    address = f"contact@{_slug(name)}-{index}.example.test"
    if draw < 0.08:
        return ""
    if draw < 0.11:
        return f"achats{index}@example.test; compta{index}@example.test"
    if draw < 0.14:
        return "groupement@artisans.example.test"
    return address.replace("@", " at ") if draw < 0.16 else address


def _slug(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe")).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in letters).split())[:40].rstrip("-")


def _terms(index: int, *, code: str, rng: Random) -> Row:
    return {
        "CT_NumPayeur": code,
        "CO_No": rng.randrange(0, 6),
        "N_Expedition": rng.randrange(1, 4),
        "CT_Taux01": rng.choice((0, 0, 0, 3, 5)),
        "CT_ControlEnc": 2 if index % 41 == 0 else 0,
        "CT_Prospect": int(index % 29 == 0),
        "CT_Contact": f"{rng.choice(_people()['first_names'])} {rng.choice(_people()['last_names'])}",
        "CT_NumCentrale": rng.choice((None, "")),
        "CT_DateCreate": day(rng),
    }


def _registration(index: int, *, country: str) -> Row:
    """Numbers that pass their check digits; no real French firm has a SIREN that begins with 00."""
    if country in {"Belgique", "Suisse", "Allemagne"}:
        return {"CT_Siret": "", "CT_Identifiant": "", "CT_Ape": ""}
    siren = _with_luhn(f"00{index:06d}")
    key = (12 + 3 * (int(siren) % 97)) % 97
    return {"CT_Siret": _with_luhn(f"{siren}0001"), "CT_Identifiant": f"FR{key:02d}{siren}", "CT_Ape": "4322A"}


def _with_luhn(digits: str) -> str:
    doubled = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return f"{digits}{-sum(d - 9 if d > 9 else d for d in doubled) % 10}"


def _landline(rng: Random) -> str:
    return f"04 65 71 {rng.randrange(100):02d} {rng.randrange(100):02d}"


def _add_contacts(bulk: BulkInsert, index: int, *, code: str, rng: Random) -> None:
    people = _people()
    for rank in range(rng.choice((0, 1, 1, 2, 3))):
        first, last = rng.choice(people["first_names"]), rng.choice(people["last_names"])
        row: Row = {"CT_Num": code, "CT_No": index * 10 + rank, "CT_Nom": last, "CT_Prenom": first}
        row |= {"CT_EMail": f"{_slug(first)}.{_slug(last)}-{index}@example.test" if rng.random() < 0.8 else ""}
        row |= {"CT_TelPortable": f"06 39 98 {rng.randrange(100):02d} {rng.randrange(100):02d}", "N_Contact": rank + 1}
        row |= {"CT_Fonction": rng.choice(("Gérant", "Achats", "Chef d'atelier", "")), "N_Service": rank + 1}
        bulk.add("F_CONTACTT", row | created_and_changed(rng))


def _add_addresses(bulk: BulkInsert, index: int, *, code: str, name: str, rng: Random) -> None:
    for rank in range(rng.choice((1, 1, 1, 2, 3))):
        row: Row = {"LI_No": index * 10 + rank, "CT_Num": code, "LI_Principal": int(rank == 0)}
        row |= {"LI_Intitule": name.strip() if rank == 0 else f"Chantier {rank} {name.strip()}"[:69]}
        row |= _address(rng, town=_town(rng), prefix="LI") | {"LI_Telephone": _landline(rng), "LI_EMail": ""}
        bulk.add("F_LIVRAISON", row | created_and_changed(rng))


@cache
def _people() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "people.toml").read_text(encoding="utf-8"))
