"""Options of an Odoo connection."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from passerelle.domain.texts import N_
from passerelle.profile.option import option


def _address(value: str) -> str | None:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in value.strip():
        return N_("an address that begins with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        return N_("the address alone, without a key, a question mark or a #")
    return None


def _filled(value: str) -> str | None:
    return None if value.strip() else N_("a text that is not empty")


def _positive(value: float | None) -> str | None:
    return None if value is None or value > 0 else N_("a number above 0")


@dataclass(frozen=True, kw_only=True)
class OdooConfig:
    """One company in a database of an Odoo server."""

    url: str = option(
        label=N_("Address"),
        help=N_("The address of the server, without the name of the database."),
        allowed=N_("an address that begins with https:// or http://"),
        check=_address,
        example="https://odoo.example",
    )
    database: str = option(label=N_("Database"), check=_filled, example="maison_durand")
    login: str = option(
        label=N_("Login"), help=N_("The login of the user that the key belongs to."), check=_filled,
        example="passerelle@maison-durand.example",
    )  # fmt: skip
    key: str = option(
        label=N_("API key"),
        help=N_("Made in Odoo under the user's preferences, Account Security."),
        check=_filled,
        example="${ODOO_KEY}",
        secret=True,
    )
    company: str = option(
        "",
        label=N_("Company"),
        help=N_("By name or number; may be left out where the user has only one."),
    )
    language: str = option(
        "fr_FR",
        label=N_("Main language"),
        help=N_("The language of Odoo that texts are read in; others are asked for as name@en_US."),
        example="fr_FR",
    )
    template_reference: str = option(
        "",
        label=N_("Field of the reference of articles with variants"),
        help=N_("Odoo gives a product with several variants no reference of its own; empty: T and its number."),
        example="x_reference",
    )
    root_category: str = option(
        "1",
        label=N_("Top of the category tree"),
        help=N_("The category, by name or number, whose children are the first level; it is never sent itself."),
    )
    warehouse: str = option(
        "",
        label=N_("Warehouse of orders"),
        help=N_("By name or number, for orders whose profile names none; empty: Odoo's own choice."),
    )
    confirm: bool = option(
        True, label=N_("Confirm orders"), help=N_("Off: orders stay quotations until someone confirms them in Odoo.")
    )
    requests_per_second: float | None = option(
        None,
        label=N_("Requests per second"),
        help=N_("Left out: as many as the server answers."),
        allowed=N_("a number above 0"),
        check=_positive,
    )
    timeout: float = option(
        60.0, label=N_("Longest wait for an answer, in seconds"), allowed=N_("a number above 0"), check=_positive
    )
