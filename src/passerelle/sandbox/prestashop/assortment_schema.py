"""Combinations, options, features and their values, field by field in the order of PrestaShop 9.1."""

from __future__ import annotations

from passerelle.sandbox.prestashop.schema import (
    ID,
    Association,
    Field,
    Resource,
    flag,
    ident,
    money,
    text,
    whole,
    words,
)

COMBINATIONS = Resource(
    "combinations",
    "combination",
    "Combination",
    (
        ID,
        ident("id_product", link="products", required=True, indexed=True),
        Field("ean13", "text", "isGtin", 14, indexed=True),
        text("isbn", "isIsbn", 32),
        text("upc", "isUpc", 12),
        text("mpn", "isMpn", 40),
        Field("reference", "text", "", 64, indexed=True),  # unlike a product's, it may hold <>;={}
        text("supplier_reference", "", 64),
        Field("wholesale_price", "decimal", "isNegativePrice", 27),
        Field("price", "decimal", "isNegativePrice", 20),
        Field("ecotax", "decimal", "isPrice", 20),
        money("weight", check="isFloat"),
        Field("unit_price_impact", "decimal", "isNegativePrice", 20),
        whole("minimal_quantity", check="isPositiveInt", required=True),
        Field("low_stock_threshold", "nullint", "isInt"),
        flag("low_stock_alert"),
        Field("default_on", "nullbool", "isBool"),
        Field("available_date", "date", "isDateFormat"),
        words("available_now"),
        words("available_later", "IsGenericName"),
    ),
    (
        Association(
            "product_option_values",
            "product_option_value",
            "product_option_values",
            required=(),
            stored=True,
            bare=True,
        ),
        Association("images", "image", "images/products", required=(), bare=True),
    ),
)

PRODUCT_OPTIONS = Resource(
    "product_options",
    "product_option",
    "AttributeGroup",
    (
        ID,
        flag("is_color_group"),
        text("group_type", "", required=True),
        Field("position", "int", "isInt"),
        words("name", max_size=128, required=True),
        words("public_name", max_size=64, required=True),
    ),
    (Association("product_option_values", "product_option_value", "product_option_values", required=(), stored=True),),
)

PRODUCT_OPTION_VALUES = Resource(
    "product_option_values",
    "product_option_value",
    "ProductAttribute",
    (
        ID,
        ident("id_attribute_group", link="product_options", required=True, indexed=True),
        text("color", "isColor"),
        Field("position", "int", "isInt"),
        words("name", max_size=128, required=True),
    ),
)

PRODUCT_FEATURES = Resource(
    "product_features",
    "product_feature",
    "Feature",
    (ID, Field("position", "int", "isInt"), words("name", max_size=128, required=True)),
)

PRODUCT_FEATURE_VALUES = Resource(
    "product_feature_values",
    "product_feature_value",
    "FeatureValue",
    (
        ID,
        ident("id_feature", link="product_features", required=True, indexed=True),
        flag("custom"),
        Field("position", "int", "isInt"),
        words("value", max_size=255, required=True),
    ),
)
