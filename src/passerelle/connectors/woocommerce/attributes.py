"""Features and options of the adapter. Both are the attributes that products share, and their values are terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b
from typing import Any, Protocol

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.calls import Calls, Result, numbers, outcomes, spread
from passerelle.connectors.woocommerce.refusal import TERM_EXISTS, refused
from passerelle.connectors.woocommerce.terms import ATTRIBUTES, Terms, terms_of
from passerelle.connectors.woocommerce.wire import Attribute, Category, Term, VendorError, sendable, shown
from passerelle.errors import RefusedByShop
from passerelle.ports.shop import (
    FeatureValueWrite,
    FeatureWrite,
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ShopFeature,
    ShopFeatureValue,
    ShopOption,
    ShopOptionValue,
)

SLUG_LENGTH = 28
# Words that WordPress keeps for itself in addresses (from its documentation).
_RESERVED = (
    "attachment author cat category day error exact feed hour m minute month name order orderby p page paged post "
    "posts product s search second sentence static status tag taxonomy term terms theme title type w year"
)
RESERVED = frozenset(_RESERVED.split())


class _NamedWrite(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


class _ValueWrite(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def text(self) -> str: ...


class WoocommerceAttributes(Calls):
    """Attributes and their values."""

    _terms: Terms

    def features(self) -> list[ShopFeature]:
        """All attributes."""
        return [ShopFeature(str(one.id), shown(one.name)) for one in self._terms.attributes()]

    def feature_values(self, features: Sequence[str]) -> list[ShopFeatureValue]:
        """The values of these attributes."""
        found = self._terms.values_of(features) if features else []
        return [ShopFeatureValue(str(one.id), str(one.attribute), one.name) for one in found]

    def options(self) -> list[ShopOption]:
        """All attributes."""
        return [ShopOption(str(one.id), shown(one.name)) for one in self._terms.attributes()]

    def option_values(self, options: Sequence[str]) -> list[ShopOptionValue]:
        """The values of these attributes."""
        found = self._terms.values_of(options) if options else []
        return [ShopOptionValue(str(one.id), str(one.attribute), one.name) for one in found]

    def create_features(self, items: Sequence[FeatureWrite]) -> list[Outcome]:
        """Create attributes in one request."""
        return self._create_attributes(items)

    def create_feature_values(self, items: Sequence[FeatureValueWrite]) -> list[Outcome]:
        """Create values, in one request for each attribute."""
        return self._create_values(items, owner=lambda item: item.feature)

    def create_options(self, items: Sequence[OptionWrite]) -> list[Outcome]:
        """Create attributes in one request."""
        return self._create_attributes(items)

    def create_option_values(self, items: Sequence[OptionValueWrite]) -> list[Outcome]:
        """Create values, in one request for each attribute."""
        return self._create_values(items, owner=lambda item: item.option)

    def _create_attributes(self, items: Sequence[_NamedWrite]) -> list[Outcome]:
        def send(sent: list[_NamedWrite]) -> list[Result]:
            taken = {one.slug.removeprefix("pa_") for one in self._terms.attributes()}
            made = []
            for item in sent:
                slug = slug_of(item.name, taken=taken)
                taken.add(slug)
                made.append({"name": sendable(item.name), "slug": slug})
            rows = self._client.batch(ATTRIBUTES, "create", made, kind=Attribute)
            return [
                refused(item.key, row) if isinstance(row, VendorError) else str(row.id)
                for item, row in zip(sent, rows, strict=True)
            ]

        return outcomes(items, send=send, problem=lambda item: bodies.name_problem(item.key, "name", item.name))

    def _create_values(self, items: Sequence[Any], *, owner: Callable[[Any], str]) -> list[Outcome]:
        def send(path: str, group: list[_ValueWrite]) -> list[Result]:
            rows = self._client.batch(path, "create", [{"name": sendable(item.text)} for item in group], kind=Term)
            return [made_or_there(item.key, row) for item, row in zip(group, rows, strict=True)]

        def problem(item: Any) -> Any:
            if not numbers([owner(item)]):
                return RefusedByShop(key=item.key, why="its attribute does not exist there")
            return bodies.name_problem(item.key, "name", item.text)

        return outcomes(
            items,
            send=lambda sent: spread(sent, path_of=lambda item: terms_of(owner(item)), send=send),
            problem=problem,
        )


def made_or_there(key: str, row: Term | Category | VendorError) -> Result:
    """The id of a term that was made, or of the one that has this name already."""
    if not isinstance(row, VendorError):
        return str(row.id)
    other = row.details.resource_id if row.code == TERM_EXISTS else None
    return str(other) if other else refused(key, row)


def slug_of(name: str, *, taken: Collection[str]) -> str:
    """The address part of an attribute: at most 28 characters, none that is taken or kept by WordPress."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if slug and len(slug) <= SLUG_LENGTH and slug not in taken and slug not in RESERVED:
        return slug
    tail = blake2b(name.encode(), digest_size=4).hexdigest()
    for number in range(1000):
        end = tail if not number else f"{tail}{number}"
        made = f"{slug[: SLUG_LENGTH - len(end) - 1].strip('-')}-{end}".strip("-")
        if made not in taken:
            break
    return made
