"""What the shop of a random town should show, worked out from the rows of both sides without the product's code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from tests.scenarios.random_town import Town

from passerelle.connectors.memory_erp.wire import Article
from passerelle.connectors.memory_shop.wire import StoredProduct
from passerelle.storage import models

RATES = {"C20": Decimal(20), "C10": Decimal(10), "C55": Decimal("5.5")}
RULES = {"C20": "1", "C10": "2", "C55": "3"}
Values = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Form:
    """One form in which something is sold. `weight` is None where the ERP does not say, `price` where the shop says."""

    sku: str
    gtin: str
    price: Decimal | None
    weight: Decimal | None
    stock: int


@dataclass
class Sold:
    """A product as buyers see it; of the ERP, `refused` are the references that wait, with the reason."""

    label: str
    rule: str
    brand: str
    path: tuple[str, ...]
    families: frozenset[str]
    forms: dict[Values, Form]
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A form before anybody has looked whether it may be sold. `amount` None: that of its article."""

    sku: str
    ident: int
    values: tuple[tuple[str, str], ...]
    gtin: str
    amount: Decimal | None
    included: bool
    weight: Decimal | None
    rate: Decimal


# --- the ERP's side --------------------------------------------------------------------------------------------------


def expected(town: Town) -> dict[str, Sold]:
    """By reference, what should be visible in the shop, and what waits of it."""
    found: dict[str, Sold] = {}
    for master, candidates in _families(town):
        if not master.options and candidates is None:
            found |= _simple(town, master)
        elif town.wishes.variants:
            sold = _ranged(town, master, candidates or [])
            if sold is not None:
                found[master.sku] = sold
    return found


def priceless(town: Town) -> set[str]:
    """References of articles without any price: of them the shop keeps what it has."""
    return {
        master.sku
        for master, candidates in _families(town)
        if town.wishes.prices and _base(town, master, candidates or []) is None
    }


def _families(town: Town) -> list[tuple[Article, list[Candidate] | None]]:
    """Articles in scope, None for those without variants; a group is its master with what its members are."""
    scope = [
        article
        for article in town.erp.articles.values()
        if not article.dormant and (article.published or not town.wishes.published_only)
    ]
    alone: list[tuple[Article, list[Candidate] | None]] = []
    groups: dict[str, list[Article]] = {}
    for article in scope:
        model = article.fields.get("model", "") if town.wishes.grouped and town.wishes.variants else ""
        if article.options:
            alone.append((article, _variants(town, article)))
        elif model:
            groups.setdefault(model, []).append(article)
        else:
            alone.append((article, None))
    return alone + [(min(group, key=lambda one: one.sku), _members(town, group)) for group in groups.values()]


def _variants(town: Town, article: Article) -> list[Candidate]:
    wishes, found = town.wishes, []
    chosen = {"": "Public", "2": "Professionnels"}[wishes.variant_prices]
    if not wishes.variant_prices and wishes.base_price != "article":
        chosen = wishes.base_price
    for row in article.variants:
        amount = row.category_prices.get(chosen, (row.price, False))[0]
        sku = row.sku or "-".join([article.sku, *(value or str(row.id) for value in row.values)])
        values = tuple(zip(article.options, row.values, strict=True))
        included = _included(town, article.tax_included)
        if not row.asleep:
            found.append(Candidate(sku, row.id, values, row.gtin, amount, included, row.weight, _rate(article)))
    return found


def _members(town: Town, group: list[Article]) -> list[Candidate]:
    found = []
    for article in group:
        values = (("Taille", article.fields.get("size", "")),)
        amount, included = _own(town, article)
        one = Candidate(
            article.sku, article.id, values, article.gtin, amount, included, article.weight, _rate(article)
        )  # fmt: skip
        found.append(one)
    return found


def _simple(town: Town, article: Article) -> dict[str, Sold]:
    amount, included = _own(town, article)
    if town.wishes.prices and amount <= 0:
        return {}
    price = _incl(amount, included=included, rate=_rate(article)) if town.wishes.prices else None
    form = Form(article.sku, article.gtin, price, article.weight, _stock(town, article.id))
    return {article.sku: _sold(town, article, {frozenset(): form}, {})}


def _ranged(town: Town, article: Article, candidates: list[Candidate]) -> Sold | None:
    base = _base(town, article, candidates)
    if base is None:
        return None
    refused, forms = _refused(town, candidates, rate=_rate(article)), {}
    for one in candidates:
        if one.sku not in refused:
            amount, included = base if one.amount is None else (one.amount, one.included)
            price = _incl(amount, included=included, rate=one.rate) if town.wishes.prices else None
            weight = one.weight if one.weight is not None else article.weight
            forms[folded(one.values)] = Form(one.sku, one.gtin, price, weight, _stock(town, one.ident))
    return _sold(town, article, forms, refused)


