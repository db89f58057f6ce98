"""What a fresh French shop holds: languages, currency, VAT of the French pack, order states, settings."""

from __future__ import annotations

# iso code -> name, locale, language code, short date, long date
LANGUAGES: dict[str, tuple[str, str, str, str, str]] = {
    "fr": ("Français (French)", "fr-FR", "fr-fr", "d/m/Y", "d/m/Y H:i:s"),
    "en": ("English (English)", "en-US", "en-us", "m/d/Y", "m/d/Y H:i:s"),
    "de": ("Deutsch (German)", "de-DE", "de-de", "d.m.Y", "d.m.Y H:i:s"),
    "es": ("Español (Spanish)", "es-ES", "es-es", "d/m/Y", "d/m/Y H:i:s"),
    "it": ("Italiano (Italian)", "it-IT", "it-it", "d/m/Y", "d/m/Y H:i:s"),
}

# iso code -> French name, symbol, numeric code
CURRENCIES: dict[str, tuple[str, str, str]] = {
    "EUR": ("Euro", "€", "978"),
    "USD": ("Dollar des États-Unis", "$", "840"),
    "GBP": ("Livre sterling", "£", "826"),
    "CHF": ("Franc suisse", "CHF", "756"),
}

FRANCE = 8

# id, ISO code, French name
COUNTRIES = ((1, "DE", "Allemagne"), (3, "BE", "Belgique"), (6, "ES", "Espagne"), (FRANCE, "FR", "France"))

# Countries in which no tax rule of the shop applies.
OVERSEAS = ((17, "GB", "Royaume-Uni"), (19, "CH", "Suisse"), (21, "US", "États-Unis"))

# Regions: country, ISO code, name.
REGIONS = ((21, "CA", "California"), (21, "NY", "New York"))

# Carriers of a fresh installation, with their French delay.
CARRIERS = (("Retrait en magasin", "Retrait au magasin"), ("Mon transporteur", "Livraison le lendemain !"))

# Order state -> the payment module that brings it.
PAYMENT_MODULES = {1: "ps_checkpayment", 10: "ps_wirepayment", 13: "ps_cashondelivery"}

# Group name, tax name, rate of the French groups. The tax applies in every country of the Union, not in France alone.
TAX_GROUPS = (
    ("FR Taux standard (20%)", "TVA FR 20%", "20"),
    ("FR Taux réduit (10%)", "TVA FR 10%", "10"),
    ("FR Taux réduit (5.5%)", "TVA FR 5.5%", "5.5"),
    ("FR Taux super réduit (2.1%)", "TVA FR 2.1%", "2.1"),
)
EU_GROUP = "EU VAT For Virtual Products"
EU_TAXES = ((1, "USt. DE 19%", "19"), (3, "TVA BE 21%", "21"), (6, "IVA ES 21%", "21"), (FRANCE, "TVA FR 20%", "20"))

PAYMENT_ERROR = 8
CANCELLED = 6

# id, French name, English name, template, colour, flags
ORDER_STATES = (
    (1, "En attente du paiement par chèque", "Awaiting check payment", "cheque", "#34209E", "send_email"),
    (
        2,
        "Paiement accepté",
        "Payment accepted",
        "payment",
        "#3498D8",
        "send_email invoice logable paid pdf_invoice",
    ),
    (
        3,
        "En cours de préparation",
        "Processing in progress",
        "preparation",
        "#3498D8",
        "send_email invoice logable paid delivery",
    ),
    (4, "Expédié", "Shipped", "shipped", "#01B887", "send_email invoice logable paid delivery shipped"),
    (5, "Livré", "Delivered", "", "#01B887", "invoice logable paid delivery shipped"),
    (6, "Annulé", "Canceled", "order_canceled", "#2C3E50", "send_email"),
    (7, "Remboursé", "Refunded", "refund", "#01B887", "send_email invoice"),
    (8, "Erreur de paiement", "Payment error", "payment_error", "#E74C3C", "send_email"),
    (
        9,
        "En attente de réapprovisionnement (payé)",
        "On backorder (paid)",
        "outofstock",
        "#3498D8",
        "send_email invoice paid",
    ),
    (10, "En attente de virement bancaire", "Awaiting bank wire payment", "bankwire", "#34209E", "send_email"),
    (
        11,
        "Paiement à distance accepté",
        "Remote payment accepted",
        "payment",
        "#3498D8",
        "send_email invoice logable paid",
    ),
    (
        12,
        "En attente de réapprovisionnement (non payé)",
        "On backorder (not paid)",
        "outofstock",
        "#34209E",
        "send_email",
    ),
    (
        13,
        "En attente de paiement à la livraison",
        "Awaiting Cash On Delivery validation",
        "cashondelivery",
        "#34209E",
        "",
    ),
)


def configurations(*, version: str, shop_name: str) -> tuple[tuple[int, str, str], ...]:
    """Id, name and value of the settings that a connector may read."""
    return (
        (1, "PS_LANG_DEFAULT", "1"),
        (2, "PS_VERSION_DB", version),
        (6, "PS_CURRENCY_DEFAULT", "1"),
        (8, "PS_COUNTRY_DEFAULT", str(FRANCE)),
        (16, "PS_STOCK_MANAGEMENT", "1"),
        (33, "PS_WEIGHT_UNIT", "kg"),
        (40, "PS_ROOT_CATEGORY", "1"),
        (41, "PS_HOME_CATEGORY", "2"),
        (42, "PS_SHOP_DEFAULT", "1"),
        (43, "PS_ORDER_OUT_OF_STOCK", "0"),
        (47, "PS_TAX", "1"),
        (48, "PS_USE_ECOTAX", "0"),
        (69, "PS_TIMEZONE", "Europe/Paris"),
        (75, "PS_PRICE_ROUND_MODE", "2"),
        (118, "PS_OS_PAYMENT", "2"),
        (119, "PS_OS_CANCELED", str(CANCELLED)),
        (120, "PS_OS_ERROR", str(PAYMENT_ERROR)),
        (132, "PS_OS_WS_PAYMENT", "11"),
        (234, "PS_SHOP_NAME", shop_name),
        (270, "PS_ROUND_TYPE", "2"),
    )
