"""What an owner names, found in the base: fields, depots, tariff categories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from passerelle.connectors.sage100.mapping import plain
from passerelle.connectors.sage100.tables import Tables
from passerelle.connectors.sage100.versions import GLOSSARY_TABLES
from passerelle.connectors.sage100.wire import CATALOGUE_COLUMNS, IDENTITY_COLUMNS, PRICE_COLUMNS, Depot, Tariff
from passerelle.errors import FieldUnknown, PriceCategoryUnknown, WarehouseUnknown
from passerelle.ports.erp import ProductQuery

FAMILY_LABEL: Final = "FA_Intitule"
GLOSSARY: Final = ("GL_Text", "GL_TextLangue1", "GL_TextLangue2")
ARTICLE_PRICE: Final = "article"
FIRST_CATEGORY: Final = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of F_ARTICLE that a query selects, and where its fields come from.

    `fixed` are the first of them, those of `wire.Article`. `positions` gives the place of a field in the article's row;
    `family` and `glossary` name the fields that come from elsewhere, the latter with Sage's spelling.
    """

    columns: tuple[str, ...]
    fixed: tuple[str, ...]
    positions: dict[str, int]
    family: tuple[str, ...]
    glossary: dict[str, str]


def text_fields(tables: Tables) -> list[str]:
    """All names that a profile may use as a source of text: those that this very base has."""
    linked = all(map(tables.has, GLOSSARY_TABLES))
    glossary = [name for name in GLOSSARY if linked and tables.has(f"F_GLOSSAIRE.{name}")]
    return [*tables.article_fields(), FAMILY_LABEL, *glossary]


def product_layout(tables: Tables, *, query: ProductQuery) -> Layout:
    """Raises FieldUnknown. Case does not count in a field's name, as it does not in Sage."""
    known = {name.lower(): name for name in text_fields(tables)}
    chosen = {field: _known_field(field, known=known) for field in sorted(query.fields)}
    elsewhere = (FAMILY_LABEL, *GLOSSARY)
    fixed = IDENTITY_COLUMNS + PRICE_COLUMNS * query.prices + CATALOGUE_COLUMNS * query.categories
    own = {field: name for field, name in chosen.items() if name not in elsewhere}
    columns = (*fixed, *dict.fromkeys(name for name in own.values() if name not in fixed))
    return Layout(
        columns,
        fixed,
        positions={field: columns.index(name) for field, name in own.items()},
        family=tuple(field for field, name in chosen.items() if name == FAMILY_LABEL),
        glossary={field: name for field, name in chosen.items() if name in GLOSSARY},
    )


def _known_field(field: str, *, known: dict[str, str]) -> str:
    found = known.get(field.lower())
    if found is None:
        wanted = field.lower()
        near = [name for name in known if wanted in name] + get_close_matches(wanted, known, n=3, cutoff=0.3)
        names = list(dict.fromkeys(known[name] for name in near))
        raise FieldUnknown(key="", field=field, nearest=", ".join(names[:3]))
    return found


def chosen_tariff(base_price: str, *, tariffs: Callable[[], Sequence[Tariff]]) -> int | None:
    """The number of the tariff category, None for the article's own price. Raises PriceCategoryUnknown."""
    if base_price == ARTICLE_PRICE:
        return None
    used = {tariff.cbIndice: label for tariff in tariffs() if (label := plain(tariff.CT_Intitule))}
    found = _found(base_price, labels=used)
    if found is None:
        raise PriceCategoryUnknown(name=base_price, existing=_listed(used))
    return found


def variant_tariff(query: ProductQuery, *, tariffs: Callable[[], Sequence[Tariff]]) -> int:
    """The number of the tariff category that variants are priced in: the one named, else the base price's, else 1."""
    return chosen_tariff(query.variant_prices or query.base_price, tariffs=tariffs) or FIRST_CATEGORY


def chosen_depots(names: Sequence[str], *, depots: Sequence[Depot]) -> list[int]:
    """The numbers of the depots, each once. Raises WarehouseUnknown for a name that none or several bear."""
    labels = {depot.DE_No: plain(depot.DE_Intitule) for depot in depots}
    chosen: dict[int, None] = {}
    for name in names:
        found = _found(name, labels=labels)
        if found is None:
            raise WarehouseUnknown(name=name, existing=_listed(labels))
        chosen[found] = None
    return list(chosen)


def _found(name: str, *, labels: dict[int, str]) -> int | None:
    """By the exact label, else by number, else by the label ignoring case; None when that is not one."""
    wanted = plain(name)
    exact = [number for number, label in labels.items() if label == wanted]
    if not exact:
        exact = [number for number in labels if str(number) == wanted]
    if not exact:
        exact = [number for number, label in labels.items() if label.casefold() == wanted.casefold()]
    return exact[0] if len(exact) == 1 else None


def _listed(labels: dict[int, str]) -> str:
    return ", ".join(f"{label} ({number})" for number, label in labels.items())
