"""An option that one of the two sides cannot serve is refused by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from passerelle.connectors.memory_erp.manifest import manifest as memory_erp
from passerelle.connectors.memory_shop.manifest import manifest as memory_shop
from passerelle.errors import OptionUnsupported
from passerelle.planner.capabilities import NEEDS, able, check_options
from passerelle.planner.rules import rules_of
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import ShopContext, TextLimit
from passerelle.profile import sections

ERP, SHOP = memory_erp(without=()), memory_shop(max_batch=1, without=())
IMPORT = sections.OrderImportOptions(statuses=(2,), status_after_import=3)
ON: dict[str, Any] = {
    "articles.export": {"export": True},
    "articles.categories": {"export": True, "categories": sections.CategoryOptions()},
    "articles.brand": {"export": True, "brand": sections.BrandOptions(field="Marque")},
    "articles.custom_fields": {"custom_fields": sections.CustomFieldOptions(features={"Saison": "AR_Stat02"})},
    "articles.variants": {"variants": sections.VariantOptions()},
    "articles.variants.group_by": {"variants": sections.VariantOptions(group_by="Modèle")},
    'articles.gone = "delete"': {"export": True, "gone": "delete"},
    'articles.gone = "archive"': {"export": True, "gone": "archive"},
    "articles.prices": {"prices": sections.PriceOptions()},
    "articles.stocks": {"stocks": sections.StockOptions(warehouses=("Dépôt",))},
    "orders.import": sections.OrderOptions(import_=IMPORT),
    "orders.import.status_after_import": sections.OrderOptions(import_=IMPORT),
    "orders.status_updates": sections.OrderOptions(
        import_=IMPORT, status_updates=sections.StatusOptions(table={"delivery": 4})
    ),
}
ASKED = [(need, side, one) for need in NEEDS for side in ("erp", "shop") for one in sorted(getattr(need, side))]


def profile(option: str) -> sections.Profile:
    """A profile with one option on, and what it needs."""
    identity, on = sections.Identity(name="essai", key="MD", languages={"fr": "fr"}), ON[option]
    if isinstance(on, sections.OrderOptions):
        return sections.Profile(profile=identity, erp=None, shop=None, orders=on)
    return sections.Profile(profile=identity, erp=None, shop=None, articles=sections.ArticleOptions(**on))


@pytest.mark.parametrize(("need", "side", "capability"), ASKED, ids=lambda one: getattr(one, "option", str(one)))
def test_an_option_is_refused_by_its_name_where_its_side_lacks_what_it_asks(
    need: Any, side: str, capability: Capability
) -> None:
    erp = memory_erp(without=(capability,)) if side == "erp" else ERP
    shop = memory_shop(max_batch=1, without=(capability,)) if side == "shop" else SHOP
    with pytest.raises(OptionUnsupported) as refused:
        check_options(profile(need.option), erp=erp, shop=shop)
    assert refused.value.params["system"] == (erp if side == "erp" else shop).title
    assert refused.value.params["capability"] == capability
    assert able(need, manifest=erp if side == "erp" else shop, side=side) is False


@pytest.mark.parametrize("option", [need.option for need in NEEDS if need.option != 'articles.gone = "archive"'])
def test_an_option_whose_sides_can_is_taken(option: str) -> None:
    check_options(profile(option), erp=ERP, shop=SHOP)


def test_what_is_off_asks_for_nothing() -> None:
    nothing = memory_erp(without=tuple(Capability)), memory_shop(max_batch=1, without=tuple(Capability))
    identity = sections.Identity(name="essai", key="MD", languages={"fr": "fr"})
    check_options(sections.Profile(profile=identity, erp=None, shop=None), erp=nothing[0], shop=nothing[1])


def test_a_text_that_the_shop_has_no_place_for_is_refused_by_its_option() -> None:
    shop = context(limits={"name": TextLimit(), "sku": TextLimit()})
    texts = sections.TextOptions(name="AR_Design", meta_title="AR_Langue2")
    wanted = replace(profile("articles.export"), articles=sections.ArticleOptions(export=True, texts=texts))
    with pytest.raises(OptionUnsupported, match=r"articles\.texts\.meta_title"):
        rules_of(wanted, context=shop, erp_currency="EUR")
    fed = replace(wanted, articles=sections.ArticleOptions(export=True, texts=replace(texts, meta_title="")))
    rules_of(fed, context=shop, erp_currency="EUR")


def context(**changes: Any) -> ShopContext:
    """A shop in French that stores prices excl. VAT."""
    return ShopContext(
        system="Boutique", languages={"fr": "fr"}, default_language="fr", currency="EUR", price_basis="excl",
        price_places=6, tax_rules=(), home_category="2", **changes,
    )  # fmt: skip
