"""What the demo company sells, as read from catalogue.toml and products.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Department:
    name: str
    brands: tuple[str, ...]
    french: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    code: str
    name: str
    tax: str
    eco: bool


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in cents (in 1/100 of a cent when `fine`), `weight` in grams, both [lowest, highest].

    Sizes and options are (French, English).
    """

    prefix: str
    family: Family
    department: Department
    path: tuple[str, ...]
    french: str
    english: str
    sizes: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    price: tuple[int, int]
    weight: tuple[int, int]
    unit: str
    fine: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    families: tuple[Family, ...]
    products: tuple[Product, ...]

    def paths(self) -> list[tuple[str, ...]]:
        """Every catalogue node, parents before children."""
        nodes = {product.path[:depth]: None for product in self.products for depth in range(1, len(product.path) + 1)}
        return list(nodes)


@cache
def load_vocabulary() -> Vocabulary:
    catalogue = _toml("catalogue.toml")
    departments = {d["name"]: _department(d) for d in catalogue["departments"]}
    families = {
        f["code"]: Family(code=f["code"], name=f["name"], tax=f.get("tax", "C20"), eco=f.get("eco", False))
        for f in catalogue["families"]
    }
    products = [_product(p, departments=departments, families=families) for p in _toml("products.toml")["products"]]
    return Vocabulary(families=tuple(families.values()), products=tuple(products))


def _department(raw: dict[str, Any]) -> Department:
    return Department(raw["name"], tuple(raw["brands"]), tuple(raw["french"]), tuple(raw["english"]))


def _product(raw: dict[str, Any], *, departments: dict[str, Department], families: dict[str, Family]) -> Product:
    path = tuple(raw["path"].split("/"))
    return Product(
        prefix=raw["prefix"],
        family=families[raw["family"]],
        department=departments[path[0]],
        path=path,
        french=raw["fr"],
        english=raw["en"],
        sizes=tuple(_translated(size) for size in raw["sizes"]),
        options=tuple(_translated(option) for option in raw["options"]),
        price=(raw["price"][0], raw["price"][1]),
        weight=(raw["weight"][0], raw["weight"][1]),
        unit=raw.get("unit", "Pièce"),
        fine=raw.get("fine", False),
    )


def _translated(text: str) -> tuple[str, str]:
    """ "French=English"; without English, a measure, of which only the decimal comma changes."""
    french, _, english = text.partition("=")
    return french, english or french.replace(",", ".")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))
