"""What a connector gives the contract kit so that it can be tried: its adapter and a way round it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from passerelle.domain.catalogue import ShopProduct, ShopVariant
from passerelle.domain.stock import DocumentKind
from passerelle.errors import CapabilityMissing, PasserelleError
from passerelle.ports.erp import ErpSink, ErpSource
from passerelle.ports.manifest import Capability, Manifest
from passerelle.ports.shop import (
    OrderDesk,
    Shop,
    ShopBrand,
    ShopCategory,
    ShopFeature,
    ShopFeatureValue,
    ShopOption,
    ShopOptionValue,
)
from passerelle.testing.builders import ArticleSeed, ProductSeed, SaleSeed
from passerelle.testing.faults import Families, Fault

T = TypeVar("T")


class Cannot(Exception):
    """The harness cannot do this to its vendor; the message says why, and the test is skipped with it."""


class _Harness(Protocol):
    """What the harnesses of both sides have.

    `secret` must never show in a message. `many` is a number of records that makes at least three pages. `stored()`
    reads the whole vendor's side without the adapter: two equal answers mean that nothing was changed. `inject` makes
    every call fail that way until `heal`; the faults that strike after a commit strike writes only.
    """

    @property
    def secret(self) -> str: ...

    @property
    def many(self) -> int: ...

    def stored(self) -> Any: ...

    def inject(self, fault: Fault) -> None:
        """Raises Cannot."""
        ...

    def heal(self) -> None: ...


class ErpHarness(_Harness, Protocol):
    """An ERP with two warehouses and no articles."""

    @property
    def adapter(self) -> ErpSource: ...

    @property
    def warehouses(self) -> tuple[str, str]: ...

    def seed(self, *articles: ArticleSeed) -> None:
        """Add articles, or change those whose reference is there. Raises Cannot."""
        ...

    def delete(self, sku: str) -> None: ...

    def break_record(self, sku: str) -> None:
        """Make an article one that cannot be mapped. Raises Cannot."""
        ...

    def filter_without(self, sku: str) -> str:
        """A filter, in the ERP's own terms, that leaves out the article with this reference and no other."""
        ...

    def seed_document(self, order_key: str, *, kind: DocumentKind, lines: Mapping[str, Decimal]) -> None: ...


class SinkHarness(ErpHarness, Protocol):
    """An ERP that documents can be placed in, also behind `sink`. `tax_code` is that of 20 %; it has a customer CL1."""

    @property
    def sink(self) -> ErpSink: ...

    @property
    def tax_code(self) -> str: ...

    def documents_with(self, order_key: str) -> int:
        """How many documents the ERP holds under an order key."""
        ...

    def take(self) -> None:
        """Let the ERP take what was handed over; does nothing where it takes at once."""
        ...

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        """Turn a document into one of a later kind, as the ERP's users do. Raises Cannot."""
        ...


class StoredShop(msgspec.Struct, frozen=True, kw_only=True):
    """A whole shop, read without its adapter. `rest` is everything else, to see that nothing changed.

    `stocks` are the quantities of the variants, by their ids.
    """

    products: list[ShopProduct]
    categories: list[ShopCategory]
    brands: list[ShopBrand]
    features: list[ShopFeature] = []
    feature_values: list[ShopFeatureValue] = []
    options: list[ShopOption] = []
    option_values: list[ShopOptionValue] = []
    variants: list[ShopVariant] = []
    stocks: dict[str, int] = {}
    rest: Any = None

    def product(self, shop_id: str) -> ShopProduct:
        """One product by id; fails the test when it is not there."""
        found = [product for product in self.products if product.shop_id == shop_id]
        assert len(found) == 1, f"the shop holds {len(found)} products with the id {shop_id!r}"
        return found[0]

    def variant(self, shop_id: str) -> ShopVariant:
        """One variant by id; fails the test when it is not there."""
        found = [variant for variant in self.variants if variant.shop_id == shop_id]
        assert len(found) == 1, f"the shop holds {len(found)} variants with the id {shop_id!r}"
        return found[0]

    def with_sku(self, sku: str) -> list[ShopProduct]:
        """The products with exactly this reference."""
        return [product for product in self.products if product.sku == sku]


