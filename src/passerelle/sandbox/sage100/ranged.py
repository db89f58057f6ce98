"""Articles with one or two ranges [gammes]: combinations, their references, bar codes, prices and stock."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import product
from random import Random
from typing import Any, Final

from .parameters import MAIN_DEPOT, PROFESSIONAL, PUBLIC, RANGES, SALES_RATES, SHOP_DEPOT, UNITS
from .references import ean13
from .rows import NO_DATE, BulkInsert, Row, created_and_changed, day
from .vocabulary import load_vocabulary

_CENT = Decimal("0.01")
_FIRST_NUMBER: Final = 101  # AG_No; the numbers below are those of `specials`
_FIRST_BARCODE: Final = 91_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of ranged.toml says; `price` in cents, `weight` in grams."""

    prefix: str
    family: str
    path: tuple[str, ...]
    label: str
    models: tuple[str, ...]
    ranges: tuple[tuple[str, tuple[str, ...]], ...]  # name, values
    price: tuple[int, int]
    weight: int


@dataclass(frozen=True, slots=True)
class Combination:
    """`numbers` are AG_No1 and AG_No2; `rank` tells how far up its sizes it is, from 0 to 1."""

    numbers: tuple[int, int]
    values: tuple[str, ...]
    rank: Decimal


def paths(count: int) -> list[tuple[str, ...]]:
    """The paths of the catalogue that the first `count` of these articles are in."""
    return [line.path for line, _ in _drawn(count)]


def add_ranged(bulk: BulkInsert, *, count: int, catalogue: dict[tuple[str, ...], int], rng: Random) -> None:
    """Adds `count` articles, lines taken in turn; each range's values are listed once for the company."""
    number = _FIRST_NUMBER
    for index, (line, model) in enumerate(_drawn(count)):
        article = _Ranged(bulk, index, line=line, model=model, rng=rng)
        article.add(catalogue=catalogue, first_number=number)
        number += sum(len(values) for _, values in line.ranges)
    _list_values(bulk, lines=[line for line, _ in _drawn(count)])


def _list_values(bulk: BulkInsert, *, lines: list[Line]) -> None:
    for number, name in enumerate(RANGES, start=1):
        ranges = (values for line in lines for of, values in line.ranges if of == name)
        listed = dict.fromkeys(value for values in ranges for value in values)
        for rank, value in enumerate(listed, start=1):
            bulk.add("F_ENUMGAMME", {"EG_Champ": number, "EG_Ligne": rank, "EG_Enumere": value})


