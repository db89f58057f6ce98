"""Further categories: how the ERP names them, and what is not clear."""

from __future__ import annotations

from passerelle.domain.facets import Categories
from passerelle.planner.shelves import Extra, Shelves, beside, extra
from passerelle.ports.shop import ShopCategory

TREE = [
    ("1", "0", "Racine"), ("2", "1", "Accueil"), ("3", "2", "Jardin"), ("4", "2", "Maison"), ("5", "3", "Lampes"),
    ("6", "4", "Lampes"), ("7", "2", "2024"), ("8", "2", "Lampes"), ("9", "9", "Boucle"),
]  # fmt: skip
SHELVES = Shelves([ShopCategory(id, parent, {"fr": name}) for id, parent, name in TREE], main="fr")


def test_a_category_is_found_by_number_name_or_path_whatever_its_case_and_spaces() -> None:
    assert SHELVES.find("3") == ["3"]
    assert SHELVES.find(" jArDin ") == ["3"]
    assert SHELVES.find("jardin>lampes") == ["5"]
    assert SHELVES.find("Accueil > Lampes") == ["8"]
    assert SHELVES.find("2024") == ["7"]
    assert SHELVES.find("Racine > Accueil > Maison > Lampes") == ["6"]


def test_a_name_that_several_have_or_none_finds_them_all_or_nothing() -> None:
    assert SHELVES.find("Lampes") == ["5", "6", "8"]
    assert SHELVES.find("Maison > Jardin") == []
    assert SHELVES.find("99") == []
    assert SHELVES.find("") == []
    assert SHELVES.find(">") == []


def test_a_tree_that_loops_ends() -> None:
    assert SHELVES.find("Boucle > Boucle > Boucle") == ["9"]


def test_what_is_not_clear_is_told_and_the_rest_is_found() -> None:
    found = extra("A", said=("Jardin", "Lampes", "Soldes", "3"), shelves=SHELVES)
    assert found.ids == ("3",)
    assert [(text.code, text.params["name"]) for text in found.told] == [
        ("category_ambiguous", "Lampes"), ("category_not_found", "Soldes"),
    ]  # fmt: skip
    assert not found.whole


def test_the_order_in_which_the_erp_names_them_changes_no_id() -> None:
    one, other = (extra("A", said=said, shelves=SHELVES) for said in (("4", "3"), ("3", "4")))
    assert one.ids == other.ids == ("3", "4")


def test_while_one_is_not_clear_those_that_were_sent_stay() -> None:
    main, before = Categories(("k",), "Outils"), Categories(("k",), "Outils | Soldes", ("9",))
    unclear = extra("A", said=("Soldes", "Jardin"), shelves=SHELVES)
    assert beside(main, extra=unclear, sent=before).extra == ("3", "9")
    clear = extra("A", said=("Jardin",), shelves=SHELVES)
    assert beside(main, extra=clear, sent=before) == Categories(("k",), "Outils | Jardin", ("3",))


def test_without_any_the_body_is_what_it_was() -> None:
    assert beside(Categories(("k",), "Outils"), extra=Extra((), ()), sent=None) == Categories(("k",), "Outils")
