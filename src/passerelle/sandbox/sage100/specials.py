"""Articles of other kinds than the simple ones: services, ranges, a packaging, a kit."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from .articles import Article
from .parameters import MAIN_DEPOT, UNITS
from .references import ean13
from .rows import BulkInsert, Row, created_and_changed, moment

# (reference, label, family, price excl. VAT, published): not followed in stock.
_SERVICES = (
    ("PORT", "Frais de port", "SERVICE", "9.90", 0),
    ("DIVERS", "Article divers", "DIVERS", "0", 0),
    ("ECART", "Écart d'arrondi", "DIVERS", "0", 0),
    ("AFFUTAGE-LAME", "Affûtage d'une lame de scie circulaire", "SERVICE", "12.50", 1),
    ("REPRO-CLE", "Reproduction de clé plate (à la minute)", "SERVICE", "6.25", 1),
    ("LIVR-CHANTIER", "Livraison sur chantier, moins de 30 km", "SERVICE", "45", 1),
)
COUNT = len(_SERVICES) + 4


def add_specials(bulk: BulkInsert, *, simple: list[Article], rng: Random) -> None:
    """Adds COUNT articles; the kit is made of the first two simple ones."""
    for ref, label, family, price, published in _SERVICES:
        row: Row = {"AR_SuiviStock": 0, "AR_Publie": published, "AR_PrixVen": Decimal(price)}
        _article(bulk, ref, label=label, family=family, more=row | {"AR_UniteVen": UNITS.index("Pièce") + 1}, rng=rng)
    _one_range(bulk, rng=rng)
    _two_ranges(bulk, rng=rng)
    _packaging(bulk, rng=rng)
    _kit(bulk, components=simple[:2], rng=rng)


def _article(bulk: BulkInsert, ref: str, *, label: str, family: str, more: Row, rng: Random) -> None:
    row: Row = {"AR_Ref": ref, "AR_Design": label, "FA_CodeFamille": family, "AR_Publie": 1}
    bulk.add("F_ARTICLE", row | more | created_and_changed(rng))


def _one_range(bulk: BulkInsert, *, rng: Random) -> None:
    more: Row = {"AR_PrixVen": Decimal("4.90"), "AR_Gamme1": 1}
    _article(bulk, "GANT-NITRILE", label="Gant nitrile réutilisable", family="GANTS", more=more, rng=rng)
    for number, size in enumerate(("S", "M", "L", "XL"), start=1):
        _value(bulk, "GANT-NITRILE", number=number, value=size, position=0, rng=rng)
        _combination(bulk, "GANT-NITRILE", first=number, second=0, barcode=number, rng=rng)
    _total(bulk, "GANT-NITRILE", combinations=4, rng=rng)


def _two_ranges(bulk: BulkInsert, *, rng: Random) -> None:
    more: Row = {"AR_PrixVen": Decimal("59.90"), "AR_PrixTTC": 1, "AR_Gamme1": 1, "AR_Gamme2": 2}
    _article(bulk, "CHAUS-SECU", label="Chaussure de sécurité S3", family="VETEMENT", more=more, rng=rng)
    sizes, colours = ("40", "41", "42", "43"), ("Noir", "Châtaigne")
    for number, size in enumerate(sizes, start=11):
        _value(bulk, "CHAUS-SECU", number=number, value=size, position=0, rng=rng)
    for number, colour in enumerate(colours, start=21):
        _value(bulk, "CHAUS-SECU", number=number, value=colour, position=1, rng=rng)
    pairs = [(size, colour) for size in range(11, 15) for colour in (21, 22)]
    for barcode, (first, second) in enumerate(pairs, start=11):
        _combination(bulk, "CHAUS-SECU", first=first, second=second, barcode=barcode, rng=rng)
    _total(bulk, "CHAUS-SECU", combinations=len(pairs), rng=rng)


def _value(bulk: BulkInsert, ref: str, *, number: int, value: str, position: int, rng: Random) -> None:
    row: Row = {"AR_Ref": ref, "AG_No": number, "EG_Enumere": value, "AG_Type": position}
    bulk.add("F_ARTGAMME", row | created_and_changed(rng))
    bulk.add("F_ENUMGAMME", {"EG_Champ": position + 1, "EG_Ligne": number, "EG_Enumere": value})


def _combination(bulk: BulkInsert, ref: str, *, first: int, second: int, barcode: int, rng: Random) -> None:
    keys: Row = {"AR_Ref": ref, "AG_No1": first, "AG_No2": second}
    bulk.add("F_ARTENUMREF", keys | {"AE_Ref": "", "AE_CodeBarre": ean13(90_000_000 + barcode)}
             | created_and_changed(rng))  # fmt: skip
    bulk.add("F_GAMSTOCK", keys | {"DE_No": MAIN_DEPOT, "GS_QteSto": 5} | created_and_changed(rng))
    price: Row = {"TG_RefCF": "a02", "TG_Prix": Decimal("4.15") + first}
    bulk.add("F_TARIFGAM", keys | price | created_and_changed(rng))


def _total(bulk: BulkInsert, ref: str, *, combinations: int, rng: Random) -> None:
    """F_ARTSTOCK of a ranged article is the sum of its combinations in F_GAMSTOCK."""
    row: Row = {"AR_Ref": ref, "DE_No": MAIN_DEPOT, "AS_QteSto": 5 * combinations, "AS_Principal": 1}
    bulk.add("F_ARTSTOCK", row | created_and_changed(rng))


def _packaging(bulk: BulkInsert, *, rng: Random) -> None:
    ref = "VIS-PLAQUE-35"
    more: Row = {"AR_PrixVen": Decimal("0.0245"), "AR_Condition": 1, "AR_CodeBarre": ean13(90_000_100)}
    _article(bulk, ref, label="Vis plaque de plâtre 3,5 x 35", family="VISBOIS", more=more, rng=rng)
    for number, size in enumerate((200, 500, 1000), start=1):
        row: Row = {"AR_Ref": ref, "CO_No": number, "EC_Enumere": f"Boîte de {size}", "EC_Quantite": size}
        row |= {"CO_Principal": int(number == 1), "CO_CodeBarre": ean13(90_000_100 + number)}
        bulk.add("F_CONDITION", row | created_and_changed(rng))
    stock: Row = {"AR_Ref": ref, "DE_No": MAIN_DEPOT, "AS_QteSto": 12400, "AS_Principal": 1}
    bulk.add("F_ARTSTOCK", stock | created_and_changed(rng))


def _kit(bulk: BulkInsert, *, components: list[Article], rng: Random) -> None:
    more: Row = {"AR_PrixVen": Decimal("49.90"), "AR_Nomencl": 2, "AR_SuiviStock": 0}
    _article(bulk, "KIT-DEMARRAGE", label="Coffret de démarrage du bricoleur", family="FRAPPE", more=more, rng=rng)
    for rank, component in enumerate(components, start=1):
        row: Row = {"AR_Ref": "KIT-DEMARRAGE", "NO_RefDet": component.ref, "NO_Qte": rank, "NO_Ordre": rank}
        bulk.add("F_NOMENCLAT", row | {"cbModification": moment(rng)})
