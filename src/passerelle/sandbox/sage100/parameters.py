"""The parameter lists of the demo company: depots, taxes, categories, carriers, units, numbering."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from .rows import BulkInsert, Row

FRANCE, EXPORT, EUROPE = 1, 2, 3  # accounting categories
PUBLIC, PROFESSIONAL, PUBLIC_BODY, RESELLER = 1, 2, 3, 4  # tariff categories
MAIN_DEPOT, SHOP_DEPOT, SERVICE_DEPOT = 1, 2, 3

SALES_RATES: Final = {
    "C20": Decimal(20), "C10": Decimal(10), "C55": Decimal("5.5"), "C21": Decimal("2.1"), "EXO": Decimal(0),
}  # fmt: skip
UNITS: Final = ("Pièce", "Mètre", "Kilogramme", "Litre", "Boîte", "Paire", "Rouleau", "Lot", "m²", "Heure")
RANGES: Final = ("Taille", "Couleur", "Pointure", "Longueur", "Diamètre", "Contenance", "Finition")

_PURCHASE_RATES = {"D20": Decimal(20), "D10": Decimal(10), "D55": Decimal("5.5"), "D21": Decimal("2.1")}
_TAX_NAMES = {
    "C20": "TVA collectée 20 %",
    "C10": "TVA collectée 10 %",
    "C55": "TVA collectée 5,5 %",
    "C21": "TVA collectée 2,1 %",
    "EXO": "Exonéré de TVA",
}
_DEPOTS = (
    (MAIN_DEPOT, "Dépôt principal", "PRINC", "12 rue de l'Enclume", "69007", "Lyon"),
    (SHOP_DEPOT, "Magasin Villeurbanne", "MAG", "48 cours des Forges", "69100", "Villeurbanne"),
    (SERVICE_DEPOT, "Dépôt SAV        ", "SAV", "12 rue de l'Enclume", "69007", "Lyon"),
)
_TARIFFS = {
    PUBLIC: ("Tarif public TTC", 1),
    PROFESSIONAL: ("Professionnels", 0),
    PUBLIC_BODY: ("Collectivités", 0),
    RESELLER: ("Revendeurs", 0),
}
_PAYMENTS = (
    ("Chèque", "CHQ"), ("Virement", "VIR"), ("Carte bancaire", "CB"), ("Espèces", "ESP"),
    ("Prélèvement SEPA", "PRL"), ("LCR acceptée", "LCR"), ("PayPal", "PAY"), ("Mandat administratif", "MAN"),
)  # fmt: skip
_CARRIERS = (
    ("Enlèvement au magasin", "0"), ("Messagerie 24/48 h", "9.9"), ("Express avant 13 h", "18.5"),
    ("Point relais", "5.9"), ("Affrètement palette", "79"),
)  # fmt: skip
_COUNTRIES = (
    ("France", "FRA", "FR"), ("Belgique", "BEL", "BE"), ("Suisse", "CHE", "CH"), ("Allemagne", "DEU", "DE"),
    ("Luxembourg", "LUX", "LU"), ("Italie", "ITA", "IT"), ("Espagne", "ESP", "ES"), ("Monaco", "MCO", "MC"),
)  # fmt: skip
_REPRESENTATIVES = (
    ("BERTHOLLET", "Agnès"), ("CHAVAND", "Lucas"), ("MARTIN", "Hélène"), ("OULD-SAÏD", "Karim"), ("POYET", "Noë"),
)  # fmt: skip


def fill_minimum(bulk: BulkInsert) -> None:
    """One depot, the sales taxes, the tariff and accounting categories, what a document needs: no more."""
    _depot(bulk, *_DEPOTS[0])
    for number, code in enumerate(SALES_RATES, start=1):
        _tax(bulk, code, number=number, name=_TAX_NAMES[code], rate=SALES_RATES[code])
    for index in range(1, 33):
        name, ttc = _TARIFFS.get(index, ("", 0))
        bulk.add("P_CATTARIF", {"CT_Intitule": name, "CT_PrixTTC": ttc, "cbIndice": index})
    bulk.add("P_CATCOMPTA", {"CA_ComptaVen01": "Ventes France", "CA_ComptaVen02": "Ventes export",
                             "CA_ComptaVen03": "Ventes CEE", "CA_ComptaAch01": "Achats France"})  # fmt: skip
    bulk.add("P_PREFERENCES", {"PR_StockNeg": 1})
    bulk.add("P_DEVISE", {"D_Intitule": "Euro", "D_CodeISO": "EUR", "D_Sigle": "€", "D_Cours": 1, "cbIndice": 1})
    _indexed(bulk, "P_UNITE", [{"U_Intitule": unit} for unit in UNITS])
    _free_fields(bulk)


def fill_parameters(bulk: BulkInsert) -> None:
    """The lists of a company that has used its software for years. Comes after `fill_minimum`."""
    for depot in _DEPOTS[1:]:
        _depot(bulk, *depot)
    for number, (code, rate) in enumerate(_PURCHASE_RATES.items(), start=11):
        _tax(bulk, code, number=number, name=f"TVA déductible {rate} %", rate=rate, direction=0)
    _tax(bulk, "D3E", number=21, name="Éco-participation DEEE", rate=Decimal("0.25"), amount=True)
    for name, code, iso in _COUNTRIES:
        bulk.add("F_PAYS", {"PA_Intitule": name, "PA_Code": code, "PA_CodeISO2": iso})
    _people(bulk)
    _lists(bulk)


def _depot(bulk: BulkInsert, number: int, name: str, code: str, street: str, postcode: str, city: str) -> None:
    row: Row = {"DE_No": number, "DE_Intitule": name, "DE_Code": code, "DE_Adresse": street, "DE_CodePostal": postcode}
    row |= {"DE_Ville": city, "DE_Pays": "France", "DE_Principal": int(number == MAIN_DEPOT)}
    bulk.add("F_DEPOT", row | _STAMP)


def _tax(
    bulk: BulkInsert, code: str, *, number: int, name: str, rate: Decimal, direction: int = 1, amount: bool = False
) -> None:
    row: Row = {"TA_Intitule": name, "TA_TTaux": int(amount), "TA_Taux": rate, "TA_Type": 2 if amount else 0}
    bulk.add("F_TAXE", row | {"TA_No": number, "TA_Code": code, "TA_Sens": direction} | _STAMP)


def _people(bulk: BulkInsert) -> None:
    for number, (last_name, first_name) in enumerate(_REPRESENTATIVES, start=1):
        row: Row = {"CO_No": number, "CO_Nom": last_name, "CO_Prenom": first_name, "CO_Vendeur": 1}
        row |= {"CO_EMail": f"vendeur{number}@martin.example.test", "CO_Sommeil": int(number == len(_REPRESENTATIVES))}
        bulk.add("F_COLLABORATEUR", row | {"cbModification": _STAMP["cbModification"]})


def _lists(bulk: BulkInsert) -> None:
    _indexed(bulk, "P_REGLEMENT", [{"R_Intitule": name, "R_Code": code} for name, code in _PAYMENTS])
    carriers: list[Row] = [{"E_Intitule": name, "E_ValFrais": Decimal(cost)} for name, cost in _CARRIERS]
    _indexed(bulk, "P_EXPEDITION", [carrier | {"AR_Ref": "PORT"} for carrier in carriers])
    _indexed(bulk, "P_CONDLIVR", [{"C_Intitule": "Franco de port"}, {"C_Intitule": "Départ usine"}])
    _indexed(bulk, "P_SOUCHEVENTE", [
        {"S_Intitule": "Magasin", "S_Valide": 1, "JO_Num": "VTE"},
        {"S_Intitule": "Web", "S_Valide": 1, "JO_Num": "VTW"},
        {"S_Intitule": "", "S_Valide": 0, "JO_Num": ""},
    ])  # fmt: skip
    _indexed(bulk, "P_GAMME", [{"G_Intitule": name, "G_Type": 0} for name in RANGES])
    _indexed(bulk, "P_CONDITIONNEMENT", [{"P_Conditionnement": "Boîte"}, {"P_Conditionnement": "Carton"}])
    statistics = ("Rotation", "Saison", "Acheteur", "", "")
    _indexed(bulk, "P_INTSTATART", [{"P_IntStatArt": name} for name in statistics])
    _indexed(bulk, "P_CONTACT", [{"C_Intitule": name} for name in ("Principal", "Comptabilité", "Atelier")])
    _indexed(bulk, "P_SERVICECPTA", [{"S_Intitule": name} for name in ("Direction", "Achats", "Comptabilité")])
    _indexed(bulk, "P_CRISQUE", [{"R_Intitule": name} for name in ("À livrer", "À surveiller", "À bloquer")])


def _free_fields(bulk: BulkInsert) -> None:
    for position, (name, kind, length) in enumerate(_FREE_FIELDS, start=1):
        row: Row = {"CB_File": "F_ARTICLE", "CB_Name": name, "CB_Pos": position, "CB_Type": kind, "CB_Len": length}
        bulk.add("cbSysLibre", row | {"CB_Flag": 0, "CB_Formule": None, "CB_Creator": "COLU"})


def _indexed(bulk: BulkInsert, table: str, rows: list[Row]) -> None:
    for index, row in enumerate(rows, start=1):
        bulk.add(table, row | {"cbIndice": index})


_FREE_FIELDS = (("Marque commerciale", 9, 69), ("Densité", 7, 13))  # name, CB_Type, CB_Len
_STAMP: Final[Row] = {"cbCreateur": "COLS", "cbModification": "2023-01-02 08:00:00.000000",
                      "cbCreation": "2023-01-02 08:00:00.000000"}  # fmt: skip
