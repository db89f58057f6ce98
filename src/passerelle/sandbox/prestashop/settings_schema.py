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
        words("names"),
        text("name", "isGenericName", 64),
        words("symbol"),
        text("iso_code", "isLanguageIsoCode", 3, required=True),
        text("numeric_iso_code", "isNumericIsoCode", 3),
        whole("precision"),
        Field("conversion_rate", "decimal", "isUnsignedFloat", required=True),
        flag("deleted"),
        flag("active"),
        flag("unofficial"),
        flag("modified"),
        words("pattern"),
    ),
)

TAXES = Resource(
    "taxes",
    "tax",
    "Tax",
    (
        ID,
        Field("rate", "decimal3", "isFloat", required=True),
        flag("active"),
        flag("deleted"),
        words("name", max_size=64, required=True),
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
        text("zipcode_from"),
        text("zipcode_to"),
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
        ident("id_shop_group", link="shop_groups", required=True),
        ident("id_category", link="categories", required=True),
        flag("active"),
        flag("deleted"),
        text("name", "isGenericName", 64, required=True),
        text("color", "isColor"),
        text("theme_name"),
    ),
)

CONFIGURATIONS = Resource(
    "configurations",
    "configuration",
    "Configuration",
    (
        ID,
        text("value"),
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
        whole("call_prefix"),
        text("iso_code", "isLanguageIsoCode", 3, required=True),
        flag("active"),
        flag("contains_states", required=True),
        flag("need_identification_number", required=True),
        flag("need_zip_code"),
        text("zip_code_format"),
        flag("display_tax_label", required=True),
        words("name", max_size=64, required=True),
    ),
)
