"""Features of a product: from the ERP's fields to the names and values that the shop knows or gets."""

from __future__ import annotations

from collections.abc import Iterator

from passerelle.domain.facets import Features
from passerelle.planner.texts import accepted, cleaned, rendered
from passerelle.ports.shop import TextLimit
from passerelle.profile.sections import CustomFieldOptions

SEPARATOR = " = "  # between a feature and its value in the key of a value; a feature's name holds no "="


def features_of(
    key: str, *, options: CustomFieldOptions, fields: dict[str, str], limits: dict[str, TextLimit]
) -> Features:
    """Every feature of the profile with the article's values, () for none; those that differ by case or spaces are one.

    Raises TextRefused for a value that the shop does not accept.
    """
    limit = limits.get("feature_value", TextLimit())
    found: dict[str, tuple[str, ...]] = {}
    for name, source in options.features.items():
        once: dict[str, str] = {}
        for value in _split(rendered(source, fields=fields), options.separator):
            once.setdefault(folded(value), accepted(value, key=key, field=name, limit=limit))
        found[name] = tuple(once.values())
    return Features(found)


def _split(text: str, separator: str) -> Iterator[str]:
    for part in text.split(separator) if separator else [text]:
        if value := cleaned(part, markup=False):
            yield value


def folded(name: str) -> str:
    """Names that differ by case or spaces are one."""
    return " ".join(name.split()).casefold()


def value_key(feature: str, value: str) -> str:
    """The key of a value among all values."""
    return f"{folded(feature)}{SEPARATOR}{folded(value)}"


def feature_of(key: str) -> str:
    """The key of the feature that a value's key belongs to."""
    return key.partition(SEPARATOR)[0]


def to_take_away(new: Features, *, old: Features | None) -> frozenset[str]:
    """The features that lose every value: those that have none any more and had one that we sent.

    What the ERP never filled is left as the shop has it.
    """
    had = old.values if old else {}
    return frozenset(name for name, values in new.values.items() if not values and had.get(name))
