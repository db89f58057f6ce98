"""Languages, currencies, taxes, shops, countries and configuration values."""

from __future__ import annotations

from passerelle.sandbox.prestashop.schema import ID, Field, Resource, flag, ident, stamps, text, whole, words

LANGUAGES = Resource(
    "languages",
    "language",
    "Language",
    (
        ID,
        text("name", "isGenericName", 32, required=True),
        text("iso_code", "isLanguageIsoCode", 2, required=True),
        text("locale", "isLocale", 5),
        text("language_code", "isLanguageCode", 5),
        flag("active"),
        flag("is_rtl"),
        text("date_format_lite", "isPhpDateFormat", 32, required=True),
        text("date_format_full", "isPhpDateFormat", 32, required=True),
    ),
)

CURRENCIES = Resource(
    "currencies",
    "currency",
    "Currency",
    (
        ID,
        words("names", "", 0),
        Field("name", "text", "isGenericName", 255, required=True, computed=True),
        words("symbol", "", 255),
        text("iso_code", "isLanguageIsoCode", 3, required=True),
        text("numeric_iso_code", "isNumericIsoCode", 3),
        Field("precision", "int", "isInt"),
        Field("conversion_rate", "decimal", "isUnsignedFloat", required=True),
        flag("deleted"),
        flag("active"),
        flag("unofficial"),
        flag("modified"),
        words("pattern", "", 255),
    ),
)

TAXES = Resource(
    "taxes",
    "tax",
    "Tax",
    (
        ID,
        Field("rate", "decimal3", "isFloat", required=True),
        Field("active", "bool"),
        Field("deleted", "bool"),
        words("name", max_size=32, required=True),
    ),
)

TAX_RULE_GROUPS = Resource(
    "tax_rule_groups",
    "tax_rule_group",
    "TaxRulesGroup",
    (ID, text("name", "isGenericName", 64, required=True), flag("active"), flag("deleted"), *stamps()),
    dated=True,
)

TAX_RULES = Resource(
    "tax_rules",
    "tax_rule",
    "TaxRule",
    (
        ID,
        ident("id_tax_rules_group", link="tax_rule_groups", required=True, indexed=True),
        ident("id_state", link="states"),
        ident("id_country", link="countries", required=True),
        text("zipcode_from", "isPostCode"),
        text("zipcode_to", "isPostCode"),
        ident("id_tax", link="taxes", required=True),
        whole("behavior"),
        text("description"),
    ),
)

SHOPS = Resource(
    "shops",
    "shop",
    "Shop",
    (
        ID,
        Field("id_shop_group", "int", link="shop_groups", required=True),
        Field("id_category", "int", required=True),
        flag("active"),
        flag("deleted"),
        text("name", "isGenericName", 64, required=True),
        text("color", "isColor"),
        text("theme_name", "isThemeName"),
    ),
)

CONFIGURATIONS = Resource(
    "configurations",
    "configuration",
    "Configuration",
    (
        ID,
        text("value", "", 4194303),
        Field("name", "text", "isConfigName", 254, required=True, indexed=True),
        ident("id_shop_group"),
        ident("id_shop"),
        *stamps(),
    ),
    dated=True,
)

COUNTRIES = Resource(
    "countries",
    "country",
    "Country",
    (
        ID,
        ident("id_zone", required=True),
        ident("id_currency"),
        Field("call_prefix", "int", "isInt"),
        text("iso_code", "isLanguageIsoCode", 3, required=True),
        flag("active"),
        flag("contains_states", required=True),
        flag("need_identification_number", required=True),
        flag("need_zip_code"),
        text("zip_code_format", "isZipCodeFormat"),
        flag("display_tax_label", required=True),
        words("name", max_size=64, required=True),
    ),
)
