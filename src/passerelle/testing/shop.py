"""The contracts of a shop connector: subclass them in a test module and give them a `harness` fixture."""

from __future__ import annotations

from passerelle.testing.shop_deleting import ShopDeleting
from passerelle.testing.shop_desk_reading import DeskReading
from passerelle.testing.shop_desk_writing import DeskWriting
from passerelle.testing.shop_failing import ShopFailing
from passerelle.testing.shop_reading import ShopReading
from passerelle.testing.shop_reading_back import ShopReadingBack
from passerelle.testing.shop_side_by_side import ShopSideBySide
from passerelle.testing.shop_variants import ShopVariants
from passerelle.testing.shop_variants_failing import ShopVariantsFailing
from passerelle.testing.shop_writing import ShopWriting


class ShopContract(
    ShopReading,
    ShopWriting,
    ShopVariants,
    ShopReadingBack,
    ShopFailing,
    ShopVariantsFailing,
    ShopDeleting,
    ShopSideBySide,
):
    """What every implementation of the port Shop owes. The fixture `harness` gives a ShopHarness over an empty shop."""


class OrderDeskContract(DeskReading, DeskWriting):
    """What every implementation of the port OrderDesk owes. The fixture `harness` gives a DeskHarness."""
