"""Simple articles that share a field: who is put together, under which master, and what the record of a group says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.domain.catalogue import Product, Variant
from passerelle.domain.pricing import Price, Tax
from passerelle.errors import RecordError, RecordUnreadable
from passerelle.planner.grouping import PAGE, grouped, is_group, is_of
from passerelle.ports.erp import Record
from passerelle.profile.sections import VariantOptions

OPTIONS = VariantOptions(group_by="MODELE", options={"Taille": "TAILLE", "Couleur": "{C1} {C2}"})
TEN = Price(Decimal(10), tax_included=False)
VAT = Tax("C20", Decimal(20))


def article(sku: str, *, model: str = "Marin", size: str = "S", **values: object) -> Product:
    fields = {"MODELE": model, "TAILLE": size, "C1": "Bleu", "C2": ""}
    given = {"label": f"Article {sku}", "price": TEN, "tax": VAT, "gtin": f"gtin {sku}", **values}
    return Product(sku=sku, erp_id=f"id {sku}", fields=fields, **given)  # type: ignore[arg-type]


def record(product: Product, *, digest: bytes = b"") -> Record[Product]:
    return Record(
        key=product.sku, erp_id=product.erp_id, digest=digest or product.sku.encode(), read=lambda: product
    )  # fmt: skip


def unreadable(sku: str) -> Record[Product]:
    def read() -> Product:
        raise RecordUnreadable(key=sku, why="-")

    return Record(key=sku, erp_id=f"id {sku}", digest=b"?", read=read)


def together(*records: Record[Product], page: int = 2) -> list[Record[Product]]:
    pages = [list(records[start : start + page]) for start in range(0, len(records), page)]
    return [one for found in grouped(iter(pages), options=OPTIONS) for one in found]


def made(*products: Product) -> Product:
    (group,) = together(*map(record, products))
    return group.read()


# --- who belongs together ---


def test_articles_without_the_field_come_as_they_are_and_groups_after_them() -> None:
    plain, marin, sport = article("P", model=""), article("M"), article("S", model="Sport")
    found = together(*map(record, (marin, sport, plain)))
    assert [one.key for one in found] == ["P", "M", "S"]
    assert [is_group(one) for one in found] == [False, True, True]
    assert found[0].read() is plain


@pytest.mark.parametrize("other", ["ÉTÉ  2026", " été 2026 ", "E\u0301te\u0301 2026"])
def test_names_of_groups_that_differ_by_case_spaces_or_how_accents_are_written_are_one(other: str) -> None:
    product = made(article("A", model="Été 2026"), article("B", model=other))
    assert [one.sku for one in product.variants] == ["A", "B"]


def test_an_article_with_variants_of_its_own_stays_alone() -> None:
    ranged = article("R", has_variants=True, variants=(Variant(sku="R-1", erp_id="1", options=(("Taille", "S"),)),))
    found = together(record(ranged), record(article("A")))
    assert [(one.key, is_group(one)) for one in found] == [("R", False), ("A", True)]
    assert found[0].read() is ranged


def test_an_article_that_cannot_be_read_stays_alone_and_planning_is_told_why() -> None:
    found = together(record(article("A")), unreadable("X"), record(article("B")))
    assert [(one.key, is_group(one)) for one in found] == [("X", False), ("A", True)]
    with pytest.raises(RecordError):
        found[0].read()
    assert [one.sku for one in found[1].read().variants] == ["A", "B"]


def test_an_article_that_is_alone_with_its_name_is_a_product_with_one_variant() -> None:
    product = made(article("A"))
    assert [one.sku for one in product.variants] == ["A"]
    assert product.has_variants


def test_more_groups_than_a_page_holds_come_in_several() -> None:
    records = [record(article(f"A{n:04d}", model=f"M{n}")) for n in range(PAGE + 1)]
    assert [len(page) for page in grouped(iter([records]), options=OPTIONS)] == [PAGE, 1]


def test_nothing_read_is_nothing_given() -> None:
    empty: Iterator[list[Record[Product]]] = iter([])
    assert list(grouped(empty, options=OPTIONS)) == []


# --- the master ---


def test_the_lowest_reference_is_the_master_and_gives_the_sheet() -> None:
    product = made(article("B", label="Deux"), article("A", label="Un"), article("C", label="Trois"))
    assert (product.sku, product.label) == ("A", "Un")


def test_the_article_that_the_group_names_is_the_master_whatever_its_case() -> None:
    product = made(article("A"), article("MARIN", label="Le modèle"), article("B"))
    assert (product.sku, product.label) == ("MARIN", "Le modèle")
    assert [one.sku for one in product.variants] == ["A", "B", "MARIN"]


@given(st.permutations(["A", "B", "MARIN", "Z"]), st.integers(1, 4))
def test_the_order_in_which_articles_are_read_changes_nothing(order: list[str], page: int) -> None:
    (first,) = together(*(record(article(sku)) for sku in sorted(order)))
    (other,) = together(*(record(article(sku)) for sku in order), page=page)
    assert (other.key, other.erp_id, other.digest) == (first.key, first.erp_id, first.digest)
    assert other.read() == first.read()


def test_the_group_has_an_id_of_its_own_that_outlives_its_master() -> None:
    (before,) = together(*(record(article(sku)) for sku in "ABC"))
    (after,) = together(*(record(article(sku)) for sku in "BC"))
    assert (before.key, after.key) == ("A", "B")
    assert before.erp_id == after.erp_id == before.read().erp_id
    assert before.erp_id not in {"id A", "id B", "id C"}


# --- the record of a group ---


def test_the_record_changes_when_a_member_changes_comes_or_goes() -> None:
    def digest(*records: Record[Product]) -> bytes:
        return together(*records)[0].digest

    a, b, c = (record(article(sku)) for sku in "ABC")
    changed = record(article("B"), digest=b"other")
    assert len({digest(a, b), digest(a, changed), digest(a, b, c), digest(a)}) == 4


def test_a_record_is_that_of_its_members_and_of_nobody_else() -> None:
    group, alone = together(record(article("A")), record(article("B")), record(article("P", model="")))[::-1]
    assert is_of(group, "A")
    assert is_of(group, "B")
    assert not is_of(group, "P")
    assert is_of(alone, "P")
    assert not is_of(alone, "A")


# --- the variants of a group ---


def test_a_member_brings_its_values_barcode_weight_and_price_and_the_product_has_no_barcode() -> None:
    other = Price(Decimal("12.5"), tax_included=True)
    product = made(article("A"), article("B", size="M", price=other, weight=Decimal(2)))
    assert product.gtin == ""
    assert product.variants[1] == Variant(
        sku="B", erp_id="id B", options=(("Taille", "M"), ("Couleur", "Bleu")), gtin="gtin B", tax=VAT, price=other,
        weight=Decimal(2),
    )  # fmt: skip


def test_a_member_whose_vat_differs_says_so_beside_the_master_s() -> None:
    reduced = Tax("C55", Decimal("5.5"))
    product = made(article("A"), article("B", tax=reduced))
    assert product.tax == VAT
    assert [one.tax for one in product.variants] == [VAT, reduced]


def test_a_member_without_a_price_does_not_take_its_master_s() -> None:
    product = made(article("A"), article("B", price=None))
    assert product.price == TEN
    price = product.variants[1].price
    assert price is not None
    assert price.amount == 0


def test_a_member_without_a_value_has_an_empty_one() -> None:
    product = made(article("A", size=""))
    assert product.variants[0].options == (("Taille", ""), ("Couleur", "Bleu"))
