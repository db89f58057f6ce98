"""Combinations and options as they are read, options as they are written, answers that say nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.connectors.prestashop.assortment import change, methods, sized
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.domain.catalogue import ShopVariant
from passerelle.errors import (
    AnswerIncomplete,
    RefusedByShop,
    TextRefused,
    WriteUnanswered,
)
from passerelle.ports.shop import (
    OptionValueWrite,
    OptionWrite,
    VariantWrite,
)
from passerelle.sandbox.prestashop import Fault

# Answers


@pytest.mark.parametrize("kind", ["lost_answer", "truncated_answer", "error_after_commit", "html"])
def test_new_variants_whose_answer_says_nothing_are_in_doubt(assorted: PrestashopHarness, kind: str) -> None:
    assorted.shop.inject(Fault(kind, method="POST"))  # type: ignore[arg-type]
    with pytest.raises(WriteUnanswered):
        assorted.adapter.create_variants([VariantWrite(key="N", shop_id="1", sku="N", values=("1",))])
    assert len([one for one in assorted.adapter.variants(["1"]) if one.sku == "N"]) == (kind != "html")


def test_an_answer_that_names_another_variant_is_an_error(
    assorted: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = assorted.adapter._client.write
    monkeypatch.setattr(
        assorted.adapter._client, "write", lambda method, resource, *, body: write(method, resource, body=body)[::-1]
    )
    new = [VariantWrite(key=key, shop_id="1", sku=key, values=("1",)) for key in ("N", "O")]
    with pytest.raises(AnswerIncomplete, match="what was written to combinations"):
        assorted.adapter.create_variants(new)
    with pytest.raises(AnswerIncomplete):
        assorted.adapter.update_variants([change(1, sku="P"), change(2, sku="Q")])


# Options


def test_an_option_is_a_list_that_buyers_read_by_the_same_name_in_every_language(served: PrestashopHarness) -> None:
    [outcome] = served.adapter.create_options([OptionWrite(key="t", name="Taille & coupe")])
    row = served.shop.database["product_options"].rows[int(outcome.shop_id)]
    assert row.group_type == "select"
    assert row.name == row.public_name == {1: "Taille & coupe", 2: "Taille & coupe"}


def test_a_name_that_buyers_could_not_read_whole_is_refused_and_never_cut(served: PrestashopHarness) -> None:
    assert served.adapter.context().limits["option"].max_length == 64
    [outcome] = served.adapter.create_options([OptionWrite(key="t", name="x" * 65)])
    assert isinstance(outcome.error, RefusedByShop)
    assert outcome.error.message == "t: the shop refuses it (its name is not accepted)."
    [control] = served.adapter.create_options([OptionWrite(key="t", name="a\x00")])
    [value] = served.adapter.create_option_values([OptionValueWrite(key="v", option="1", text="a\x00")])
    assert isinstance(control.error, TextRefused)
    assert isinstance(value.error, TextRefused)
    assert list(served.shop.database["product_options"]) == []


def test_new_values_leave_those_of_the_option_as_they_are(served: PrestashopHarness) -> None:
    option = served.shop.add_option("Taille", ["S"])
    made = served.adapter.create_option_values(
        [OptionValueWrite(key=t, option=str(option), text=t) for t in ("M", "L")]
    )
    assert [one.error for one in made] == [None, None]
    assert list(served.shop.option_values(option)) == ["S", "M", "L"]
    assert [one.text for one in served.adapter.option_values([str(option)])] == ["S", "M", "L"]


def test_more_options_and_values_than_a_page_are_all_read(served: PrestashopHarness) -> None:
    option = served.shop.add_option("Teinte", [f"{number:04}" for number in range(1100)])
    served.shop.add_option("Taille", ["S"])
    read = served.adapter.option_values([str(option)])
    assert [one.text for one in read] == [f"{number:04}" for number in range(1100)]
    assert [one.name for one in served.adapter.options()] == ["Teinte", "Taille"]


# Read


def test_ids_that_are_none_are_never_asked_for(served: PrestashopHarness) -> None:
    sized(served, "S")
    served.adapter.context()
    served.shop.reset_counters()
    assert served.adapter.variants(["", "0", "A[B", "1|2"]) == []
    assert served.adapter.option_values(["x"]) == []
    assert served.adapter.stock_refs(["1/x", "/"]) == {}
    assert served.shop.requests == []


def test_a_variant_is_read_with_its_values_in_the_order_of_their_ids(served: PrestashopHarness) -> None:
    product = served.shop.add_product("A", name="A")
    first = served.shop.option_values(served.shop.add_option("Taille", ["S"]))["S"]
    second = served.shop.option_values(served.shop.add_option("Couleur", ["Bleu"]))["Bleu"]
    served.shop.add_combination(product, values=[second, first], price="-1.5", weight="0.25", default_on="1")
    assert served.adapter.variants([str(product)]) == [
        ShopVariant(
            shop_id="1/1", sku="", values=(str(first), str(second)), price=Decimal("-1.5"), weight=Decimal("0.25"),
            default=True,
        )
    ]  # fmt: skip


def test_rows_of_products_and_of_variants_are_told_apart(assorted: PrestashopHarness) -> None:
    alone = str(assorted.shop.add_product("C", name="C", stock=4))
    refs = assorted.adapter.stock_refs(["1", "1/2", "2/2", "2/4", alone, "99", "1/99"])
    assert refs == {
        "1": str(assorted.shop.stock_row(1).id),
        "1/2": str(assorted.shop.stock_row(1, combination=2).id),
        "2/4": str(assorted.shop.stock_row(2, combination=4).id),
        alone: str(assorted.shop.stock_row(int(alone)).id),
    }
    assert methods(assorted) == ["GET", "GET"]


def test_a_line_of_an_order_says_which_variant_was_sold(assorted: PrestashopHarness) -> None:
    assorted.shop.place_order([(1, 2, 1), (2, 4, 3)])
    [order] = [one for page in assorted.adapter.orders() for one in page]
    assert [(line.article, line.variant_id, line.sku) for line in order.lines] == [
        ("1/2", "2", "A-M"), ("2/4", "4", "B-S")
    ]  # fmt: skip
    [sold] = assorted.adapter.sales_orders([order.shop_id])
    assert [line.article for line in sold.lines] == ["1/2", "2/4"]
