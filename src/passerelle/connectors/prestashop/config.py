"""Options of the PrestaShop connection."""

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


def _positive(value: float | None) -> str | None:
    return None if value is None or value > 0 else N_("a number above 0")


@dataclass(frozen=True, kw_only=True)
class PrestashopConfig:
    """A PrestaShop."""

    url: str = option(
        label=N_("Address"),
        help=N_("The shop's address, as the shop itself shows it; /api may be left out."),
        allowed=N_("an address that begins with https:// or http://"),
        check=_address,
        example="https://boutique.example/api",
    )
    key: str = option(
        label=N_("Webservice key"),
        help=N_("Made in the shop under Advanced parameters, Webservice."),
        check=lambda value: None if value.strip() else N_("the key of the webservice"),
        example="${PRESTASHOP_KEY}",
        secret=True,
    )
    requests_per_second: float | None = option(
        None,
        label=N_("Requests per second"),
        help=N_("Left out: as many as the shop answers."),
        allowed=N_("a number above 0"),
        check=_positive,
    )
    timeout: float = option(
        60.0, label=N_("Longest wait for an answer, in seconds"), allowed=N_("a number above 0"), check=_positive
    )


def api_root(url: str) -> str:
    """The webservice's address, without a slash at its end: `https://shop.example/api`."""
    address = url.strip().rstrip("/")
    return address if address.endswith("/api") else f"{address}/api"
