"""Around the articles: families, catalogue, VAT, long texts, tariffs, suppliers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .articles import Article
from .parameters import EUROPE, EXPORT, FRANCE, PROFESSIONAL, PUBLIC, PUBLIC_BODY, RESELLER
from .rows import NO_DATE, BulkInsert, Row, created_and_changed, moment
from .vocabulary import Family, Vocabulary

_CENT = Decimal("0.01")
_SHARED_TEXTS = (
    ("Retours", "Article repris sous 30 jours dans son emballage d'origine, en magasin ou par transporteur.",
     "Returned within 30 days in its original packaging, in store or by carrier.", NO_DATE),
    ("Conseil du magasin", "Un doute sur le modèle ? Nos vendeurs vous répondent du lundi au samedi.",
     "Not sure about the model? Our staff answers from Monday to Saturday.", NO_DATE),
    ("Promotion de printemps", "Prix en baisse jusqu'au 31 mai 2025, dans la limite du stock.", "",
     "2025-05-31 00:00:00"),
)  # fmt: skip


def add_families(bulk: BulkInsert, *, families: Iterable[Family], rng: Random) -> None:
    """The details (FA_Type 0) with a few discounts, a total that shares a detail's code, a centralising family."""
    for family in families:
        add_family(bulk, code=family.code, name=family.name, tax=family.tax, eco=family.eco, rng=rng)
    for code, category, discount in (
        ("VISBOIS", PROFESSIONAL, 25),
        ("BOULON", PROFESSIONAL, 30),
        ("GANTS", RESELLER, 35),
    ):
        tariff: Row = {"FA_CodeFamille": code, "FT_Categorie": category, "FT_Remise": discount}
        bulk.add("F_FAMTARIF", tariff | {"cbModification": moment(rng)})
    for code, name, kind in (("JARDIN", "Total jardin", 1), ("GENERAL", "Toutes familles", 2)):
        row: Row = {"FA_CodeFamille": code, "FA_Type": kind, "FA_Intitule": name}
        bulk.add("F_FAMILLE", row | created_and_changed(rng))


def add_family(bulk: BulkInsert, *, code: str, name: str, tax: str | None, eco: bool, rng: Random) -> None:
    row: Row = {"FA_CodeFamille": code, "FA_Type": 0, "FA_Intitule": name}
    bulk.add("F_FAMILLE", row | created_and_changed(rng))
    if tax is None:
        return
    for category, code_of_sale in ((FRANCE, tax), (EXPORT, "EXO"), (EUROPE, "EXO")):
        for invoice_type in (0, 1, 2):
            _family_tax(bulk, code, 0, category, code_of_sale, invoice_type, "D3E" if eco and category == 1 else "")
    _family_tax(bulk, code, 1, FRANCE, tax.replace("C", "D"), 0, "")


def _family_tax(bulk: BulkInsert, family: str, kind: int, category: int, tax: str, invoice: int, eco: str) -> None:
    row: Row = {"FA_CodeFamille": family, "FCP_Type": kind, "FCP_Champ": category, "FCP_ComptaCPT_Taxe1": tax}
    row |= {"FCP_ComptaCPT_Taxe2": eco, "FCP_TypeFacture": invoice, "FCP_ComptaCPT_CompteG": "707000"}
    bulk.add("F_FAMCOMPTA", row | {"cbModification": "2023-01-02 08:00:00.000000"})


def add_catalogue(
    bulk: BulkInsert, *, vocabulary: Vocabulary, more: Iterable[tuple[str, ...]], rng: Random
) -> dict[tuple[str, ...], int]:
    """F_CATALOGUE from the paths of the products, then from `more`; the answer gives CL_No by path."""
    numbers: dict[tuple[str, ...], int] = {}
    others = [path[:depth] for path in more for depth in range(1, len(path) + 1)]
    for number, path in enumerate(dict.fromkeys((*vocabulary.paths(), *others)), start=1):
        parent = numbers.get(path[:-1], 0)
        numbers[path] = number
        row: Row = {"CL_No": number, "CL_Intitule": path[-1], "CL_NoParent": parent, "CL_Niveau": len(path) - 1}
        bulk.add("F_CATALOGUE", row | {"cbCL_NoParent": parent or None} | created_and_changed(rng))
    return numbers


def add_texts(bulk: BulkInsert, *, vocabulary: Vocabulary, rng: Random) -> dict[str, int]:
    """The glossary: shared texts numbered from 1, then one text a product; the answer gives GL_No by prefix."""
    for number, (title, french, english, until) in enumerate(_SHARED_TEXTS, start=1):
        _glossary(bulk, number, title, french, english, until=until, rng=rng)
    numbers: dict[str, int] = {}
    for number, product in enumerate(vocabulary.products, start=len(_SHARED_TEXTS) + 1):
        numbers[product.prefix] = number
        french = f"{product.department.french[0]} Existe en {_listed(product.sizes, language=0)}."
        english = f"{product.department.english[0]} Available in {_listed(product.sizes, language=1)}."
        _glossary(bulk, number, product.path[-1], french, english if number % 9 else "", until=NO_DATE, rng=rng)
    return numbers


