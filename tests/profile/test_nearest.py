from __future__ import annotations

from passerelle.profile.nearest import nearest

COLUMNS = ["AR_Design", "AR_Ref", "AR_Langue1", "FA_CodeFamille"]


def test_a_slip_of_the_fingers_finds_the_name() -> None:
    assert nearest("AR_Desing", among=COLUMNS)[0] == "AR_Design"


def test_case_does_not_matter() -> None:
    assert nearest("ar_design", among=COLUMNS)[0] == "AR_Design"


def test_a_word_that_resembles_nothing_finds_nothing() -> None:
    assert nearest("zzz", among=COLUMNS) == []


def test_at_most_three_names_are_given() -> None:
    assert len(nearest("a.b1", among=[f"a.b{digit}" for digit in range(9)])) == 3
