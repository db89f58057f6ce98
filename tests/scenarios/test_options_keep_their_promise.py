"""Options whose promise no other story tells, each through the whole way: the ERP, the profile, the shop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import NO_GUARDS, House, differences, stored
from tests.scenarios.order_house import Trade

from passerelle.errors import PrecisionTooLow
from passerelle.sandbox.prestashop import Fault

DAY = 24 * 3600


def stocked(build: Builder, stocks: str) -> House:
    """One article with 10 pieces, its product in the shop."""
    house = build(stocks=stocks)
    house.sage.add_article("VIS", AR_PrixVen="10")
    house.sage.set_stock("VIS", 1, on_hand=10)
    house.done("catalogue")
    return house


def rewritten(house: House, old: str, new: str) -> None:
    """The profile with one part of it in other words."""
    text = house.profile.read_text("utf-8")
    assert old in text
    house.profile.write_text(text.replace(old, new, 1), "utf-8")


# --- stocks ---


@pytest.mark.parametrize(
    ("stocks", "on_hand", "shown"),
    [
        ("safety_stock = 3", "10", 7),
        ("safety_stock = 3", "2", 0),
        ("max_quantity = 5", "10", 5),
        ("max_quantity = 5", "4", 4),
        ("allow_negative = true", "-4", -4),
        ("", "-4", 0),
        ("safety_stock = 1\nmax_quantity = 5\nallow_negative = true", "-2.5", -4),
    ],
)
def test_the_quantity_shown_is_what_the_limits_leave(build: Builder, stocks: str, on_hand: str, shown: int) -> None:
    house = stocked(build, stocks)
    house.sage.set_stock("VIS", 1, on_hand=on_hand)
    house.done("stocks")
    assert house.stock_of("VIS") == shown


@pytest.mark.parametrize(("stocks", "shown"), [("untracked_quantity = 100", 100), ("", 7)])
def test_an_article_that_is_not_followed_has_the_quantity_of_the_profile_or_keeps_the_shop_s(
    build: Builder, stocks: str, shown: int
) -> None:
    house = stocked(build, stocks)
    house.shop.set_stock(house.product("VIS").id, 7)
    house.sage.update_article("VIS", AR_SuiviStock=0)
    house.done("stocks")
    assert house.stock_of("VIS") == shown


@pytest.mark.parametrize(("older", "kept_back"), [("ask", None), ("count", 3), ("ignore", 0)])
def test_older_open_orders_hold_the_first_run_or_count_or_do_not(
    build: Builder, older: str, kept_back: int | None
) -> None:
    house = build(stocks=f'older_orders = "{older}"')
    house.sage.add_article("VIS", AR_PrixVen="10")
    house.sage.set_stock("VIS", 1, on_hand=10)
    product = house.shop.add_product("VIS", name="Déjà là", price="10", stock=2)
    house.shop.place_order([(product, 3)])
    house.clock.sleep(3600)
    house.done("catalogue")
    report = house.run("stocks")
    assert report.state == ("held" if kept_back is None else "done")
    assert kept_back is None or house.stock_of("VIS") == 10 - kept_back


@pytest.mark.parametrize(("days_ago", "kept_back"), [(2, 3), (0, 0)])
def test_orders_of_the_shop_count_from_the_day_that_is_named(build: Builder, days_ago: int, kept_back: int) -> None:
    house = build()
    today = house.clock.now().date() + timedelta(days=5)
    since = today - timedelta(days=days_ago)
    house.configure(stocks=f'older_orders = "ignore"\norders_since = {since}')
    house.sage.add_article("VIS", AR_PrixVen="10")
    house.sage.set_stock("VIS", 1, on_hand=10)
    product = house.shop.add_product("VIS", name="Déjà là", price="10", stock=2)
    house.clock.sleep(4 * DAY)
    house.shop.place_order([(product, 3)])
    house.clock.sleep(DAY)
    house.done("catalogue", "stocks")
    assert house.stock_of("VIS") == 10 - kept_back


# --- articles ---


def test_unpublished_articles_are_sent_only_where_the_profile_says_so(build: Builder) -> None:
    house = build(articles="published_only = false")
    house.stock_catalogue(articles=3)
    house.sage.set_published("ART-002", False)
    house.done("catalogue")
    assert house.shop.product_by_reference("ART-002")
    house.configure(articles="")
    house.done("catalogue")
    assert [house.product(f"ART-00{n}").text("active") for n in (1, 2, 3)] == ["1", "0", "1"]


@pytest.mark.parametrize("field", ["summary", "description", "meta_title", "meta_description"])
def test_a_text_is_fed_by_its_field_and_by_no_other(build: Builder, field: str) -> None:
    house = build()
    house.stock_catalogue(articles=1)
    house.done("catalogue")
    before = stored(house.shop)
    house.sql("UPDATE F_ARTICLE SET AR_Stat01 = 'Printemps'")
    rewritten(house, 'en = "AR_Langue1" }\n', f'en = "AR_Langue1" }}\n{field} = "AR_Stat01"\n')
    house.done("catalogue")
    column = {"summary": "description_short"}.get(field, field)
    changed = {name for table, _, name in differences(before, house.shop) if table == "products"}
    assert changed - {"date_upd"} == {column}
    assert "Printemps" in getattr(house.product("ART-001"), column)[1]


def test_an_article_without_a_category_lands_in_the_one_of_the_profile(build: Builder) -> None:
    house = build()
    house.shop.add_category("Accueil du catalogue")
    chosen = house.shop.add_category("À classer")
    house.configure(extra=f"[articles.categories]\ndefault = {chosen}\n")
    house.sage.add_article("VIS", AR_PrixVen="10")
    house.done("catalogue")
    assert house.product("VIS").number("id_category_default") == chosen


@pytest.mark.parametrize(("brand", "shown"), [("Marque commerciale", "Forgial"), ("AR_Stat01", "Autre"), ("", "")])
def test_the_brand_is_the_field_of_the_profile(build: Builder, brand: str, shown: str) -> None:
    house = build()
    rewritten(house, 'field = "Marque commerciale"', f'field = "{brand}"')
    house.sage.add_article("VIS", AR_PrixVen="10", AR_Stat01="Autre", **{"Marque commerciale": "Forgial"})
    house.done("catalogue")
    maker = house.shop.manufacturers.get(house.product("VIS").number("id_manufacturer"))
    assert (maker.text("name") if maker else "") == shown


@pytest.mark.parametrize("field", ["meta_title", "meta_description"])
@pytest.mark.parametrize(
    ("owner", "created", "later"), [("erp", "Un", "Deux"), ("erp_once", "Un", "Un"), ("shop", "", "")]
)
def test_a_text_is_written_as_often_as_its_owner_lets_it(
    build: Builder, field: str, owner: str, created: str, later: str
) -> None:
    house = build(extra=f'[articles.ownership]\n{field} = "{owner}"\n')
    rewritten(house, 'en = "AR_Langue1" }\n', f'en = "AR_Langue1" }}\n{field} = "AR_Stat01"\n')
    house.sage.add_article("VIS", AR_PrixVen="10", AR_Stat01="Un")
    house.done("catalogue")
    assert getattr(house.product("VIS"), field)[1] == created
    house.sage.update_article("VIS", AR_Stat01="Deux", AR_Design="Autre nom")
    house.done("catalogue")
    assert getattr(house.product("VIS"), field)[1] == later
    assert house.product("VIS").name[1] == "Autre nom"


# --- prices ---


@pytest.mark.parametrize(("precision", "price"), [("", "10.123457"), ("precision = 4", "10.123500")])
def test_a_price_is_stored_with_the_decimals_of_the_profile(build: Builder, precision: str, price: str) -> None:
    house = build()
    rewritten(house, "[articles.prices]\n", f"[articles.prices]\n{precision}\n")
    house.sage.add_article("VIS", AR_PrixVen="10.1234567")
    house.done("catalogue", "prices")
    assert Decimal(house.product("VIS").text("price")) == Decimal(price)


def test_decimals_that_would_lose_a_cent_incl_vat_are_refused(build: Builder) -> None:
    house = build()
    rewritten(house, "[articles.prices]\n", "[articles.prices]\nprecision = 3\n")
    house.sage.add_article("VIS", AR_PrixVen="10")
    assert isinstance(house.run("prices").failure, PrecisionTooLow)
    rewritten(house, "precision = 3\n", 'precision = 3\ntax_included = "false"\n')
    house.done("catalogue", "prices")


# --- guards ---


def articles_leave(house: House) -> None:
    house.sage.set_published("ART-001", False)


def a_stock_ends(house: House) -> None:
    house.sage.set_stock("ART-001", 1, on_hand=0)


def a_price_doubles(house: House) -> None:
    house.sql("UPDATE F_ARTICLE SET AR_PrixVen = AR_PrixVen * 2 WHERE AR_Ref = 'ART-001'")


@pytest.mark.parametrize(
    ("guard", "flow", "change", "moved"),
    [
        ("gone_percent", "catalogue", articles_leave, 25),
        ("to_zero_percent", "stocks", a_stock_ends, 25),
        ("price_move_percent", "prices", a_price_doubles, 100),
        ("prices_moved_percent", "prices", a_price_doubles, 25),
    ],
)
def test_a_guard_holds_a_run_above_the_share_of_the_profile_and_not_at_it(
    build: Builder, guard: str, flow: str, change: Callable[[House], None], moved: int
) -> None:
    house = build()
    house.stock_catalogue(articles=4)
    house.done()
    change(house)
    others = "".join(f"{line}\n" for line in NO_GUARDS.splitlines() if not line.startswith(f"{guard} "))
    house.configure(guards=f"{others}{guard} = {moved - 1}\n")
    assert house.run(flow, preview=True).held_by
    house.configure(guards=f"{others}{guard} = {moved}\n")
    assert not house.run(flow, preview=True).held_by


# --- the connection with the shop ---


def test_no_more_requests_a_second_are_made_than_the_profile_allows(build: Builder) -> None:
    house = build()
    rewritten(house, "timeout = ", "requests_per_second = 4\ntimeout = ")
    house.stock_catalogue(articles=3)
    before = house.clock.monotonic()
    house.done("catalogue")
    assert len(house.shop.requests) > 4
    assert house.clock.monotonic() - before >= (len(house.shop.requests) - 1) / 4


@pytest.mark.parametrize(("timeout", "asked_again"), [(0.5, True), (20.0, False)])
def test_an_answer_is_waited_for_as_long_as_the_profile_says(build: Builder, timeout: float, asked_again: bool) -> None:
    house = build(timeout=timeout)
    house.sage.add_article("VIS", AR_PrixVen="10")
    house.shop.inject(Fault("slow", method="GET", resource="products", seconds=1.5))
    house.done("catalogue")
    asked = [path for method, path, _ in house.shop.requests if method == "GET" and "/products?" in path]
    assert (len(asked) > len(set(asked))) is asked_again


# --- orders ---


def trading(build: Builder, *, more: str = "") -> Trade:
    """A house of three articles that imports orders."""
    house = build()
    house.stock_catalogue(articles=3)
    return Trade(house, more=more)


def test_orders_from_before_the_day_that_is_named_are_never_imported(build: Builder) -> None:
    trade = trading(build)
    products = trade.open_shop()
    before = trade.order((products[0], 1))
    trade.house.clock.sleep(2 * DAY)
    since = trade.house.clock.now().date()
    trade.configure(more=f"since = {since}")
    after = trade.order((products[1], 1))
    trade.day()
    assert (trade.documents(before), len(trade.documents(after))) == ([], 1)


@pytest.mark.parametrize(("dated", "later"), [("order", 0), ("today", 3)])
def test_a_document_bears_the_day_of_its_order_or_of_its_import(build: Builder, dated: str, later: int) -> None:
    trade = trading(build, more=f'dated = "{dated}"')
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    ordered = trade.house.clock.now().astimezone().date()
    trade.house.clock.sleep(3 * DAY)
    trade.day(work=False)
    [(at,)] = trade.house.sql("SELECT DO_Date FROM F_DOCENTETE WHERE DO_NoWeb = ?", f"MD-{order}")
    assert date.fromisoformat(str(at)[:10]) == ordered + timedelta(days=later)


def test_one_account_carries_every_order_and_no_customer_is_made(build: Builder) -> None:
    trade = trading(build)
    [(code,)] = trade.house.sql("SELECT MIN(CT_Num) FROM F_COMPTET WHERE CT_Type = 0")
    trade.house.configure(extra=trade.house.wishes.extra.replace('prefix = "W"', f'single_account = "{code}"'))
    products = trade.open_shop()
    before = trade.house.sql("SELECT CT_Num FROM F_COMPTET ORDER BY CT_Num")
    orders = [trade.order((products[n], 1)) for n in range(2)]
    trade.day(work=False)
    trade.assert_one_document_each(*orders)
    found = trade.house.sql("SELECT DISTINCT DO_Tiers FROM F_DOCENTETE WHERE DO_NoWeb LIKE 'MD-%'")
    assert found == [(code,)]
    assert trade.house.sql("SELECT CT_Num FROM F_COMPTET ORDER BY CT_Num") == before


@pytest.mark.parametrize("notify", [True, False])
def test_the_shop_tells_the_buyer_only_where_the_profile_says_so(build: Builder, notify: bool) -> None:
    trade = trading(build)
    said = trade.house.wishes.extra + f"notify = {str(notify).lower()}\n"
    trade.house.configure(extra=said)
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    trade.day()
    assert trade.status(order) in (4, 5)
    written = [path for _, path, _ in trade.house.writes() if "order_histories" in path]
    assert any("sendemail=1" in path for path in written) is notify


def test_an_order_is_imported_that_has_or_had_one_of_the_statuses(build: Builder) -> None:
    trade = trading(build)
    products = trade.open_shop()
    has, had, never = (trade.order((products[n], 1), state=state) for n, state in enumerate((2, 2, 1)))
    trade.house.shop.change_state(had, 3)
    trade.house.shop.change_state(never, 3)
    trade.day(work=False)
    assert [len(trade.documents(order)) for order in (has, had, never)] == [1, 1, 0]


@pytest.mark.parametrize(("tolerance", "placed"), [("0.05", 1), ("0.01", 0)])
def test_an_order_whose_base_differs_by_more_than_the_tolerance_waits(
    build: Builder, tolerance: str, placed: int
) -> None:
    trade = trading(build, more=f"rounding_tolerance = {tolerance}")
    trade.open_shop()
    product = trade.house.product("ART-003").id
    order = trade.order(*[(product, 1)] * 16, prices={product: "9.57"}, round_type=2)
    trade.day(work=False)
    assert len(trade.documents(order)) == placed


def test_the_file_of_a_customer_has_the_columns_of_the_profile(build: Builder) -> None:
    trade = trading(build)
    trade.house.configure(erp=f'{trade.house.wishes.erp}\ncustomer_layout = "CL;email;empty;code;name"')
    products = trade.open_shop()
    trade.order((products[0], 1))
    trade.house.done("orders")
    [file] = trade.folder.glob("C-*.txt")
    mark, email, empty, code, _ = file.read_text("cp1252").strip().split(";")
    assert (mark, email, empty) == ("CL", "claire@example.test", "")
    assert file.name == f"C-{code}.txt"


def test_an_order_becomes_a_sales_order_of_the_erp(build: Builder) -> None:
    trade = trading(build, more='document = "order"')
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    trade.day(work=False)
    assert [kind for kind, *_ in trade.documents(order)] == [1]
