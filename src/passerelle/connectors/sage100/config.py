"""The options of a Sage 100 connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from passerelle.domain.texts import N_
from passerelle.profile.option import option

OrderKeyField = Literal["DO_NoWeb", "DO_Ref", "DO_Coord01", "DO_Coord02", "DO_Coord03", "DO_Coord04"]


def _currency(value: str) -> str | None:
    return None if re.fullmatch(r"([A-Z]{3})?", value) else N_("three capital letters such as EUR, or nothing")


@dataclass(frozen=True, kw_only=True, repr=False)
class Sage100Config:
    """How the database of one company is reached. Its text form never shows the address, which holds a password."""

    url: str = option(
        label=N_("Database address"),
        help=N_("A SQLAlchemy address; use a login that can only read."),
        allowed=N_("an address that starts with mssql+pymssql://, postgresql:// or sqlite:///"),
        example="mssql+pymssql://lecteur:${SAGE_PASSWORD}@srv-sage/BIJOU",
        secret=True,
    )
    currency: str = option(
        "",
        label=N_("Company currency"),
        help=N_("Left out: the only currency that the base names, otherwise EUR."),
        allowed=N_("three capital letters such as EUR, or nothing"),
        check=_currency,
    )
    order_key_field: OrderKeyField = option(
        "DO_NoWeb",
        label=N_("Field of the order key"),
        help=N_("The field of a document's header that carries the key of the shop's order."),
        allowed="DO_NoWeb, DO_Ref, DO_Coord01, DO_Coord02, DO_Coord03, DO_Coord04",
    )

    def __repr__(self) -> str:
        return f"Sage100Config(currency={self.currency!r}, order_key_field={self.order_key_field!r})"
