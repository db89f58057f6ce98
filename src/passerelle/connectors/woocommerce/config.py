"""Options of the WooCommerce connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from passerelle.domain.texts import N_
from passerelle.profile.option import option

ROOT = "/wp-json/wc/v3"


class Tracking(StrEnum):
    """Where tracking numbers are written in an order."""

    SHIPMENT_TRACKING = "shipment_tracking"
    META = "meta"


def _address(value: str) -> str | None:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in value.strip():
        return N_("an address that begins with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        return N_("the address alone, without a key, a question mark or a #")
    return None


def _positive(value: float | None) -> str | None:
    return None if value is None or value > 0 else N_("a number above 0")


def _consumer_key(value: str) -> str | None:
    return None if value.strip().startswith("ck_") else N_("the consumer key, which begins with ck_")


def _consumer_secret(value: str) -> str | None:
    return None if value.strip().startswith("cs_") else N_("the consumer secret, which begins with cs_")


def _where(value: str) -> str | None:
    return None if value in list(Tracking) else N_("shipment_tracking or meta")


@dataclass(frozen=True, kw_only=True)
class WoocommerceConfig:
    """A WooCommerce."""

    url: str = option(
        label=N_("Address"),
        help=N_("The shop's address, exactly as WordPress has it under Settings, General."),
        allowed=N_("an address that begins with https:// or http://"),
        check=_address,
        example="https://boutique.example",
    )
    consumer_key: str = option(
        label=N_("Consumer key"),
        help=N_("Made in the shop under WooCommerce, Settings, Advanced, REST API, with the permission Read/Write."),
        check=_consumer_key,
        example="${WOOCOMMERCE_KEY}",
        secret=True,
    )
    consumer_secret: str = option(
        label=N_("Consumer secret"),
        help=N_("Shown once, when the key is made."),
        check=_consumer_secret,
        example="${WOOCOMMERCE_SECRET}",
        secret=True,
    )
    tracking: str = option(
        Tracking.SHIPMENT_TRACKING.value,
        label=N_("Tracking numbers"),
        help=N_(
            "shipment_tracking: where the usual tracking plugins look for them (_wc_shipment_tracking_items); "
            "meta: a plain custom field of the order, passerelle_tracking."
        ),
        allowed=N_("shipment_tracking or meta"),
        check=_where,
    )
    tracking_note: bool = option(
        False,
        label=N_("Tell buyers the tracking number"),
        help=N_("A note to the customer for each new number, which the shop mails."),
    )
    vat_number_field: str = option(
        "_billing_vat_number",
        label=N_("Custom field of VAT numbers"),
        help=N_("Where a plugin keeps the buyer's VAT number in the order; WooCommerce itself has none."),
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


def home_of(url: str) -> str:
    """The shop's own address, without a slash at its end; that of its API is taken for it."""
    address = url.strip().rstrip("/")
    return address.removesuffix(ROOT).removesuffix("/wp-json").rstrip("/")