def _drawn(count: int) -> Iterator[tuple[Line, int]]:
    """Lines in turn, each time with the next of their models; a model that is taken again is another series."""
    lines = _lines()
    return ((lines[index % len(lines)], index // len(lines)) for index in range(count))


class _Ranged:
    """One article on its way into the base."""

    def __init__(self, bulk: BulkInsert, index: int, *, line: Line, model: int, rng: Random) -> None:
        self._bulk = bulk
        self._index = index
        self._line = line
        self._model = model
        self._rng = rng
        self._ref = f"{line.prefix}-{model + 1:02d}"
        low, high = line.price
        self._price = Decimal(rng.randrange(low, high)).scaleb(-2)
        self._ttc = rng.random() < 0.15
        # Every third article has prices of its own combinations for the public, every fifth for professionals.
        self._priced = tuple(
            category for category, every in ((PUBLIC, 3), (PROFESSIONAL, 5)) if index % every == every - 1
        )

    def add(self, *, catalogue: dict[tuple[str, ...], int], first_number: int) -> None:
        self._add_article(catalogue)
        for category in self._priced:
            self._add_category(category)
        combinations = self._add_values(first_number)
        stock: dict[int, Decimal] = {}
        for place, combination in enumerate(combinations):
            self._add_combination(combination, place=place)
            for depot, quantity in self._quantities():
                self._add_stock(combination, depot=depot, quantity=quantity)
                stock[depot] = stock.get(depot, Decimal(0)) + quantity
        for depot, total in stock.items():
            row: Row = {"AR_Ref": self._ref, "DE_No": depot, "AS_QteSto": total, "AS_Mouvemente": 1}
            row |= {"AS_MontSto": self._worth(total), "AS_Principal": int(depot == MAIN_DEPOT)}
            self._bulk.add("F_ARTSTOCK", row | created_and_changed(self._rng))

    def _add_stock(self, combination: Combination, *, depot: int, quantity: Decimal) -> None:
        row: Row = {"DE_No": depot, "GS_QteSto": quantity, "GS_MontSto": self._worth(quantity)}
        self._bulk.add("F_GAMSTOCK", self._keys(combination) | row | created_and_changed(self._rng))

    def _worth(self, quantity: Decimal) -> Decimal:
        return (quantity * self._price / 2).quantize(_CENT)

    def _add_article(self, catalogue: dict[tuple[str, ...], int]) -> None:
        line, rng = self._line, self._rng
        series, model = divmod(self._model, len(line.models))
        label = line.label.format(model=line.models[model]) + (f" série {series + 1}" if series else "")
        names = [name for name, _ in line.ranges]
        row: Row = {"AR_Ref": self._ref, "AR_Design": label, "FA_CodeFamille": line.family, "AR_Publie": 1}
        row |= {f"AR_Gamme{rank}": RANGES.index(name) + 1 for rank, name in enumerate(names, start=1)}
        price = (self._price * self._gross()).quantize(_CENT) if self._ttc else self._price
        row |= {"AR_PrixVen": price, "AR_PrixTTC": int(self._ttc), "AR_PrixAch": (self._price / 2).quantize(_CENT)}
        row |= {"AR_UnitePoids": 3, "AR_PoidsNet": line.weight, "AR_PoidsBrut": line.weight, "AR_SuiviStock": 2}
        row |= {"AR_UniteVen": UNITS.index("Pièce") + 1, "Marque commerciale": rng.choice(_brands(line.path[0]))}
        row |= {f"CL_No{level}": number for level, number in enumerate(_numbers(line.path, catalogue), start=1)}
        row |= {"AR_DateCreation": day(rng), "AR_DateModif": day(rng, after=300), "AR_DateApplication": NO_DATE}
        self._bulk.add("F_ARTICLE", row | created_and_changed(rng))

    def _gross(self) -> Decimal:
        return (100 + SALES_RATES["C20"]) / 100

    def _add_category(self, category: int) -> None:
        """The row that says whether the prices of a category, those of combinations too, include VAT."""
        public = category == PUBLIC
        price = self._price * (self._gross() if public else Decimal("0.9"))
        row: Row = {"AR_Ref": self._ref, "AC_Categorie": category, "AC_PrixVen": price.quantize(_CENT)}
        row |= {"AC_PrixTTC": int(public), "CT_Num": None, "AC_DateApplication": NO_DATE}
        self._bulk.add("F_ARTCLIENT", row | created_and_changed(self._rng))

    def _add_values(self, first_number: int) -> list[Combination]:
        numbered: list[list[tuple[int, str]]] = []
        number = first_number
        for position, (_, values) in enumerate(self._line.ranges):
            numbered.append(list(enumerate(values, start=number)))
            number += len(values)
            for at, value in numbered[-1]:
                row: Row = {"AR_Ref": self._ref, "AG_No": at, "EG_Enumere": value, "AG_Type": position}
                self._bulk.add("F_ARTGAMME", row | created_and_changed(self._rng))
        sizes = len(numbered[0])
        return [
            Combination(
                (parts[0][0], parts[1][0] if len(parts) == 2 else 0),
                tuple(value for _, value in parts),
                Decimal(parts[0][0] - first_number) / sizes,
            )
            for parts in product(*numbered)
        ]

    def _keys(self, combination: Combination) -> Row:
        return {"AR_Ref": self._ref, "AG_No1": combination.numbers[0], "AG_No2": combination.numbers[1]}

    def _add_combination(self, combination: Combination, *, place: int) -> None:
        """Two articles in three have no references of their own, or only some; a few combinations are asleep."""
        rng = self._rng
        style, number = self._index % 3, _FIRST_BARCODE + self._index * 100 + place
        named = style == 1 or (style == 2 and place % 2 == 0)
        coded = rng.random() < 0.9
        row: Row = {"AE_Ref": f"{self._ref}.{place + 1:03d}" if named else rng.choice(("", None))}
        row |= {"AE_CodeBarre": ean13(number) if coded else None, "AE_Sommeil": int(place > 0 and rng.random() < 0.06)}
        self._bulk.add("F_ARTENUMREF", self._keys(combination) | row | created_and_changed(rng))
        for category in self._priced:
            self._add_price(combination, category=category, barcode=None if coded else ean13(number))

    def _add_price(self, combination: Combination, *, category: int, barcode: str | None) -> None:
        """The upper third of the sizes costs more; the others have a row at 0, which means the article's price."""
        more = combination.rank >= Decimal("0.66")
        basis = self._gross() if category == PUBLIC else Decimal("0.9")
        price = (self._price * basis * Decimal("1.08")).quantize(_CENT) if more else 0
        row: Row = {"TG_RefCF": f"a{category:02d}", "TG_Prix": price}
        row |= {"TG_CodeBarre": barcode if category == PUBLIC else None}
        self._bulk.add("F_TARIFGAM", self._keys(combination) | row | created_and_changed(self._rng))

    def _quantities(self) -> Sequence[tuple[int, Decimal]]:
        """One combination in twelve has no row at all, which is a stock of 0."""
        draw = self._rng.random()
        if draw < 0.08:
            return ()
        main = Decimal(0 if draw < 0.2 else self._rng.randrange(1, 40))
        shop = ((SHOP_DEPOT, Decimal(self._rng.randrange(8))),) if draw > 0.6 else ()
        return ((MAIN_DEPOT, main), *shop)


def _numbers(path: tuple[str, ...], catalogue: dict[tuple[str, ...], int]) -> list[int]:
    return [catalogue[path[:level]] if level <= len(path) else 0 for level in range(1, 5)]


def _brands(department: str) -> tuple[str, ...]:
    products = load_vocabulary().products
    return next(one.department.brands for one in products if one.department.name == department)


@cache
def _lines() -> tuple[Line, ...]:
    raw = tomllib.loads((files(__package__) / "ranged.toml").read_text(encoding="utf-8"))
    return tuple(_line(line) for line in raw["lines"])


def _line(raw: dict[str, Any]) -> Line:
    ranges = [raw[name] for name in ("first", "second") if name in raw]
    return Line(
        prefix=raw["prefix"],
        family=raw["family"],
        path=tuple(raw["path"].split("/")),
        label=raw["label"],
        models=tuple(raw["models"]),
        ranges=tuple((name, tuple(values)) for name, *values in ranges),
        price=(raw["price"][0], raw["price"][1]),
        weight=raw["weight"],
    )