def _glossary(bulk: BulkInsert, number: int, title: str, french: str, english: str, *, until: str, rng: Random) -> None:
    row: Row = {"GL_No": number, "GL_Domaine": 0, "GL_Intitule": title, "GL_Text": french, "GL_TextLangue1": english}
    row |= {"GL_TextLangue2": None, "GL_PeriodeDeb": NO_DATE, "GL_PeriodeFin": until}
    bulk.add("F_GLOSSAIRE", row | {"cbModification": moment(rng)})


def _listed(sizes: Sequence[tuple[str, str]], *, language: int) -> str:
    return ", ".join(size[language] for size in sizes[:8]) + (", etc" if len(sizes) > 8 else "")


def dress_article(bulk: BulkInsert, article: Article, *, texts: dict[str, int], suppliers: int, rng: Random) -> None:
    """What hangs on an article: long texts, its own VAT, its tariffs, its main supplier, a picture."""
    _long_texts(bulk, article, texts=texts, rng=rng)
    _own_tax(bulk, article, rng=rng)
    _tariffs(bulk, article, rng=rng)
    row: Row = {"AR_Ref": article.ref, "CT_Num": f"F{rng.randrange(suppliers) + 1:04d}", "AF_Principal": 1}
    row |= {"AF_RefFourniss": f"{rng.randrange(10**7):07d}", "AF_PrixAch": article.purchase}
    bulk.add("F_ARTFOURNISS", row | {"AF_DelaiAppro": rng.choice((2, 5, 10, 21)), "cbModification": moment(rng)})
    if rng.random() < 0.15:
        row = {"AR_Ref": article.ref, "ME_Commentaire": "Fiche technique", "ME_TypeMIME": "application/pdf"}
        bulk.add("F_ARTICLEMEDIA", row | {"ME_Fichier": ".\\Multimedia\\fiche.pdf", "cbModification": moment(rng)})


def _long_texts(bulk: BulkInsert, article: Article, *, texts: dict[str, int], rng: Random) -> None:
    if rng.random() < 0.2:
        return
    numbers = [texts[article.product.prefix]]
    numbers += [shared for shared, share in ((1, 0.3), (2, 0.2), (3, 0.1)) if rng.random() < share]
    for rank, number in enumerate(numbers, start=1):
        row: Row = {"AR_Ref": article.ref, "GL_No": number, "AGL_Num": rank}
        bulk.add("F_ARTGLOSS", row | {"cbModification": moment(rng)})


def _own_tax(bulk: BulkInsert, article: Article, *, rng: Random) -> None:
    """Masks sell at 5.5 %; here and there someone repeated the family's rate on the article."""
    tax = article.tax
    if article.product.prefix == "MSQ":
        tax = "C55"
    elif rng.random() > 0.03:
        return
    row: Row = {"AR_Ref": article.ref, "ACP_Type": 0, "ACP_Champ": FRANCE, "ACP_ComptaCPT_Taxe1": tax}
    bulk.add("F_ARTCOMPTA", row | {"ACP_TypeFacture": 0, "cbModification": moment(rng)})


def _tariffs(bulk: BulkInsert, article: Article, *, rng: Random) -> None:
    if rng.random() < 0.6 and article.price:
        ttc = (article.price * (100 + article.rate) / 100).quantize(_CENT, ROUND_HALF_UP)
        _tariff(bulk, article, PUBLIC, {"AC_PrixVen": ttc, "AC_PrixTTC": 1}, rng=rng)
    if rng.random() < 0.5:
        _tariff(bulk, article, PROFESSIONAL, {"AC_Remise": rng.choice((5, 10, 15, 20))}, rng=rng)
    if rng.random() < 0.25:
        net = (article.price * Decimal("0.88")).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        _tariff(bulk, article, PUBLIC_BODY, {"AC_PrixVen": net, "AC_TypeRem": 1}, rng=rng)
    if rng.random() < 0.2:
        _tariff(bulk, article, RESELLER, {"AC_Coef": Decimal("1.15")}, rng=rng)
    if rng.random() < 0.04:
        _scale(bulk, article, rng=rng)


def _tariff(bulk: BulkInsert, article: Article, category: int, terms: Row, *, rng: Random) -> None:
    row: Row = {"AR_Ref": article.ref, "AC_Categorie": category, "CT_Num": rng.choice((None, ""))}
    row |= {"AC_PrixVen": 0, "AC_PrixTTC": 0, "AC_Coef": 0, "AC_Remise": 0, "AC_TypeRem": 0, "AC_QteMont": 0}
    bulk.add("F_ARTCLIENT", row | {"AC_DateApplication": NO_DATE} | terms | created_and_changed(rng))


def _scale(bulk: BulkInsert, article: Article, *, rng: Random) -> None:
    """A discount by quantity for one customer: 5 % up to 10, 12 % beyond."""
    row: Row = {"AR_Ref": article.ref, "AC_Categorie": 0, "CT_Num": "C0001", "AC_PrixVen": article.price}
    bulk.add("F_ARTCLIENT", row | {"AC_QteMont": 1, "AC_DateApplication": NO_DATE} | created_and_changed(rng))
    for bound, discount in ((10, 5), (99999999999999, 12)):
        row = {"AR_Ref": article.ref, "TQ_RefCF": "C0001", "TQ_BorneSup": bound}
        row |= {"TQ_Remise01REM_Valeur": discount, "TQ_Remise01REM_Type": 1}
        bulk.add("F_TARIFQTE", row | created_and_changed(rng))
