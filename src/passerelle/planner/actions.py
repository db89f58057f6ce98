"""The actions of a plan: what is written, for which record, old and new. Stored as planned, executed as stored."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from passerelle.domain.facets import Body, Facet, Facets
from passerelle.domain.texts import Text


class ActionKind(StrEnum):
    """What an action does."""

    CREATE_CATEGORY = "create_category"
    CREATE_BRAND = "create_brand"
    CREATE_FEATURE = "create_feature"
    CREATE_FEATURE_VALUE = "create_feature_value"
    CREATE_OPTION = "create_option"
    CREATE_OPTION_VALUE = "create_option_value"
    CREATE_PRODUCT = "create_product"
    UPDATE_PRODUCT = "update_product"
    HIDE_PRODUCT = "hide_product"
    DELETE_PRODUCT = "delete_product"
    UPDATE_RANGED = "update_ranged"  # a product whose variants' prices are written with its own
    REMOVE_VARIANT = "remove_variant"
    UPDATE_VARIANT = "update_variant"
    CREATE_VARIANT = "create_variant"
    SHOW_PRODUCT = "show_product"  # once its variants are there
    LINK = "link"  # adopted, nothing to write
    UNLINK = "unlink"  # its product is gone from the shop; the catalogue creates it again
    SET_STOCK = "set_stock"
    PLACE_CUSTOMER = "place_customer"
    PLACE_ORDER = "place_order"
    SET_STATUS = "set_status"
    ADD_TRACKING = "add_tracking"
    SKIP = "skip"  # nothing is sent, with a reason a person reads
    PARK = "park"  # something must be corrected first


STAGES: dict[ActionKind, int] = {
    ActionKind.PARK: 0,
    ActionKind.SKIP: 0,
    ActionKind.CREATE_CATEGORY: 1,
    ActionKind.CREATE_BRAND: 2,
    ActionKind.CREATE_FEATURE: 2,
    ActionKind.CREATE_FEATURE_VALUE: 2,
    ActionKind.CREATE_OPTION: 2,
    ActionKind.CREATE_OPTION_VALUE: 2,
    ActionKind.LINK: 3,
    ActionKind.CREATE_PRODUCT: 4,
    ActionKind.UPDATE_PRODUCT: 5,
    ActionKind.HIDE_PRODUCT: 5,
    ActionKind.DELETE_PRODUCT: 5,
    ActionKind.REMOVE_VARIANT: 6,
    ActionKind.UPDATE_RANGED: 7,
    ActionKind.UPDATE_VARIANT: 7,
    ActionKind.CREATE_VARIANT: 8,
    ActionKind.SHOW_PRODUCT: 9,
    ActionKind.SET_STOCK: 10,
    ActionKind.PLACE_CUSTOMER: 11,
    ActionKind.PLACE_ORDER: 12,
    ActionKind.ADD_TRACKING: 13,
    ActionKind.SET_STATUS: 14,
    ActionKind.UNLINK: 15,
}


class Origin(StrEnum):
    """How a link came to be."""

    CREATED = "created"
    ADOPTED = "adopted"


class NewCategory(msgspec.Struct, frozen=True):
    """A category to create: its ERP key, the ERP key of its parent (None: under the shop's home), names by language."""

    key: str
    parent: str | None
    names: dict[str, str]
    level: int


class Action(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One action. `key` is the ERP reference (or the key of a category, brand, feature…).

    `new` holds the bodies to write, `old` the ones they replace where known. `digest` identifies the ERP record this
    was planned from. `adopt` is the shop product that is linked by this action, `known` the bodies it holds already
    and keeps. `pins` are facets held back after an undo, each with the fingerprint of what the ERP said.
    `basis` is a stock before the shop's own orders are taken off. Of what concerns an order, `key` and
    `shop_id` are the shop's order id; of a customer to place, `key` is its code and `shop_id` who it is in the shop.
    """

    kind: ActionKind
    key: str
    label: str = ""
    erp_id: str = ""
    shop_id: str = ""
    link_id: int | None = None
    digest: bytes = b""
    new: Facets = {}
    old: Facets = {}
    adopt: bool = False
    known: Facets = {}
    pins: dict[Facet, bytes] = {}
    category: NewCategory | None = None
    basis: Decimal | None = None
    reason: Text | None = None
    next_step: Text | None = None
    detail: str = ""
    target: str = "product"  # the kind of link it concerns, or a LINK makes
    parent: str = ""  # of a variant planned from its article's record: the article's reference
    ranged: bool = False  # of a product: its variants carry the stock
    price_move: Decimal | None = None  # of a variant: by how many percent the price that buyers see moves
    renamed_from: str = ""  # the reference its article had
    again: bool = False  # something of its record waits for the shop: the next run looks at it once more
    repair: bool = False  # planned from what was sent and what the shop holds, not from an ERP record

    @property
    def stage(self) -> int:
        """The order in which kinds are executed: what others need comes first."""
        return STAGES[self.kind]

    @property
    def record(self) -> str:
        """The key of the ERP record that this was planned from."""
        return self.parent or self.key


# What products need beside themselves.
AUXILIARY = frozenset(
    {
        ActionKind.CREATE_CATEGORY,
        ActionKind.CREATE_BRAND,
        ActionKind.CREATE_FEATURE,
        ActionKind.CREATE_FEATURE_VALUE,
        ActionKind.CREATE_OPTION,
        ActionKind.CREATE_OPTION_VALUE,
    }
)


def counted(action: Action, *, flow: str) -> bool:
    """Whether a person counts this action: an article or variant, not the categories or first stock it comes with."""
    if action.kind is ActionKind.SET_STOCK:
        return flow == "stocks" or bool(action.parent)
    if action.kind is ActionKind.PLACE_CUSTOMER:
        return False
    if action.kind is ActionKind.SHOW_PRODUCT:
        return action.link_id is not None  # else it is part of a creation
    return action.target in ("product", "variant") and action.kind not in AUXILIARY


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Action)
_bodies_encoder = msgspec.msgpack.Encoder(order="deterministic")
_bodies_decoder: msgspec.msgpack.Decoder[dict[Facet, Body]] = msgspec.msgpack.Decoder(dict[Facet, Body])


def encode_action(action: Action) -> bytes:
    """The spooled form of an action."""
    return _encoder.encode(action)


def decode_action(data: bytes) -> Action:
    """The action of a spooled form."""
    return _decoder.decode(data)


def encode_facets(facets: Facets) -> bytes:
    """The journalled form of several bodies."""
    return _bodies_encoder.encode(facets)


def decode_facets(data: bytes) -> Facets:
    """The bodies of a journalled form; nothing at all stands for none: what is placed in an ERP replaces nothing."""
    return _bodies_decoder.decode(data) if data else {}
