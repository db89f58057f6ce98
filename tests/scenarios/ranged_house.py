"""A house whose articles have ranges, and an oracle of its own for what the shop should show of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from tests.scenarios.house import House, incl_vat

RANGES = """
[articles.variants]
"""
SIZE, COLOUR = 1, 2  # ranges, by their number in the company's list


@dataclass(frozen=True)
class Shown:
    """What a buyer sees of one variant."""

    values: frozenset[tuple[str, str]]
    price: Decimal  # incl. VAT, to the cent
    stock: int
    gtin: str


def name_ranges(house: House) -> None:
    """The company's list of ranges."""
    house.sage.name_range(SIZE, "Taille")
    house.sage.name_range(COLOUR, "Couleur")


def add_ranged(
    house: House, ref: str, *, sizes: tuple[str, ...] = ("S", "M", "L"), colours: tuple[str, ...] = (),
    price: str = "10", ttc: int = 0, stock: int = 5,
) -> None:  # fmt: skip
    """An article in every combination of its values, each with a stock of its own."""
    house.sage.add_article(
        ref, AR_Design=f"Vêtement {ref}", AR_Langue1=f"Garment {ref}", AR_PrixVen=price, AR_PrixTTC=ttc,
        AR_Gamme1=SIZE, AR_Gamme2=COLOUR if colours else 0,
    )  # fmt: skip
    for number, values in enumerate((s, c) for s in sizes for c in (colours or ("",))):
        named = tuple(value for value in values if value)
        house.sage.add_combination(ref, named)
        house.sage.set_combination_stock(ref, named, 1, on_hand=stock + number)


COMBINATIONS = """
SELECT e.AE_Ref, v1.EG_Enumere, v2.EG_Enumere, e.AE_CodeBarre, a.AR_PrixVen, a.AR_PrixTTC,
  (SELECT TG_Prix FROM F_TARIFGAM t WHERE t.AR_Ref = e.AR_Ref AND t.AG_No1 = e.AG_No1 AND t.AG_No2 = e.AG_No2
     AND t.TG_RefCF = 'a01'),
  (SELECT SUM(GS_QteSto - GS_QteRes - GS_QtePrepa - GS_QteAControler) FROM F_GAMSTOCK s WHERE s.AR_Ref = e.AR_Ref
     AND s.AG_No1 = e.AG_No1 AND s.AG_No2 = e.AG_No2 AND s.DE_No = 1)
FROM F_ARTENUMREF e JOIN F_ARTICLE a ON a.AR_Ref = e.AR_Ref
  JOIN F_ARTGAMME v1 ON v1.AG_No = e.AG_No1 LEFT JOIN F_ARTGAMME v2 ON v2.AG_No = e.AG_No2 AND e.AG_No2 <> 0
WHERE e.AR_Ref = ? AND COALESCE(e.AE_Sommeil, 0) = 0
"""


def expected(house: House, ref: str) -> dict[str, Shown]:
    """By the values, what the shop should show, from the base alone (no shop orders)."""
    found: dict[str, Shown] = {}
    for _, size, colour, gtin, price, ttc, own, stock in house.sql(COMBINATIONS, ref):
        values = {("Taille", size), *([("Couleur", colour)] if colour else [])}
        asked = Decimal(str(own or 0)) or Decimal(str(price))
        held = int(Decimal(str(stock or 0)).to_integral_value(ROUND_FLOOR))
        shown = incl_vat(asked, included=bool(ttc), rate=Decimal(20))
        found[label(values)] = Shown(frozenset(values), shown, max(held, 0), gtin or "")
    return found


def shown(house: House, ref: str) -> dict[str, Shown]:
    """What the shop shows, from its own tables."""
    shop = house.shop
    product = house.product(ref)
    base = Decimal(product.text("price") or "0")
    found: dict[str, Shown] = {}
    for ident, row in shop.combinations_of(product.id).items():
        values = {named(house, int(link[0])) for link in row.links["product_option_values"]}
        price = incl_vat(base + Decimal(row.text("price") or "0"), included=False, rate=Decimal(20))
        stock = shop.stock_of(product.id, combination=ident)
        assert label(values) not in found, f"{ref} shows {label(values)} twice"
        found[label(values)] = Shown(frozenset(values), price, stock, row.text("ean13"))
    return found


def named(house: House, value: int) -> tuple[str, str]:
    """(option, value) of the shop, in the main language."""
    row = house.shop.database["product_option_values"].rows[value]
    option = house.shop.database["product_options"].rows[row.number("id_attribute_group")]
    return str(option.name[1]), str(row.name[1])


def label(values: set[tuple[str, str]]) -> str:
    """Values in one order."""
    return " ".join(value for _, value in sorted(values))
