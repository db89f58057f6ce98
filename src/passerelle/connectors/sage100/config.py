"""The options of a Sage 100 connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from passerelle.connectors.sage100 import layouts
from passerelle.domain.texts import N_
from passerelle.profile.option import option

OrderKeyField = Literal["DO_NoWeb", "DO_Ref", "DO_Coord01", "DO_Coord02", "DO_Coord03", "DO_Coord04"]


def _currency(value: str) -> str | None:
    return None if re.fullmatch(r"([A-Z]{3})?", value) else N_("three capital letters such as EUR, or nothing")


def _folder(value: str) -> str | None:
    return None if not value or Path(value).is_absolute() else N_("a whole path from the root, or nothing")


def _header(value: str) -> str | None:
    return _layout(value, known=layouts.HEADER_COLUMNS, needs=layouts.HEADER_NEEDS)


def _line(value: str) -> str | None:
    return _layout(value, known=layouts.LINE_COLUMNS, needs=layouts.LINE_NEEDS)


def _customer(value: str) -> str | None:
    return _layout(value, known=layouts.CUSTOMER_COLUMNS, needs=layouts.CUSTOMER_NEEDS)


def _layout(value: str, *, known: tuple[str, ...], needs: frozenset[str]) -> str | None:
    return None if layouts.fits(value, known=known, needs=needs) else ", ".join(known)


def _columns(known: tuple[str, ...], *, needs: frozenset[str]) -> str:
    """The names that a layout may hold; a star marks those it must."""
    return ", ".join(f"{name}*" if name in needs else name for name in known)


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
    tracking_field: str = option(
        "",
        label=N_("Field of the tracking number"),
        help=N_("DO_Coord01 to DO_Coord04 or a free field of the document's header; empty: none."),
    )
    orders_folder: str = option(
        "",
        label=N_("Folder of import files"),
        help=N_("Where Sage or its import tool takes orders and customers from; empty: nothing is imported."),
        allowed=N_("a whole path from the root, or nothing"),
        check=_folder,
    )
    vat_rounding: Literal["document", "line"] = option(
        "document",
        label=N_("Rounding of VAT"),
        help=N_("Where the ERP rounds VAT: once for each rate at the foot of the document, or on each line."),
        allowed="document, line",
    )
    header_layout: str = option(
        layouts.HEADER,
        label=N_("Columns of a document in the import file"),
        help=N_("The record's mark, then the columns of the company's import format, each with its length."),
        allowed=_columns(layouts.HEADER_COLUMNS, needs=layouts.HEADER_NEEDS),
        check=_header,
    )
    line_layout: str = option(
        layouts.LINE,
        label=N_("Columns of a line in the import file"),
        help=N_("The record's mark, then the columns of the company's import format, each with its length."),
        allowed=_columns(layouts.LINE_COLUMNS, needs=layouts.LINE_NEEDS),
        check=_line,
    )
    customer_layout: str = option(
        layouts.CUSTOMER,
        label=N_("Columns of a customer in the import file"),
        help=N_("The record's mark, then the columns of the company's import format, each with its length."),
        allowed=_columns(layouts.CUSTOMER_COLUMNS, needs=layouts.CUSTOMER_NEEDS),
        check=_customer,
    )
    separator: Literal[";", "tab"] = option(";", label=N_("Separator of the import file"), allowed="; tab")
    encoding: Literal["cp1252", "utf-8"] = option(
        "cp1252", label=N_("Encoding of the import file"), allowed="cp1252, utf-8"
    )
    date_format: Literal["ddmmyy", "dd/mm/yyyy", "yyyymmdd"] = option(
        "ddmmyy", label=N_("Dates in the import file"), allowed="ddmmyy, dd/mm/yyyy, yyyymmdd"
    )
    decimal: Literal[",", "."] = option(",", label=N_("Decimal sign of the import file"), allowed=", .")

    def __repr__(self) -> str:
        return f"Sage100Config(currency={self.currency!r}, order_key_field={self.order_key_field!r})"
