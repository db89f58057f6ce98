"""Whatever changes in the ERP: once it is sent the shop equals the ERP, and planning again finds nothing to do."""

from __future__ import annotations

from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FLOWS, House, ean13, sampled

pytestmark = pytest.mark.slow
RATES = ("C20", "C10", "C55", "C21")


class Office:
    """The people at the ERP."""

    def __init__(self, house: House, random: Random) -> None:
        self.house, self.random, self.next = house, random, 100

    def something(self) -> None:
        """One of the things they do."""
        random, sage = self.random, self.house.sage
        everything = [ref for (ref,) in self.house.sql("SELECT AR_Ref FROM F_ARTICLE")]
        ref = random.choice(everything)
        n = random.randrange(1000)
        self.next += 1
        if len(self.house.refs()) < 3:  # an empty ERP holds every run, as it should: that is another story
            self.house.add_article(self.next)
            return
        changes = [
            lambda: sage.set_price(ref, f"{n + 1}.{n % 100:02d}", ttc=random.random() < 0.5),
            lambda: sage.set_stock(ref, 1, on_hand=n % 40, reserved=n % 3, to_check=n % 2),
            lambda: sage.set_published(ref, random.random() < 0.6),
            lambda: sage.set_dormant(ref, random.random() < 0.3),
            lambda: sage.update_article(ref, AR_Design=f"Désignation {n} « été »"),
            lambda: sage.update_article(ref, AR_CodeBarre=ean13(5000 + self.next)),
            lambda: sage.update_article(ref, **{"Marque commerciale": random.choice(["Forgial", "Neuve", f"M{n}"])}),
            lambda: sage.update_article(ref, CL_No1=1, CL_No2=random.choice([2, 3])),
            lambda: sage.set_vat_of_article(ref, 1, random.choice(RATES)),
            lambda: sage.set_vat_of_article(ref, 1, None),
            lambda: self.house.add_article(self.next),
            lambda: sage.delete_article(ref),
            lambda: sage.rename_article(ref, f"R-{self.next}"),
            lambda: self.house.sql("UPDATE F_CATALOGUE SET CL_Intitule = ? WHERE CL_No = 4", f"Visserie {n % 3}"),
        ]
        random.choice(changes)()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(sampled(6, 150)))
def test_after_any_changes_the_shop_equals_the_erp_and_nothing_is_left_to_write(build: Builder, seed: int) -> None:
    random = Random(seed)
    house = build()
    house.stock_catalogue(articles=8)
    office = Office(house, random)
    house.settled()
    for _ in range(8):
        for _ in range(random.randint(1, 8)):
            office.something()
        flows = list(FLOWS)
        if random.random() < 0.3:
            random.shuffle(flows)
        house.done(*flows)
        house.assert_nothing_free()
        house.settled()
        _compare(house)


def _compare(house: House) -> None:
    """The renamed categories keep the name they were created with: a category is linked, not rewritten."""
    expected = {ref: (e.name, e.price, e.tax_group, e.stock, e.ean) for ref, e in house.expected().items()}
    shown = {ref: house.shown(ref) for ref in expected}
    assert {ref: (s.name, s.price, s.tax_group, s.stock, s.ean) for ref, s in shown.items()} == expected
    brands = {ref: e.brand for ref, e in house.expected().items() if e.brand}
    assert {ref: shown[ref].brand for ref in brands} == brands
    visible = {row.text("reference") for row in house.shop.products.values() if row.text("active") == "1"}
    assert visible == set(expected)
    house.assert_nothing_free()