class ShopHarness(_Harness, Protocol):
    """A shop with no products. `writes` counts writing requests so far.

    `languages` are fr and en by our codes, or fr alone where a shop has but one. `requests` gives how many writing
    requests the kit's whole batch of a kind takes, where it is not one: variants are of two products there.
    """

    @property
    def languages(self) -> tuple[str, ...]: ...

    @property
    def requests(self) -> Mapping[str, int]: ...

    @property
    def adapter(self) -> Shop: ...

    @property
    def writes(self) -> int: ...

    def stored(self) -> StoredShop: ...

    def seed_product(self, seed: ProductSeed) -> str:
        """Add a product, and its variants; gives the product's id."""
        ...

    def delete_product(self, shop_id: str) -> None: ...

    def delete_variant(self, shop_id: str) -> None: ...

    def seed_order(self, pieces: Mapping[str, int]) -> str:
        """A visitor orders these products or variants (id → pieces) and pays; gives the order's id."""
        ...

    def cancel_order(self, order_id: str) -> None: ...

    def wait(self, seconds: int) -> None:
        """Let the shop's own clock move on. Raises Cannot."""
        ...


class DeskHarness(ShopHarness, Protocol):
    """A shop whose orders are read whole and written to, through `desk`; `next_status` is one a paid order can take.

    `remembers`: the shop keeps which statuses an order had, and who set them.
    """

    @property
    def remembers(self) -> bool: ...

    @property
    def desk(self) -> OrderDesk: ...

    @property
    def next_status(self) -> str: ...

    def seed_sale(self, seed: SaleSeed) -> str:
        """A visitor orders and pays all this; gives the order's id."""
        ...

    def break_order(self, order_id: str) -> None:
        """Make an order one that cannot be mapped. Raises Cannot."""
        ...

    def set_status(self, order_id: str, status: str, *, author: str) -> None:
        """A person of the shop, named by a number, moves an order to a status."""
        ...

    def status_of(self, order_id: str) -> str: ...

    def parcels_of(self, order_id: str) -> list[str]:
        """The tracking numbers of an order."""
        ...


def needs(manifest: Manifest, capability: Capability) -> None:
    """Skip a test of what the connector does not declare; that the call is refused is tested elsewhere."""
    if capability not in manifest.capabilities:
        pytest.skip(f"{manifest.name} does not declare {capability}")


def can(act: Callable[..., T], *args: Any, **named: Any) -> T:
    """Do something to the vendor's side, or skip the test with the harness's reason."""
    try:
        return act(*args, **named)
    except Cannot as reason:
        pytest.skip(str(reason))


@contextmanager
def injected(harness: _Harness, fault: Fault) -> Iterator[None]:
    """A fault, for the time of a block."""
    can(harness.inject, fault)
    try:
        yield
    finally:
        harness.heal()


def failure(act: Callable[[], object], *, families: Families) -> PasserelleError:
    """The error that `act` raises, which must be of one of these families; an answer in its place fails the test."""
    try:
        answer = act()
    except families as error:
        return error
    except Exception as error:
        raise AssertionError(f"{error!r} is none of {', '.join(f.__name__ for f in families)}") from error
    raise AssertionError(f"an error was expected, not the answer {answer!r}")


def refused_as_missing(act: Callable[[], object], *, what: str) -> None:
    """The call must raise CapabilityMissing."""
    try:
        act()
    except CapabilityMissing:
        return
    except PasserelleError as error:
        raise AssertionError(f"{what} is not declared and gives {error!r}") from error
    raise AssertionError(f"{what} is not declared and answers all the same")


def leak(error: BaseException, secret: str) -> str:
    """Where a secret shows in an error or in those it came from; empty if nowhere."""
    seen: BaseException | None = error
    while seen is not None:
        shown = [repr(seen), str(seen), repr(vars(seen))]
        if isinstance(seen, PasserelleError):
            shown += [seen.message, seen.detail, seen.next_step]
        if any(secret in text for text in shown):
            return type(seen).__name__
        seen = seen.__cause__ or seen.__context__
    return ""


def assert_nothing_leaks(harness: _Harness, fault: Fault, act: Callable[[], object]) -> None:
    """Neither the error that `act` raises under a fault nor what is logged meanwhile shows the secret."""
    assert harness.secret, "the harness names no secret to look for"
    place = ""
    with injected(harness, fault), everything_logged() as logs:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whichever it is, someone will read it
            place = leak(error, harness.secret)
    assert not place, f"the secret shows in {place}"
    assert harness.secret not in repr(logs), "the secret shows in the log"


@contextmanager
def everything_logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged while the block runs, however quiet the process is set."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        structlog.configure(wrapper_class=before)
