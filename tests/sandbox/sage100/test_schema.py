from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from passerelle.sandbox.sage100 import build_company, empty_base
from passerelle.sandbox.sage100.schema import table_definitions

# What connectors read of each table, by name in the vendor's data dictionary.
READ = {
    "F_ARTICLE": "AR_Ref AR_Design FA_CodeFamille AR_Sommeil AR_Publie AR_PrixVen AR_PrixTTC AR_PrixAch AR_Coef"
    " AR_PUNet AR_CoutStd AR_PrixVenNouv AR_CoefNouv AR_PrixAchNouv AR_DateApplication AR_UniteVen"
    " AR_UnitePoids AR_PoidsNet AR_PoidsBrut AR_SuiviStock AR_Nomencl AR_Type AR_Contremarque AR_CodeBarre"
    " AR_Langue1 AR_Langue2 AR_Stat01 AR_Stat05 CL_No1 CL_No4 AR_Photo AR_Condition AR_Gamme1 AR_Gamme2"
    " cbMarq cbModification cbCreation cbCreateur",
    "F_FAMILLE": "FA_CodeFamille FA_Type FA_Intitule cbModification",
    "F_CATALOGUE": "CL_No CL_Intitule CL_NoParent CL_Niveau cbModification",
    "F_ARTICLEMEDIA": "AR_Ref ME_Commentaire ME_Fichier ME_TypeMIME ME_Origine",
    "F_GLOSSAIRE": "GL_No GL_Domaine GL_Intitule GL_Text GL_TextLangue1 GL_TextLangue2 GL_PeriodeDeb GL_PeriodeFin",
    "F_ARTGLOSS": "AR_Ref GL_No AGL_Num",
    "F_CONDITION": "AR_Ref CO_No EC_Enumere EC_Quantite CO_Ref CO_CodeBarre CO_Principal",
    "F_NOMENCLAT": "AR_Ref NO_RefDet NO_Qte NO_Type AG_No1 AG_No2",
    "F_ARTFOURNISS": "AR_Ref CT_Num AF_RefFourniss AF_CodeBarre AF_PrixAch AF_DelaiAppro AF_Principal",
    "P_GAMME": "G_Intitule G_Type cbIndice",
    "F_ENUMGAMME": "EG_Champ EG_Ligne EG_Enumere EG_BorneSup",
    "F_ARTGAMME": "AR_Ref AG_No EG_Enumere AG_Type",
    "F_ARTENUMREF": "AR_Ref AG_No1 AG_No2 AE_Ref AE_CodeBarre AE_PrixAch AE_Sommeil",
    "F_ARTPRIX": "AR_Ref AG_No1 AG_No2 AR_PUNet AR_CoutStd",
    "F_TARIFGAM": "AR_Ref TG_RefCF AG_No1 AG_No2 TG_Prix TG_Ref TG_CodeBarre",
    "F_GAMSTOCK": "AR_Ref AG_No1 AG_No2 DE_No GS_QteSto GS_QteRes GS_QtePrepa GS_QteAControler GS_QteCom",
    "P_CATTARIF": "CT_Intitule CT_PrixTTC cbIndice",
    "F_ARTCLIENT": "AR_Ref AC_Categorie CT_Num AC_PrixVen AC_Coef AC_PrixDev AC_PrixTTC AC_Remise AC_QteMont"
    " AC_TypeRem AC_Devise AC_RefClient cbModification",
    "F_TARIFQTE": "AR_Ref TQ_RefCF TQ_BorneSup TQ_Remise01REM_Valeur TQ_Remise03REM_Type TQ_PrixNet",
    "F_TARIFCOND": "AR_Ref TC_RefCF CO_No TC_Prix",
    "F_FAMTARIF": "FA_CodeFamille FT_Categorie FT_Coef FT_Remise",
    "F_FAMCLIENT": "FA_CodeFamille CT_Num FC_Remise",
    "P_CATCOMPTA": "CA_ComptaVen01 CA_ComptaVen50 CA_ComptaAch01 CA_ComptaSto50",
    "F_ARTCOMPTA": "AR_Ref ACP_Type ACP_Champ ACP_TypeFacture ACP_ComptaCPT_Taxe1 ACP_ComptaCPT_Taxe3",
    "F_FAMCOMPTA": "FA_CodeFamille FCP_Type FCP_Champ FCP_TypeFacture FCP_ComptaCPT_Taxe1 FCP_ComptaCPT_Taxe3",
    "F_TAXE": "TA_Code TA_Intitule TA_Taux TA_TTaux TA_Type TA_Sens TA_NP",
    "F_ARTSTOCK": "AR_Ref DE_No AS_QteSto AS_QteRes AS_QtePrepa AS_QteAControler AS_QteCom AS_QteResCM AS_QteComCM"
    " AS_QteMini AS_QteMaxi AS_MontSto AS_Mouvemente cbModification",
    "F_DEPOT": "DE_No DE_Intitule DE_Code DE_Principal DE_Exclure",
    "F_ARTSTOCKEMPL": "AR_Ref DE_No DP_No AE_QteSto AE_QtePrepa AE_QteAControler",
    "F_DEPOTEMPL": "DP_No DE_No DP_Code DP_Zone DP_Type",
    "P_PREFERENCES": "PR_StockNeg",
    "F_COMPTET": "CT_Num CT_Type CT_Intitule CT_Qualite CT_Contact CT_Adresse CT_Complement CT_CodePostal CT_Ville"
    " CT_Pays CT_EMail CT_Telephone CT_Identifiant CT_Siret CT_Ape CT_Sommeil CT_Prospect N_CatTarif"
    " N_CatCompta N_Devise CT_NumPayeur CT_NumCentrale CT_Encours CT_ControlEnc CO_No CG_NumPrinc"
    " CT_Taux01 CT_Taux02 CT_Statistique01 CT_Statistique10",
    "F_PAYS": "PA_Intitule PA_Code PA_CodeISO2",
    "F_COLLABORATEUR": "CO_No CO_Nom CO_Prenom CO_EMail CO_Vendeur CO_Caissier CO_Sommeil",
    "F_LIVRAISON": "LI_No CT_Num LI_Principal LI_Intitule LI_Contact LI_Adresse LI_CodePostal LI_Ville LI_Pays"
    " LI_EMail",
    "F_CONTACTT": "CT_No CT_Num CT_Nom CT_Prenom CT_Fonction CT_EMail CT_Telephone CT_TelPortable N_Contact N_Service",
    "F_REGLEMENTT": "CT_Num N_Reglement RT_Condition RT_NbJour RT_TRepart RT_VRepart",
    "F_DOCENTETE": "DO_Domaine DO_Type DO_Piece DO_Date DO_Ref DO_Tiers DO_NoWeb DO_RefExterne DO_Coord01 DO_Coord04"
    " DO_Statut DO_Cloture DO_Reliquat DO_Valide DO_Souche DO_Provenance DO_DateLivr DO_DateExpedition"
    " DO_DateLivrRealisee DO_TotalHT DO_TotalHTNet DO_TotalTTC DO_NetAPayer DO_MontantRegle DO_TypeFrais"
    " DO_ValFrais DO_CodeTaxe1 cbHash cbCreateur",
    "F_DOCLIGNE": "DO_Domaine DO_Type DO_Piece DL_Ligne DL_No AR_Ref DL_Design DT_No DL_Qte EU_Enumere EU_Qte"
    " DL_PrixUnitaire DL_PUTTC DL_TTC DL_MontantHT DL_MontantTTC DL_Remise01REM_Valeur DL_Taxe1 DL_Taxe3"
    " DL_CodeTaxe1 DL_CodeTaxe3 DL_TypeTaxe2 DL_PieceDE DL_PieceBC DL_PiecePL DL_PieceBL DL_QteDE DL_QteBC"
    " DL_QtePL DL_QteBL DL_NoColis AR_RefCompose DL_TNomencl DL_Valorise DL_MvtStock DL_NonLivre",
    "F_DOCREGL": "DR_No DR_TypeRegl DR_Date DR_Libelle DR_Montant N_Reglement DR_Regle DO_PieceAcompte",
    "F_CREGLEMENT": "RG_No CT_NumPayeur RG_Date RG_Reference RG_Libelle RG_Montant N_Reglement JO_Num RG_Type",
    "F_REGLECH": "RG_No DR_No RC_Montant",
    "cbSysLibre": "CB_File CB_Name CB_Pos CB_Type CB_Len CB_Flag CB_Formule",
    "P_UNITE": "U_Intitule cbIndice",
    "P_REGLEMENT": "R_Intitule R_Code cbIndice",
    "P_SOUCHEVENTE": "S_Intitule S_Valide cbIndice",
    "P_EXPEDITION": "E_Intitule cbIndice",
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    empty_base(tmp_path / "empty.db")
    with closing(sqlite3.connect(tmp_path / "empty.db")) as connection:
        yield connection


def test_the_schema_has_every_table_and_column_that_connectors_read(connection: sqlite3.Connection) -> None:
    missing = {}
    for table, columns in READ.items():
        present = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
        if absent := set(columns.split()) - present:
            missing[table] = absent
    assert missing == {}


def test_keys_ignore_case_as_in_a_french_ci_as_base(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO F_ARTICLE (AR_Ref, FA_CodeFamille) VALUES ('Vis-1', 'DIVERS')")
    assert connection.execute("SELECT AR_Ref FROM F_ARTICLE WHERE AR_Ref = 'VIS-1'").fetchall() == [("Vis-1",)]
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO F_ARTICLE (AR_Ref, FA_CodeFamille) VALUES ('VIS-1', 'DIVERS')")


def test_a_change_in_raw_sql_is_stamped_and_a_stamp_set_on_purpose_is_kept(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO F_ARTICLE (AR_Ref, FA_CodeFamille, cbModification) VALUES ('A', 'DIVERS', '2020')")
    stamp = "SELECT cbModification FROM F_ARTICLE"
    assert connection.execute(stamp).fetchone() == ("2020",)
    connection.execute("UPDATE F_ARTICLE SET AR_PrixVen = 3")
    assert connection.execute(stamp).fetchone() > ("2026",)
    connection.execute("UPDATE F_ARTICLE SET AR_PrixVen = 4, cbModification = '2021'")
    assert connection.execute(stamp).fetchone() == ("2021",)


def test_no_marker_is_left_when_all_three_are_given() -> None:
    script = table_definitions(markers={"{{PK}}": "INTEGER PRIMARY KEY", "{{TS}}": "TIMESTAMP(3)", "{{CI}}": ""})
    assert "{{" not in script
    assert script.count("CREATE TABLE") == len(script.rstrip().split(";\n"))


def test_the_web_number_of_a_document_is_not_indexed(connection: sqlite3.Connection) -> None:
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT 1 FROM F_DOCENTETE WHERE DO_NoWeb = 'X'").fetchall()
    assert "SCAN" in plan[0][3]


def test_an_existing_base_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_bytes(b"mine")
    for build in (empty_base, build_company):
        with pytest.raises(FileExistsError):
            build(path)
    assert path.read_bytes() == b"mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.db"]
