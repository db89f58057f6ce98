from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import ean, luhn

from passerelle.sandbox.sage100 import build_company

from .conftest import Base


def digest(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_the_same_numbers_build_the_same_company_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        build_company(tmp_path / name, articles=120, customers=20, seed=seed)
    assert digest(tmp_path / "one") == digest(tmp_path / "same") != digest(tmp_path / "other")


@pytest.mark.parametrize("articles", [1, 12, 2000])
def test_any_size_can_be_built(articles: int, tmp_path: Path) -> None:
    build_company(tmp_path / "base.db", articles=articles, customers=3)
    base = Base(tmp_path / "base.db")
    assert base.value("SELECT COUNT(*) FROM F_ARTICLE") == articles
    assert base.value("SELECT COUNT(*) FROM F_COMPTET WHERE CT_Type = 0") == 3


def test_the_demo_company_has_its_size(company: Base) -> None:
    counts = {
        "F_ARTICLE": 900,
        "F_DEPOT": 3,
        "F_COMPTET WHERE CT_Type = 0": 200,
        "P_CATTARIF WHERE CT_Intitule <> ''": 4,
        "F_ARTICLE WHERE AR_Gamme1 > 0": 102,
        "F_ARTICLE WHERE AR_Gamme1 > 0 AND AR_Gamme2 = 0": 37,
        "F_ARTICLE WHERE AR_Nomencl = 2": 1,
        "F_ARTICLE WHERE AR_Condition > 0": 1,
        "F_ARTICLE WHERE AR_SuiviStock = 0 AND AR_Publie = 1 AND AR_Nomencl = 0": 3,
    }
    assert {table: company.value(f"SELECT COUNT(*) FROM {table}") for table in counts} == counts


@pytest.mark.parametrize(
    "condition",
    [
        "AR_PrixTTC = 1",
        "AR_PrixVen = 0 AND AR_Coef > 0",
        "AR_PrixVen = 0 AND AR_Coef = 0 AND AR_PrixAch = 0 AND FA_CodeFamille <> 'DIVERS'",
        "AR_Sommeil = 1",
        "AR_Publie = 0",
        "AR_CodeBarre IS NULL",
        "AR_Langue1 = ''",
        "AR_Langue2 IS NULL",
        "AR_UnitePoids = 3",
        "CL_No1 = 0",
        "CL_No4 > 0",
        "AR_Contremarque = 1",
        "AR_PrixVenNouv > 0",
        "AR_DateApplication = '1753-01-01 00:00:00'",
        "AR_Design LIKE '% '",
        "\"Marque commerciale\" LIKE '% '",
        '"Marque commerciale" IS NULL',
        "AR_Ref GLOB '*[<>;={}]*'",
        "AR_Ref GLOB '0*'",
        "AR_Ref LIKE '% %'",
        "AR_Design LIKE '%œ%' OR AR_Design LIKE '%²%' OR AR_Design LIKE '%½%'",
    ],
)
def test_the_company_has_what_real_bases_have(condition: str, company: Base) -> None:
    count = company.value(f"SELECT COUNT(*) FROM F_ARTICLE WHERE {condition}")
    assert isinstance(count, int)
    assert 0 < count < 900


def test_only_a_handful_of_articles_bear_characters_that_a_shop_forbids(company: Base) -> None:
    assert company.value("SELECT COUNT(*) FROM F_ARTICLE WHERE AR_Ref GLOB '*[<>;={}]*'") == 3
    assert company.value("SELECT COUNT(*) FROM F_ARTICLE WHERE AR_Design GLOB '*[<>;=#{}]*'") == 1


def test_every_bar_code_is_a_valid_ean13_used_once(company: Base) -> None:
    codes = company.rows(
        "SELECT AR_CodeBarre FROM F_ARTICLE WHERE AR_CodeBarre IS NOT NULL"
        " UNION ALL SELECT AE_CodeBarre FROM F_ARTENUMREF WHERE AE_CodeBarre IS NOT NULL"
        " UNION ALL SELECT TG_CodeBarre FROM F_TARIFGAM WHERE TG_CodeBarre IS NOT NULL"
        " UNION ALL SELECT CO_CodeBarre FROM F_CONDITION"
    )
    assert len(codes) > 1500
    assert len(set(codes)) == len(codes)
    assert [code for (code,) in codes if not ean.is_valid(code) or len(str(code)) != 13] == []


def test_texts_fit_their_columns_and_the_code_page_of_sage(company: Base) -> None:
    too_long = []
    with closing(sqlite3.connect(company.path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                values = connection.execute(f'SELECT "{column}" FROM {table} WHERE typeof("{column}") = \'text\'')
                texts = [text for (text,) in values]
                "".join(texts).encode("cp1252")
                limit = int(kind[8:-1]) if kind.startswith("VARCHAR(") else None
                too_long += [(table, column, text) for text in texts if limit and len(text) > limit]
    assert too_long == []


def test_no_decimal_has_more_than_six_places(company: Base) -> None:
    for table, column in (
        ("F_ARTICLE", "AR_PrixVen"),
        ("F_ARTICLE", "AR_PoidsBrut"),
        ("F_ARTSTOCK", "AS_QteSto"),
        ("F_ARTCLIENT", "AC_PrixVen"),
        ("F_DOCLIGNE", "DL_PrixUnitaire"),
        ("F_DOCLIGNE", "DL_PUTTC"),
    ):
        values = [Decimal(str(value)) for (value,) in company.rows(f"SELECT {column} FROM {table}")]
        assert min(value.as_tuple().exponent for value in values) >= -6, (table, column)


def test_every_link_leads_somewhere(company: Base) -> None:
    orphans = {
        "family": "SELECT AR_Ref FROM F_ARTICLE a LEFT JOIN F_FAMILLE f"
        " ON f.FA_CodeFamille = a.FA_CodeFamille AND f.FA_Type = 0 WHERE f.cbMarq IS NULL",
        "parent": "SELECT c.CL_No FROM F_CATALOGUE c LEFT JOIN F_CATALOGUE p ON p.CL_No = c.CL_NoParent"
        " WHERE c.CL_NoParent <> 0 AND (p.CL_No IS NULL OR p.CL_Niveau <> c.CL_Niveau - 1)",
        "leaf": "SELECT AR_Ref FROM F_ARTICLE WHERE CL_No2 > 0 AND NOT EXISTS"
        " (SELECT 1 FROM F_CATALOGUE WHERE CL_No = CL_No2 AND CL_NoParent = CL_No1)",
        "stock": "SELECT AR_Ref FROM F_ARTSTOCK WHERE AR_Ref NOT IN (SELECT AR_Ref FROM F_ARTICLE)",
        "line": "SELECT AR_Ref FROM F_DOCLIGNE WHERE AR_Ref NOT IN (SELECT AR_Ref FROM F_ARTICLE)",
        "header": "SELECT l.DL_No FROM F_DOCLIGNE l LEFT JOIN F_DOCENTETE e ON e.DO_Domaine = l.DO_Domaine"
        " AND e.DO_Type = l.DO_Type AND e.DO_Piece = l.DO_Piece WHERE e.cbMarq IS NULL",
        "customer": "SELECT DO_Piece FROM F_DOCENTETE WHERE DO_Tiers NOT IN (SELECT CT_Num FROM F_COMPTET)",
        "text": "SELECT AR_Ref FROM F_ARTGLOSS WHERE GL_No NOT IN (SELECT GL_No FROM F_GLOSSAIRE)",
        "tax": "SELECT FA_CodeFamille FROM F_FAMCOMPTA WHERE FCP_ComptaCPT_Taxe1 NOT IN (SELECT TA_Code FROM F_TAXE)",
    }
    assert {name: company.rows(sql) for name, sql in orphans.items()} == {name: [] for name in orphans}


def test_every_family_has_a_sales_tax_in_each_accounting_category(company: Base) -> None:
    counted = company.rows(
        "SELECT f.FA_CodeFamille, COUNT(t.TA_Code) FROM F_FAMILLE f LEFT JOIN F_FAMCOMPTA c ON c.FCP_Type = 0"
        " AND c.FCP_TypeFacture = 0 AND c.FA_CodeFamille = f.FA_CodeFamille"
        " LEFT JOIN F_TAXE t ON t.TA_Code = c.FCP_ComptaCPT_Taxe1 WHERE f.FA_Type = 0 GROUP BY 1"
    )
    assert len(counted) > 25
    assert {count for _, count in counted} == {3}


def test_the_four_reduced_and_normal_rates_are_in_use(company: Base) -> None:
    rates = company.rows(
        "SELECT DISTINCT t.TA_Taux FROM F_ARTICLE a JOIN F_FAMCOMPTA c ON c.FA_CodeFamille = a.FA_CodeFamille"
        " JOIN F_TAXE t ON t.TA_Code = c.FCP_ComptaCPT_Taxe1 WHERE c.FCP_Type = 0 AND c.FCP_Champ = 1 ORDER BY 1"
    )
    assert rates == [(2.1,), (5.5,), (10,), (20,)]


@pytest.mark.parametrize(("counter", "kind"), [("AS_QteRes", 1), ("AS_QtePrepa", 2), ("AS_QteCom", 12)])
def test_a_counter_is_the_sum_of_the_open_documents_that_feed_it(counter: str, kind: int, company: Base) -> None:
    lines = company.rows("SELECT AR_Ref, DE_No, SUM(DL_Qte) FROM F_DOCLIGNE WHERE DO_Type = ? GROUP BY 1, 2", kind)
    stock = company.rows(f"SELECT AR_Ref, DE_No, {counter} FROM F_ARTSTOCK WHERE {counter} <> 0")
    assert set(lines) == set(stock)
    assert len(lines) > 5


def test_some_stock_is_negative_some_in_control_and_some_articles_have_none(company: Base) -> None:
    assert company.rows("SELECT 1 FROM F_ARTSTOCK WHERE AS_QteSto < 0")
    assert company.rows("SELECT 1 FROM F_ARTSTOCK WHERE AS_QteAControler > 0")
    assert company.rows(
        "SELECT 1 FROM F_ARTICLE WHERE AR_SuiviStock = 2 AND AR_Ref NOT IN (SELECT AR_Ref FROM F_ARTSTOCK)"
    )
    assert {depot for (depot,) in company.rows("SELECT DISTINCT DE_No FROM F_ARTSTOCK")} == {1, 2, 3}


def test_a_ranged_article_s_stock_is_the_sum_of_its_combinations(company: Base) -> None:
    details = company.rows("SELECT AR_Ref, DE_No, SUM(GS_QteSto) FROM F_GAMSTOCK GROUP BY 1, 2")
    totals = company.rows(
        "SELECT s.AR_Ref, s.DE_No, s.AS_QteSto FROM F_ARTSTOCK s JOIN F_ARTICLE a ON a.AR_Ref = s.AR_Ref"
        " WHERE a.AR_Gamme1 > 0"
    )
    assert len(details) > 100
    assert set(details) == set(totals)


@pytest.mark.parametrize(
    "found",
    [
        "F_ARTENUMREF WHERE AE_Sommeil = 1",
        "F_ARTENUMREF WHERE AE_Ref = ''",
        "F_ARTENUMREF WHERE AE_Ref IS NULL",
        "F_ARTENUMREF WHERE AE_Ref <> ''",
        "F_ARTENUMREF WHERE AE_CodeBarre IS NULL",
        "F_TARIFGAM WHERE TG_RefCF = 'a01' AND TG_Prix > 0",
        "F_TARIFGAM WHERE TG_RefCF = 'a01' AND TG_Prix = 0",
        "F_TARIFGAM WHERE TG_RefCF = 'a02' AND TG_Prix > 0",
        "F_TARIFGAM WHERE TG_CodeBarre IS NOT NULL",
        "F_GAMSTOCK WHERE GS_QteSto = 0",
        "F_GAMSTOCK WHERE DE_No = 2",
        "F_ARTENUMREF e LEFT JOIN F_GAMSTOCK s ON s.AG_No1 = e.AG_No1 AND s.AG_No2 = e.AG_No2 WHERE s.cbMarq IS NULL",
        "F_ARTICLE WHERE AR_Gamme1 > 0 AND CL_No4 > 0",
    ],
)
def test_combinations_are_as_varied_as_in_real_bases(found: str, company: Base) -> None:
    count = company.value(f"SELECT COUNT(*) FROM {found}")
    assert isinstance(count, int)
    assert count > 0


def test_every_combination_is_of_values_of_its_own_article_and_some_of_them_are_sold(company: Base) -> None:
    joined = (
        "FROM F_ARTENUMREF e LEFT JOIN F_ARTGAMME v ON v.AG_No = e.AG_No1 AND v.AR_Ref = e.AR_Ref AND v.AG_Type = 0"
        " LEFT JOIN F_ARTGAMME w ON w.AG_No = e.AG_No2 AND w.AR_Ref = e.AR_Ref AND w.AG_Type = 1"
        " JOIN F_ARTICLE a ON a.AR_Ref = e.AR_Ref"
    )
    wrong = f"SELECT e.AR_Ref {joined} WHERE v.cbMarq IS NULL OR (a.AR_Gamme2 > 0) <> (w.cbMarq IS NOT NULL)"
    assert company.rows(wrong) == []
    assert company.value("SELECT COUNT(DISTINCT AR_Ref) FROM F_ARTENUMREF WHERE AE_Sommeil = 0") == 102
    own = company.rows("SELECT AE_Ref FROM F_ARTENUMREF WHERE AE_Ref <> ''")
    assert len(set(own)) == len(own)
    assert not set(own) & set(company.rows("SELECT AR_Ref FROM F_ARTICLE"))


def test_a_company_of_another_size_has_ranged_articles_only_where_they_are_asked_for(tmp_path: Path) -> None:
    for ranged, expected in ((None, 2), (0, 2), (130, 132)):
        build_company(tmp_path / f"{ranged}.db", articles=60, ranged=ranged, customers=3)
        base = Base(tmp_path / f"{ranged}.db")
        assert base.value("SELECT COUNT(*) FROM F_ARTICLE WHERE AR_Gamme1 > 0") == expected
        assert base.value("SELECT COUNT(*) FROM F_ARTICLE") == 60 + (ranged or 0)


def test_customers_are_invented_but_their_numbers_pass_the_checks(company: Base) -> None:
    customers = company.rows("SELECT CT_EMail, CT_Siret FROM F_COMPTET")
    assert [mail for mail, _ in customers if mail and not str(mail).endswith("example.test")] == []
    sirets = [str(siret) for _, siret in customers if siret]
    assert len(sirets) > 100
    assert all(siret.startswith("00") and len(siret) == 14 and luhn.is_valid(siret) for siret in sirets)


def test_free_fields_are_real_columns_declared_in_the_catalogue_of_free_fields(company: Base) -> None:
    declared = {name for (name,) in company.rows("SELECT CB_Name FROM cbSysLibre WHERE CB_File = 'F_ARTICLE'")}
    assert declared == {"Marque commerciale", "Densité"}
    assert declared <= {name for _, name, *_ in company.rows("PRAGMA table_info(F_ARTICLE)")}
