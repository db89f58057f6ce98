"""What the webservice's entities mean, as our structs. Pure and total: an unknown value is an error, never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from passerelle.connectors.prestashop.wire import SYSTEM, Entity, field, linked, translations
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.orders import OrderLine, ShopOrder
from passerelle.domain.pricing import TaxRule
from passerelle.errors import AnswerUnreadable
from passerelle.ports.shop import (
    ListedProduct,
    ShopBrand,
    ShopCategory,
    ShopContext,
    ShopFeature,
    ShopFeatureValue,
)

TEXT_FIELDS = {
    "name": "name",
    "summary": "description_short",
    "description": "description",
    "meta_title": "meta_title",
    "meta_description": "meta_description",
}
NO_TAX = TaxRule("0", "No tax", Decimal(0))
LOCAL = "%Y-%m-%d %H:%M:%S"
FAR = "9999-12-31 23:59:59"


@dataclass(frozen=True, slots=True)
class Languages:
    """The shop's languages: ours → the shop's id, ids that the profile does not feed, and our main one."""

    ids: Mapping[str, str]
    others: tuple[str, ...]
    main: str

    @classmethod
    def of(cls, context: ShopContext) -> Languages:
        """Those of a shop."""
        return cls(context.languages, context.other_languages, context.default_language)

    @property
    def main_id(self) -> str:
        """The shop's id of the main language."""
        return self.ids[self.main]

    @property
    def all(self) -> list[str]:
        """Every id of the shop, the main one first: a language left out of a write is blanked by the shop."""
        return list(dict.fromkeys([self.ids[self.main], *self.ids.values(), *self.others]))

    def ours(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by the shop's ids, by our codes."""
        return {our: texts.get(id, "") for our, id in self.ids.items()}

    def theirs(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by our codes, by the shop's ids."""
        return {self.ids[our]: text for our, text in texts.items()}


@dataclass(frozen=True, slots=True)
class StockRow:
    """Where the quantity of a product is written, and what it is."""

    id: str
    quantity: int


def integer(entity: Entity, name: str) -> int:
    """A whole number. Raises AnswerUnreadable."""
    value = field(entity, name)
    try:
        return int(value)
    except ValueError:
        raise _unreadable(entity, name, value) from None


def number(entity: Entity, name: str) -> Decimal:
    """A decimal, 0 when the shop leaves it empty. Raises AnswerUnreadable."""
    value = field(entity, name) or "0"
    try:
        return Decimal(value)
    except InvalidOperation:
        raise _unreadable(entity, name, value) from None


def switch(entity: Entity, name: str) -> bool:
    """A yes or no; empty counts as no. Raises AnswerUnreadable."""
    value = field(entity, name)
    if value not in ("", "0", "1"):
        raise _unreadable(entity, name, value)
    return value == "1"


def reference_to(entity: Entity, name: str) -> str:
    """The id of another entity, "" for none: the shop writes none as 0 or as nothing."""
    value = field(entity, name)
    return "" if value == "0" else value


def product(entity: Entity, *, languages: Languages, stock: Mapping[str, StockRow]) -> ShopProduct:
    """A product as the port gives it. `stock` is by product id."""
    shop_id = field(entity, "id")
    row = stock.get(shop_id)
    return ShopProduct(
        shop_id=shop_id,
        sku=field(entity, "reference"),
        gtin=field(entity, "ean13"),
        texts={ours: languages.ours(translations(entity, theirs)) for ours, theirs in TEXT_FIELDS.items()},
        tax_rule=field(entity, "id_tax_rules_group") or "0",
        price=number(entity, "price"),
        weight=number(entity, "weight"),
        brand=reference_to(entity, "id_manufacturer"),
        category=reference_to(entity, "id_category_default"),
        categories=tuple(field(category, "id") for category in linked(entity, "categories")),
        features=features(entity),
        visible=switch(entity, "active"),
        has_variants=bool(linked(entity, "combinations")),
        stock_ref=row.id if row else "",
        stock=row.quantity if row else None,
    )


def listed(entity: Entity, *, languages: Languages) -> ListedProduct:
    """A product as a person knows it."""
    return ListedProduct(
        shop_id=field(entity, "id"),
        sku=field(entity, "reference"),
        name=translations(entity, "name").get(languages.main_id, ""),
        visible=switch(entity, "active"),
    )


def category(entity: Entity, *, languages: Languages) -> ShopCategory:
    """A category; the root has no parent."""
    names = languages.ours(translations(entity, "name"))
    return ShopCategory(field(entity, "id"), reference_to(entity, "id_parent"), names)


def brand(entity: Entity) -> ShopBrand:
    """A brand."""
    return ShopBrand(field(entity, "id"), field(entity, "name"))


def feature(entity: Entity, *, language: str) -> ShopFeature:
    """A feature by its name in a language of the shop."""
    return ShopFeature(field(entity, "id"), translations(entity, "name").get(language, ""))


def feature_value(entity: Entity, *, language: str) -> ShopFeatureValue:
    """A value of a feature by its text in a language of the shop."""
    text = translations(entity, "value").get(language, "")
    return ShopFeatureValue(field(entity, "id"), field(entity, "id_feature"), text)


def features(entity: Entity) -> dict[str, tuple[str, ...]]:
    """Feature → its values of a product, by ids."""
    found: dict[str, list[str]] = {}
    for row in linked(entity, "product_features"):
        found.setdefault(field(row, "id"), []).append(field(row, "id_feature_value"))
    return {id: tuple(sorted(values, key=int)) for id, values in found.items()}


def order(entity: Entity, *, zone: ZoneInfo, released: frozenset[str]) -> ShopOrder:
    """An order. `released` are the states in which the shop does not hold the goods: cancelled, payment error."""
    status = field(entity, "current_state")
    return ShopOrder(
        shop_id=field(entity, "id"),
        reference=field(entity, "reference"),
        status=status,
        created_at=instant(entity, "date_add", zone=zone),
        updated_at=instant(entity, "date_upd", zone=zone),
        holds_stock=status not in released,
        lines=tuple(_line(row) for row in linked(entity, "order_rows")),
    )


def _line(row: Entity) -> OrderLine:
    return OrderLine(
        field(row, "product_id"),
        reference_to(row, "product_attribute_id"),
        field(row, "product_reference"),
        number(row, "product_quantity"),
    )


def instant(entity: Entity, name: str, *, zone: ZoneInfo) -> datetime:
    """A date and time of the shop, in UTC: it writes its own local time without an offset.

    In the hour that comes twice when summer time ends, the first one. Raises AnswerUnreadable.
    """
    value = field(entity, name)
    try:
        return datetime.strptime(value, LOCAL).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise _unreadable(entity, name, value) from None


def may_be_from(moment: datetime, start: datetime | None, *, zone: ZoneInfo) -> bool:
    """Whether a date read from the shop may mean an instant at or after `start`.

    The shop leaves out fractions of a second, and an hour that comes twice may have been its second one.
    """
    if start is None:
        return True
    return moment.astimezone(zone).replace(fold=1).astimezone(UTC) >= start.replace(microsecond=0)


def local_from(moment: datetime, *, zone: ZoneInfo) -> str:
    """The shop's local time from which to ask so that nothing at or after `moment` (aware) is left out.

    In the hour that comes twice the clock goes back: what comes later can be written earlier, by that hour.
    """
    local = moment.astimezone(zone)
    first, second = (local.replace(fold=fold).utcoffset() or timedelta(0) for fold in (0, 1))
    return (local.replace(tzinfo=None) - (first - second)).strftime(LOCAL)


def tax_rules(
    groups: Iterable[Entity], *, rules: Iterable[Entity], taxes: Iterable[Entity], country: str
) -> tuple[TaxRule, ...]:
    """The shop's groups of tax rules, and "no tax", with the rate each charges in `country` (an id of the shop)."""
    rates = {field(tax, "id"): number(tax, "rate") for tax in taxes}
    national: dict[str, list[Entity]] = {}
    for rule in rules:
        if field(rule, "id_country") == country and _covers_all(rule):
            national.setdefault(field(rule, "id_tax_rules_group"), []).append(rule)
    found = [
        TaxRule(field(group, "id"), field(group, "name"), _rate(national.get(field(group, "id"), []), rates))
        for group in groups
        if switch(group, "active") and not switch(group, "deleted")
    ]
    return (NO_TAX, *found)


def _covers_all(rule: Entity) -> bool:
    """Whether a rule holds in the whole country, not only in a region or some postcodes."""
    return all(field(rule, name) in ("", "0") for name in ("id_state", "zipcode_from", "zipcode_to"))


def _rate(rules: list[Entity], rates: Mapping[str, Decimal]) -> Decimal | None:
    """The rate of one rule; several taxes on top of each other are not guessed."""
    if len(rules) != 1:
        return None
    tax = reference_to(rules[0], "id_tax")
    return rates.get(tax) if tax else Decimal(0)


def _unreadable(entity: Entity, name: str, value: str) -> AnswerUnreadable:
    return AnswerUnreadable(system=SYSTEM, why=f'{entity.tag} {name} is "{value[:40]}"')
