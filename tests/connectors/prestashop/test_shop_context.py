"""What is known of a shop, and what `check` says of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness, closed_address, connect
from tests.connectors.prestashop.test_refusals import READ_ONLY

from passerelle.connectors.prestashop.config import PrestashopConfig, api_root
from passerelle.connectors.prestashop.context import limits, zone_of
from passerelle.connectors.prestashop.wire import parse
from passerelle.errors import AnswerUnreadable, LanguageUnknown, MultishopRefused
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.shop import ShopContext
from passerelle.sandbox.prestashop import FakePrestashop


def setting(served: PrestashopHarness, name: str, value: str) -> None:
    table = served.shop.database["configurations"]
    table_rows = [row for row in table if row.text("name") == name]
    for row in table_rows:
        served.shop.database.change(row, {"value": value})
    if not table_rows:
        served.shop.database.insert("configurations", {"name": name, "value": value})


def codes(findings: list[Finding], severity: Severity) -> list[str]:
    return [one.text.code for one in findings if one.severity is severity]


def test_the_context_says_how_the_shop_stores_and_what_it_charges(served: PrestashopHarness) -> None:
    context = served.adapter.context()
    assert (context.system, context.currency, context.home_category) == ("PrestaShop 9.1.4", "EUR", "2")
    assert (context.price_basis, context.price_places) == ("excl", 6)
    assert (context.languages, context.default_language) == ({"fr": "1", "en": "2"}, "fr")
    rates = {rule.id: rule.rate for rule in context.tax_rules}
    assert rates["0"] == 0
    assert [rates[id] for id in "1234"] == [Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1")]
    assert context.limits["name"].max_length == 128
    assert context.limits["summary"].max_length == 800


def test_a_context_that_was_kept_saves_every_request_about_the_shop(served: PrestashopHarness) -> None:
    context = served.adapter.context()
    served.shop.reset_counters()
    one = connect(served.url, served.shop.key, context=context)
    assert served.shop.requests == []
    one.stock_refs(["1"])
    assert len(served.shop.requests) == 1


def test_without_one_it_is_asked_once(served: PrestashopHarness) -> None:
    served.adapter.categories()
    before = len(served.shop.requests)
    served.adapter.categories()
    assert len(served.shop.requests) == before + 1


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [({"fr": "fr"}, {"fr": "1"}), ({"fr": "EN"}, {"fr": "2"}), ({"a": "1", "b": "2"}, {"a": "1", "b": "2"})],
)
def test_a_language_is_named_by_its_code_or_its_number(
    served: PrestashopHarness, wanted: dict[str, str], ids: dict[str, str]
) -> None:
    context = connect(served.url, served.shop.key, languages=wanted).context()
    assert context.languages == ids
    assert set(context.other_languages) == {"1", "2"} - set(ids.values())


def test_the_main_language_is_the_shops_or_else_the_profiles_first(served: PrestashopHarness) -> None:
    assert connect(served.url, served.shop.key, languages={"en": "en", "fr": "fr"}).context().default_language == "fr"
    assert connect(served.url, served.shop.key, languages={"en": "en"}).context().default_language == "en"


def test_an_unknown_language_is_said_with_those_there_are(served: PrestashopHarness) -> None:
    with pytest.raises(LanguageUnknown, match=r'"de" does not exist in the shop. It has: fr, en'):
        connect(served.url, served.shop.key, languages={"de": "de"}).context()


def test_several_shops_are_refused(served: PrestashopHarness) -> None:
    served.shop.add_shop("Second")
    with pytest.raises(MultishopRefused, match="holds 2 shops"):
        served.adapter.context()


def test_a_shop_that_was_deleted_does_not_count(served: PrestashopHarness) -> None:
    served.shop.database.change(served.shop.add_shop("Second"), {"deleted": "1"})
    assert served.adapter.context().currency == "EUR"


def test_settings_that_the_shop_does_not_show_have_those_of_a_fresh_installation(served: PrestashopHarness) -> None:
    table = served.shop.database["configurations"]
    for row in list(table):
        if row.text("name") in ("PS_TIMEZONE", "PS_OS_CANCELED", "PS_PRODUCT_SHORT_DESC_LIMIT"):
            table.remove(row.id)
    context = served.adapter.context()
    assert (context.facts["timezone"], context.facts["released"]) == ("Europe/Paris", "6,8")
    assert context.limits["summary"].max_length == 800


def test_sizes_come_from_the_shop_and_careful_ones_stand_in() -> None:
    [schema] = parse(b'<prestashop><product><name maxSize="99"/><reference/></product></prestashop>')
    found = limits(schema, short="0")
    assert (found["name"].max_length, found["sku"].max_length) == (99, 32)
    assert (found["summary"].max_length, found["meta_title"].max_length) == (800, 128)


def test_a_time_zone_that_does_not_exist_is_an_error(served: PrestashopHarness) -> None:
    setting(served, "PS_TIMEZONE", "Mars/Olympus")
    with pytest.raises(AnswerUnreadable, match="Mars/Olympus"):
        zone_of(served.adapter.context())


def test_a_check_of_a_whole_shop_warns_of_nothing(served: PrestashopHarness) -> None:
    found = served.adapter.check()
    assert {one.severity for one in found} == {Severity.OK}
    assert "1 = FR Taux standard (20%) (20 %)" in str(found[-1].text)
    assert str(found[0].text).endswith("it counts in EUR, in the time of Europe/Paris.")


def test_a_check_names_every_right_that_is_missing(served: PrestashopHarness) -> None:
    found = connect(served.url, served.shop.add_key(rights=READ_ONLY)).check()
    missing = [
        (one.text.params["verb"], one.text.params["resource"]) for one in found if one.severity is Severity.ERROR
    ]
    assert missing == [
        ("add", "products"),
        ("modify", "products"),
        ("modify", "stock_availables"),
        ("add", "categories"),
        ("add", "manufacturers"),
    ]
    assert all(one.next_step for one in found if one.severity is Severity.ERROR)


def test_rights_that_only_orders_need_are_one_warning(served: PrestashopHarness) -> None:
    found = connect(served.url, served.shop.add_key(rights=READ_ONLY)).check()
    [warning] = [one for one in found if one.text.code == "prestashop.no_orders"]
    assert warning.severity is Severity.WARNING
    assert "add order_histories" in warning.text.params["rights"]
    assert "view customers" in warning.text.params["rights"]


def test_a_check_goes_on_as_far_as_the_rights_allow(served: PrestashopHarness) -> None:
    rights = {name: verbs for name, verbs in READ_ONLY.items() if name != "languages"}
    found = connect(served.url, served.shop.add_key(rights=rights)).check()
    assert {one.text.code for one in found} == {"right_missing"}
    assert len([one for one in found if one.text.params["resource"] == "languages"]) == 1


def test_a_shop_without_patch_is_a_warning(serve: Serve) -> None:
    found = serve(FakePrestashop(patch=False)).adapter.check()
    assert codes(found, Severity.WARNING) == ["prestashop.no_patch"]


def test_languages_that_nobody_feeds_are_a_warning(served: PrestashopHarness) -> None:
    found = connect(served.url, served.shop.key, languages={"fr": "fr"}).check()
    [warning] = [one for one in found if one.severity is Severity.WARNING]
    assert (warning.text.code, warning.text.params["languages"]) == ("prestashop.languages_unfed", "en")


def test_a_language_that_is_switched_off_is_a_warning_only_where_it_is_fed(served: PrestashopHarness) -> None:
    served.shop.database.change(served.shop.database["languages"].rows[2], {"active": "0"})
    assert codes(served.adapter.check(), Severity.WARNING) == ["prestashop.language_off"]
    assert codes(connect(served.url, served.shop.key, languages={"fr": "fr"}).check(), Severity.WARNING) == []


def test_a_language_that_is_switched_off_is_asked_for_so_that_it_is_not_blanked(served: PrestashopHarness) -> None:
    served.shop.database.change(served.shop.database["languages"].rows[2], {"active": "0"})
    served.adapter.read_products(["1"])
    [asked] = [path for _, path, _ in served.shop.requests if path.startswith("/api/products?display=%5B")]
    assert "language=%5B1%7C2%5D" in asked


def test_stock_and_taxes_that_are_off_are_warnings(served: PrestashopHarness) -> None:
    setting(served, "PS_STOCK_MANAGEMENT", "0")
    setting(served, "PS_TAX", "0")
    assert codes(served.adapter.check(), Severity.WARNING) == ["prestashop.stock_off", "prestashop.tax_off"]


def test_a_check_says_that_there_are_several_shops(served: PrestashopHarness) -> None:
    served.shop.add_shop("Second")
    assert codes(served.adapter.check(), Severity.ERROR) == ["multishop_refused"]


def test_a_check_of_what_does_not_answer_says_so(served: PrestashopHarness) -> None:
    served.adapter._client.address = closed_address()
    [finding] = served.adapter.check()
    assert (finding.severity, finding.text.code) == (Severity.ERROR, "unavailable")


def test_a_check_never_writes(served: PrestashopHarness) -> None:
    served.adapter.check()
    assert served.tally.writes == 0


@pytest.mark.parametrize("url", ["https://shop.example", "https://shop.example/", "https://shop.example/api/"])
def test_the_address_of_the_shop_is_enough(url: str) -> None:
    assert api_root(url) == "https://shop.example/api"


def test_options_refuse_what_cannot_work() -> None:
    checks = {name: one.metadata["option"].check for name, one in PrestashopConfig.__dataclass_fields__.items()}
    assert checks["url"]("https://shop.example/api") is None
    for bad in ("shop.example", "ftp://shop.example", "https://KEY@shop.example", "https://shop.example?ws_key=K"):
        assert checks["url"](bad)
    assert checks["key"](" ")
    assert checks["timeout"](0)
    assert checks["requests_per_second"](None) is None
    assert PrestashopConfig.__dataclass_fields__["key"].metadata["option"].secret


def test_the_context_can_be_kept(served: PrestashopHarness) -> None:
    import msgspec

    context = served.adapter.context()
    assert msgspec.json.decode(msgspec.json.encode(context), type=ShopContext) == context