def _refused(town: Town, candidates: list[Candidate], *, rate: Decimal) -> dict[str, str]:
    found = {}
    for one in candidates:
        if any(not value for _, value in one.values):
            found[one.sku] = "variant_incomplete"
        elif one.rate != rate:
            found[one.sku] = "variant_tax_differs"
        elif town.wishes.prices and one.amount is not None and one.amount <= 0:
            found[one.sku] = "price_missing"
    good = [one for one in candidates if one.sku not in found]
    codes, values = Counter(one.gtin for one in good), Counter(folded(one.values) for one in good)
    for one in good:
        if (one.gtin and codes[one.gtin] > 1) or values[folded(one.values)] > 1:
            found[one.sku] = "variant_twice"
    return found


def _sold(town: Town, article: Article, forms: dict[Values, Form], refused: dict[str, str]) -> Sold:
    families = {part for part in article.fields.get("family", "").split("|") if part}
    named = [article.fields.get(name, "") for name in ("family", "brand")]
    path = {
        "tree": tuple(part for part in article.category.split("/") if part),
        "levels": tuple(part for part in named if part),
        "of the shop": (),
    }[town.wishes.categories]
    return Sold(
        article.label, RULES[article.taxes["1"]], article.fields.get("brand", ""), path,
        frozenset(families if town.wishes.features else ()), forms, refused,
    )  # fmt: skip


def _base(town: Town, article: Article, candidates: list[Candidate]) -> tuple[Decimal, bool] | None:
    """What a form without a price of its own costs; None where nothing has a price."""
    own = _own(town, article)
    if own[0] > 0 or not town.wishes.prices:
        return own
    priced = [(one.amount, one.included) for one in candidates if one.amount is not None and one.amount > 0]
    return min(priced, default=None)


def _own(town: Town, article: Article) -> tuple[Decimal, bool]:
    amount, included = article.category_prices.get(town.wishes.base_price, (article.price, article.tax_included))
    return amount, _included(town, included)


def _included(town: Town, said: bool) -> bool:
    return {"": said, "auto": said, "true": True, "false": False}[town.wishes.prices]


def _rate(article: Article) -> Decimal:
    return RATES[article.taxes["1"]]


def _incl(amount: Decimal, *, included: bool, rate: Decimal) -> Decimal:
    value = amount if included else amount * (100 + rate) / 100
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _stock(town: Town, ident: int) -> int:
    shelves = [town.erp.state.stock.get(name, {}) for name in ("1", "2")[: 1 + town.wishes.both_warehouses]]
    return max(0, int(sum(shelf[ident].on_hand for shelf in shelves if ident in shelf)) - town.wishes.safety)


def told(town: Town) -> dict[str, str]:
    """What the catalogue put aside: reference → why."""
    found = models.Issue.objects.filter(profile__name=town.opened.profile.profile.name, flow="catalogue")
    return {issue.key: issue.code for issue in found}


# --- the shop's side -------------------------------------------------------------------------------------------------


def shown(town: Town, product: StoredProduct) -> Sold:
    """A product of the shop; of its combinations those made by hand are there too."""
    shop = town.shop
    families = {
        shop.feature_values[value].text
        for feature, values in product.features.items() if shop.features[feature].name == "Famille"
        for value in values
    }  # fmt: skip
    path: list[str] = []
    node = shop.categories[product.category]
    while node.id != shop.state.home:
        path.insert(0, node.names["fr"])
        node = shop.categories[node.parent]
    brand = shop.brands[product.brand].name if product.brand else ""
    label = product.texts["name"]["fr"]
    return Sold(label, product.tax_rule, brand, tuple(path), frozenset(families), _forms(town, product))


def _forms(town: Town, product: StoredProduct) -> dict[Values, Form]:
    shop, found = town.shop, dict[Values, Form]()
    if not product.variants:
        price = shop.displayed_price(product.id)
        return {frozenset(): Form(product.sku, product.gtin, price, product.weight, product.stock)}
    for row in product.variants.values():
        named = [(shop.options[shop.option_values[id].option].name, shop.option_values[id].text) for id in row.values]
        values = folded(tuple(named))
        assert values not in found, f"{product.sku} shows {sorted(values)} twice"
        weight = (product.weight or Decimal(0)) + row.weight
        found[values] = Form(row.sku, row.gtin, shop.displayed_price(f"{product.id}/{row.id}"), weight, row.stock)
    return found


def folded(values: tuple[tuple[str, str], ...]) -> Values:
    """Values that differ by case are one."""
    return frozenset((option.casefold(), value.casefold()) for option, value in values)
