"""What the API's products, categories and orders mean, as our structs. Pure: an unknown value is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from passerelle.connectors.woocommerce.amounts import instant, kilograms, number, plain
from passerelle.connectors.woocommerce.bodies import BASE_PRICE, MAIN_CATEGORY, OWN_REFERENCE, SHOWN, STANDARD
from passerelle.connectors.woocommerce.wire import (
    Category,
    OrderHead,
    Product,
    TaxClass,
    TaxRate,
    Value,
    Variation,
    shown,
)
from passerelle.domain.catalogue import ShopProduct, ShopVariant, variant_shop_id
from passerelle.domain.orders import OrderLine, ShopOrder
from passerelle.domain.pricing import TaxRule
from passerelle.ports.shop import ListedProduct, ShopCategory

Named = Callable[[int, str], Value | None]  # an attribute's number and a name or slug → the value
# The shop takes nothing from its stock for these, or has given it back. What is refunded it does not give back.
RELEASED = frozenset({"pending", "failed", "cancelled", "checkout-draft", "auto-draft", "trash"})
DONE = frozenset({"completed", "refunded"})


def product(row: Product, *, language: str, unit: str, named: Named) -> ShopProduct:
    """A product as the port gives it. `language` is our code, `unit` that of weights."""
    texts = {"name": shown(row.name), "summary": row.short_description, "description": row.description}
    categories = tuple(str(one.id) for one in row.categories)
    return ShopProduct(
        shop_id=str(row.id),
        sku=row.sku,
        gtin=row.global_unique_id,
        texts={field: {language: text} for field, text in texts.items()},
        tax_rule=row.tax_class or STANDARD,
        price=price(row),
        weight=kilograms(row.weight, unit=unit),
        brand=str(row.brands[0].id) if row.brands else "",
        category=_main(row, categories),
        categories=categories,
        features=features(row, named=named),
        visible=row.status == SHOWN,
        has_variants=row.type == "variable",
        stock_ref=str(row.id),
        stock=quantity(row),
    )


def price(row: Product) -> Decimal | None:
    """The price of a product. With variations it is the one that we keep beside them, or else their lowest."""
    text = row.regular_price if row.type != "variable" else row.meta(BASE_PRICE) or row.price
    return number(text, what="a price") if text else None


def quantity(row: Product | Variation) -> int | None:
    """What is in stock; None where the shop does not count it, or counts it elsewhere."""
    if not row.manage_stock or row.stock_quantity is None:
        return None
    return int(row.stock_quantity)


def _main(row: Product, categories: tuple[str, ...]) -> str:
    """The category that a product belongs to first: the shop knows no such thing, we keep it in a field of our own."""
    kept = row.meta(MAIN_CATEGORY)
    return kept if kept in categories else next(iter(categories), "")


def features(row: Product, *, named: Named) -> dict[str, tuple[str, ...]]:
    """Feature → its values of a product, by ids: shared attributes that variations do not differ by."""
    found = {}
    for one in row.attributes:
        if one.id and not one.variation:
            values = [value for text in one.options if (value := named(one.id, text)) is not None]
            found[str(one.id)] = tuple(str(id) for id in sorted(value.id for value in values))
    return {attribute: values for attribute, values in found.items() if values}


def listed(row: Product) -> ListedProduct:
    """A product as a person knows it."""
    return ListedProduct(shop_id=str(row.id), sku=row.sku, name=shown(row.name), visible=row.status == SHOWN)


# --- variations ------------------------------------------------------------------------------------------------------


def variant(row: Variation, *, parent: Product, unit: str, named: Named) -> ShopVariant:
    """A variation as the port gives it, its values in the order of their ids.

    The API shows its product's reference where it has none of its own. No variation may have that one, so one whose
    reference it is keeps it in a field of ours.
    """
    values = chosen(row, named=named)
    return ShopVariant(
        shop_id=variant_shop_id(str(parent.id), str(row.id)),
        sku=row.meta(OWN_REFERENCE) if row.sku == parent.sku else row.sku,
        gtin=row.global_unique_id,
        values=tuple(str(id) for id in sorted(values)),
        price=number(row.regular_price or "0", what="a price"),
        weight=kilograms(row.weight, unit=unit),
        default=bool(values) and values == default_of(parent, named=named),
    )


def chosen(row: Variation, *, named: Named) -> set[int]:
    """The numbers of the values that a variation has; what a plugin wrote raw is none."""
    return _ids(((one.id, one.option) for one in row.attributes), named=named)


def default_of(parent: Product, *, named: Named) -> set[int]:
    """The numbers of the values that a product opens with."""
    return _ids(((one.id, one.option) for one in parent.default_attributes), named=named)


def _ids(pairs: Iterable[tuple[int, str]], *, named: Named) -> set[int]:
    found = (named(attribute, text) for attribute, text in pairs if attribute)
    return {value.id for value in found if value is not None}


# --- the rest --------------------------------------------------------------------------------------------------------


def category(row: Category, *, language: str, home: str) -> ShopCategory:
    """A category. Those of the first level stand under `home`, the one for products without any."""
    parent = str(row.parent) if row.parent else ("" if str(row.id) == home else home)
    return ShopCategory(str(row.id), parent, {language: shown(row.name)})


def tax_rules(classes: Iterable[TaxClass], *, rates: Iterable[TaxRate], country: str) -> tuple[TaxRule, ...]:
    """The shop's tax classes with the rate each charges in its own country."""
    national: dict[str, list[TaxRate]] = {}
    anywhere: dict[str, list[TaxRate]] = {}
    for rate in rates:
        if not _covers_all(rate) or rate.country not in (country, ""):
            continue
        (national if rate.country else anywhere).setdefault(rate.tax_class or STANDARD, []).append(rate)
    return tuple(
        TaxRule(one.slug, shown(one.name), _rate(national.get(one.slug) or anywhere.get(one.slug, [])))
        for one in classes
    )


def _covers_all(rate: TaxRate) -> bool:
    """Whether a rate holds in the whole country, not only in a region, a town or some postcodes."""
    return not any((rate.state, rate.postcode, rate.city, rate.postcodes, rate.cities))


def _rate(rates: list[TaxRate]) -> Decimal | None:
    """The rate of one row, 0 for none; several on top of each other are not guessed."""
    if len(rates) > 1:
        return None
    return Decimal(plain(number(rates[0].rate, what="a tax rate"))) if rates else Decimal(0)


def order(row: OrderHead) -> ShopOrder:
    """An order as far as stock is concerned."""
    return ShopOrder(
        shop_id=str(row.id),
        reference=row.number,
        status=row.status,
        created_at=instant(row.date_created_gmt, what="date_created_gmt"),
        updated_at=instant(row.date_modified_gmt, what="date_modified_gmt"),
        holds_stock=row.status not in RELEASED,
        lines=tuple(
            OrderLine(reference(one.product_id), reference(one.variation_id), one.sku or "", one.quantity)
            for one in row.line_items
            if one.quantity
        ),
    )


def reference(number: int) -> str:
    """The id of another record, "" for none: of a product that was deleted the shop says 0."""
    return str(number) if number else ""


def may_be_from(moment: datetime, start: datetime | None) -> bool:
    """Whether a date of the shop, which leaves out fractions of a second, may mean an instant at or after `start`."""
    return start is None or moment >= start.replace(microsecond=0)
