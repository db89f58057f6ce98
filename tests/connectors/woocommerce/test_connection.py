"""The connection: who is let in, and what answers mean."""

from __future__ import annotations

import pytest
from tests.connectors.woocommerce.conftest import Serve
from tests.connectors.woocommerce.harness import WoocommerceHarness, connect

from passerelle.connectors.woocommerce.config import WoocommerceConfig, home_of
from passerelle.connectors.woocommerce.wire import Product
from passerelle.domain.facets import Facet
from passerelle.errors import (
    AnswerUnreadable,
    CapabilityMissing,
    CredentialsRefused,
    LanguageUnknown,
    RightMissing,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.manifest import Capability, Finding, Severity
from passerelle.ports.shop import BrandWrite, OptionWrite, ShopContext
from passerelle.sandbox.prestashop.faults import Fault as ShopFault
from passerelle.sandbox.woocommerce import FakeWoocommerce
from passerelle.testing.builders import ProductSeed, product
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.transport.http import Answer


def codes(findings: list[Finding], severity: Severity) -> list[str]:
    return [one.text.code for one in findings if one.severity is severity]


# --- who is let in ---------------------------------------------------------------------------------------------------


def test_over_https_the_key_goes_along_and_the_certificate_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = FakeWoocommerce()
    with shop.serve(tls=True) as url:
        with pytest.raises(Unavailable, match="does not answer"):
            connect(url, shop).context()
        monkeypatch.setenv("SSL_CERT_FILE", shop.ca_pem_path)
        one = connect(url, shop)
        assert one.context().system == "WooCommerce 9.9.5"
        assert one.create_options([OptionWrite(key="T", name="Taille")])[0].error is None
        assert "woocommerce.plain_http" not in codes(one.check(), Severity.WARNING)


def test_a_request_that_is_retried_is_signed_anew(served: WoocommerceHarness) -> None:
    # The answer is lost after the shop has noted the nonce: with the same one the retry would be refused.
    served.shop.inject(ShopFault("lost_answer", method="GET", times=2))
    assert served.adapter.categories()


def test_a_signature_of_another_hour_is_refused(served: WoocommerceHarness) -> None:
    late = HeldClock()
    late.sleep(3600)
    with pytest.raises(CredentialsRefused):
        connect(served.url, served.shop, clock=late).categories()


def test_a_wrong_secret_is_refused_and_never_shown(served: WoocommerceHarness) -> None:
    secret = "cs_" + "9" * 40
    with pytest.raises(CredentialsRefused) as refused:
        connect(served.url, served.shop, consumer_secret=secret).categories()
    assert secret not in repr(refused.value) + refused.value.detail


def test_a_key_that_only_reads_is_told_from_a_wrong_one(served: WoocommerceHarness) -> None:
    key, secret = served.shop.add_key(permissions="read")
    one = connect(served.url, served.shop, clock=served.clock, consumer_key=key, consumer_secret=secret)
    context = one.context()
    with pytest.raises(RightMissing, match="does not let this key write products"):
        one.create_products([product("A1", context=context)])
    assert served.stored().products == []


# --- what answers mean -----------------------------------------------------------------------------------------------


def test_a_shop_under_maintenance_is_away(served: WoocommerceHarness) -> None:
    served.shop.maintenance = True
    with pytest.raises(Unavailable):
        served.adapter.categories()
    with pytest.raises(WriteUnanswered):
        served.adapter._client.batch("products", "delete", [1], kind=object)


def test_a_web_page_in_the_place_of_an_answer_says_so_without_its_text(served: WoocommerceHarness) -> None:
    served.shop.inject(ShopFault("html"))
    with pytest.raises(AnswerUnreadable, match="text/html instead of JSON") as found:
        served.adapter.categories()
    assert "<" not in found.value.detail


def test_an_error_about_orders_names_no_buyer(served: WoocommerceHarness) -> None:
    sold = served.seed_product(ProductSeed(sku="A1", stock=9))
    order = served.seed_order({sold: 1})
    row = served.shop.orders[int(order)]
    row.billing["country"] = {"of": row.billing["email"]}  # type: ignore[assignment]
    assert served.desk.sales_orders([order]) == []
    error = served.desk.unreadable()[order]
    assert row.billing["email"] not in error.message + error.detail


def test_more_than_the_shop_takes_is_no_silent_loss(served: WoocommerceHarness) -> None:
    with pytest.raises(AnswerUnreadable, match="does not take what is written to products"):
        served.adapter._client.batch("products", "delete", list(range(1, 102)), kind=object)


@pytest.mark.parametrize(
    "body",
    [
        b'{"update": [{"id": 1}, {"id": 2, "error": {"code": "c", "message": "m", "data": 500}}]}',
        b'{"update": [{"id": 1}]}',
        b'{"update": [{"id": 1}, {"id": 2, "sku": 3}]}',
        b'{"update": [{"id": 1}, {"id": 2',
        b"[]",
    ],
    ids=["an item of 500", "too few", "another type", "cut", "a list"],
)
def test_a_batch_of_which_nobody_knows_what_was_done_is_in_doubt(
    served: WoocommerceHarness, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    client = served.adapter._client
    monkeypatch.setattr(client, "_post", lambda path, content: Answer(200, {}, body))
    with pytest.raises(WriteUnanswered):
        client.batch("products", "update", [{"id": 1}, {"id": 2}], kind=Product)


# --- what is known of a shop -----------------------------------------------------------------------------------------


def test_the_context_says_how_the_shop_stores_and_what_it_charges(served: WoocommerceHarness) -> None:
    context = served.adapter.context()
    assert (context.currency, context.home_category, context.languages) == ("EUR", "15", {"fr": "fr_FR"})
    assert (context.price_basis, context.price_places, context.variant_basis) == ("excl", 6, "whole")
    assert {rule.id: str(rule.rate) for rule in context.tax_rules} == {
        "standard": "20", "reduced-rate": "5.5", "zero-rate": "0"
    }  # fmt: skip


def test_the_basis_of_prices_is_the_setting_of_the_shop(serve: Serve) -> None:
    assert serve(FakeWoocommerce(prices_include_tax=True)).adapter.context().price_basis == "incl"


def test_a_shop_that_charges_no_tax_has_no_rate_but_zero(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    from passerelle.sandbox.woocommerce.starting_data import GROUPS

    shop = FakeWoocommerce(prices_include_tax=True)
    shop.settings["woocommerce_calc_taxes"] = "no"
    context = serve(shop).adapter.context()
    assert (context.price_basis, {str(rule.rate) for rule in context.tax_rules}) == ("excl", {"0"})
    monkeypatch.delitem(GROUPS, "tax")
    assert serve(FakeWoocommerce()).adapter.context().price_basis == "excl"


def test_a_rate_of_one_region_and_several_on_top_of_each_other_are_not_guessed(served: WoocommerceHarness) -> None:
    served.shop.add_tax_rate("2.1000", country="FR", name="Corse", tax_class="reduced-rate")
    served.shop.add_tax_rate("8.5000", country="RE", name="Réunion")
    rates = {rule.id: rule.rate for rule in served.adapter.context().tax_rules}
    assert (str(rates["standard"]), rates["reduced-rate"]) == ("20", None)


def test_a_class_that_only_the_whole_world_is_charged_counts(served: WoocommerceHarness) -> None:
    luxury = served.shop.add_tax_class("Luxe")
    served.shop.add_tax_rate("33.0000", country="", name="Luxe", tax_class=luxury)
    assert {rule.id: rule.rate for rule in served.adapter.context().tax_rules}["luxe"] == 33


@pytest.mark.parametrize("wanted", [{"fr": "de"}, {"fr": "fr", "en": "en"}, {"fr": "fr", "en": "fr"}])
def test_a_shop_has_one_language(served: WoocommerceHarness, wanted: dict[str, str]) -> None:
    with pytest.raises(LanguageUnknown, match="It has: fr_FR"):
        connect(served.url, served.shop, languages=wanted).context()


@pytest.mark.parametrize("name", ["fr", "FR", "fr_FR", "fr-fr"])
def test_its_language_is_named_by_its_code_or_its_locale(served: WoocommerceHarness, name: str) -> None:
    assert connect(served.url, served.shop, languages={"f": name}).context().default_language == "f"


def test_a_shop_whose_default_category_was_renamed_has_none_that_we_would_guess(served: WoocommerceHarness) -> None:
    served.shop.categories[15].slug = "tout-le-reste"
    context = served.adapter.context()
    assert context.home_category == "0"
    assert served.adapter.categories()[0].id == "0"
    [outcome] = served.adapter.create_products([product("A1", context=context)])
    assert served.stored().product(outcome.shop_id).categories == ("15",)


def test_a_shop_without_brands_declares_none(serve: Serve) -> None:
    one = serve(FakeWoocommerce(brands=False, version="9.5.0")).adapter
    one.context()
    assert Capability.BRANDS_WRITE not in one.manifest.capabilities
    with pytest.raises(CapabilityMissing, match="brands"):
        one.brands()
    with pytest.raises(CapabilityMissing, match="brands"):
        one.create_brands([BrandWrite(key="b", name="Facom")])
    assert codes(one.check(), Severity.WARNING) == ["woocommerce.plain_http", "woocommerce.no_brands"]


def test_a_shop_without_barcodes_is_not_searched_by_them(serve: Serve) -> None:
    served = serve(FakeWoocommerce(version="9.1.4"))
    served.seed_product(ProductSeed(sku="A1", gtin="3250000000014"))
    assert codes(served.adapter.check(), Severity.WARNING) == ["woocommerce.plain_http", "woocommerce.no_barcodes"]
    assert Facet.LOGISTICS not in served.adapter.manifest.reads_back
    served.shop.reset_counters()
    assert served.adapter.find_products(skus=[], gtins=["3250000000014"]) == []
    assert served.shop.requests == []


def test_the_context_can_be_kept_and_saves_every_request_about_the_shop(served: WoocommerceHarness) -> None:
    import msgspec

    context = served.adapter.context()
    assert msgspec.json.decode(msgspec.json.encode(context), type=ShopContext) == context
    served.shop.reset_counters()
    connect(served.url, served.shop, clock=served.clock, context=context).read_products(["1"])
    assert len(served.shop.requests) == 1


# --- check -----------------------------------------------------------------------------------------------------------


def test_a_check_of_a_whole_shop_warns_of_nothing_but_plain_http(served: WoocommerceHarness) -> None:
    found = served.adapter.check()
    assert codes(found, Severity.ERROR) == []
    assert codes(found, Severity.WARNING) == ["woocommerce.plain_http"]
    [rules] = [one.text for one in found if one.text.code == "woocommerce.tax_rules"]
    assert "reduced-rate = Reduced rate (5.5 %)" in str(rules)


def test_settings_that_are_off_are_warnings(served: WoocommerceHarness) -> None:
    served.shop.settings.update(woocommerce_calc_taxes="no", woocommerce_manage_stock="no")
    warnings = codes(served.adapter.check(), Severity.WARNING)
    assert warnings == ["woocommerce.plain_http", "woocommerce.tax_off", "woocommerce.stock_off"]


def test_a_shop_that_calls_itself_otherwise_is_told_with_the_address_to_enter(serve: Serve) -> None:
    served = serve(FakeWoocommerce(home_url="http://boutique.example"))
    found = served.adapter.check()
    assert codes(found, Severity.ERROR) == ["woocommerce.other_home", "credentials_refused"]
    assert "http://boutique.example" in str(found[0].next_step)


def test_a_check_of_what_does_not_answer_says_so(served: WoocommerceHarness) -> None:
    served.inject(Fault.REFUSED)
    [finding] = served.adapter.check()
    assert (finding.severity, finding.text.code) == (Severity.ERROR, "unavailable")


def test_a_shop_without_an_api_says_what_to_set(served: WoocommerceHarness) -> None:
    served.shop.inject(ShopFault("status", status=404, times=99))
    found = served.adapter.check()
    assert found[0].text.code == "woocommerce.no_api"
    assert "Permalinks" in str(found[0].next_step)


def test_a_check_never_writes(served: WoocommerceHarness) -> None:
    served.adapter.check()
    assert served.tally.writes == 0


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://s.example", " https://s.example/ ", "https://s.example/wp-json/wc/v3"])
def test_the_address_of_the_shop_is_enough(url: str) -> None:
    assert home_of(url) == "https://s.example"


def test_a_shop_may_stand_in_a_folder() -> None:
    assert home_of("https://s.example/boutique/") == "https://s.example/boutique"


def test_options_refuse_what_cannot_work() -> None:
    checks = {name: one.metadata["option"].check for name, one in WoocommerceConfig.__dataclass_fields__.items()}
    assert checks["url"]("https://shop.example/boutique") is None
    for bad in (
        "shop.example",
        "ftp://shop.example",
        "https://KEY@shop.example",
        "https://shop.example?consumer_key=K",
    ):
        assert checks["url"](bad)
    assert checks["consumer_key"]("cs_1")
    assert checks["consumer_secret"]("ck_1")
    assert checks["tracking"]("nowhere")
    assert checks["tracking"]("meta") is None
    assert checks["timeout"](0)
    assert all(
        WoocommerceConfig.__dataclass_fields__[f"consumer_{n}"].metadata["option"].secret for n in ("key", "secret")
    )
