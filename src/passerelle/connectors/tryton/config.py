"""Options of a Tryton connection."""

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
class TrytonConfig:
    """One company in a database of a Tryton server."""

    url: str = option(
        label=N_("Address"),
        help=N_("The address of the server, without the name of the database."),
        allowed=N_("an address that begins with https:// or http://"),
        check=_address,
        example="https://tryton.example",
    )
    database: str = option(label=N_("Database"), check=_filled, example="maison_durand")
    user: str = option(
        label=N_("User"),
        help=N_("A user of its own, whose language is the one that texts are read in."),
        check=_filled,
        example="passerelle",
    )
    password: str = option(label=N_("Password"), check=_filled, example="${TRYTON_PASSWORD}", secret=True)
    company: str = option(
        "",
        label=N_("Company"),
        help=N_("By name or number; may be left out where the database holds only one."),
    )
    warehouse: str = option(
        "",
        label=N_("Warehouse of sales"),
        help=N_("By name or number, for orders whose profile names none; empty: the only one."),
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
