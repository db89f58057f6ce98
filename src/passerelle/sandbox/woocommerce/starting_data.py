"""A fresh French shop: settings, tax rates and classes, delivery, gateways, texts of the vendor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from passerelle.sandbox.woocommerce.rows import Customer, State, TaxRate, Term

CURRENCIES = {"EUR": ("Euro", "€", "&euro;"), "USD": ("United States (US) dollar", "$", "&#36;"),
              "GBP": ("Pound sterling", "£", "&pound;"), "CHF": ("Swiss franc", "CHF", "&#67;&#72;&#70;")}  # fmt: skip
TAX_CLASSES = {"reduced-rate": "Reduced rate", "zero-rate": "Zero rate"}
_RATES = (("20.0000", "TVA 20%", ""), ("5.5000", "TVA 5.5%", "reduced-rate"), ("0.0000", "TVA 0%", "zero-rate"))
_EMPTY_ADDRESS = dict.fromkeys(
    ["first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state"], ""
)
EMPTY_BILLING = {**_EMPTY_ADDRESS, "email": "", "phone": ""}
EMPTY_SHIPPING = {**_EMPTY_ADDRESS, "phone": ""}
STATUS_NAMES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
# WordPress's own words, which no attribute may be called.
RESERVED = frozenset(
    [
        "attachment",
        "author",
        "category",
        "day",
        "error",
        "exact",
        "feed",
        "hour",
        "m",
        "minute",
        "month",
        "monthnum",
        "more",
        "name",
        "nav_menu",
        "order",
        "orderby",
        "p",
        "page",
        "paged",
        "perm",
        "post",
        "post_format",
        "post_tag",
        "posts",
        "product",
        "s",
        "search",
        "second",
        "sentence",
        "static",
        "status",
        "tag",
        "taxonomy",
        "term",
        "terms",
        "theme",
        "title",
        "type",
        "types",
        "w",
        "withcomments",
        "withoutcomments",
        "year",
    ]
)
# option -> (group, default)
OPTIONS = {
    "woocommerce_store_address": ("general", ""),
    "woocommerce_store_city": ("general", ""),
    "woocommerce_default_country": ("general", "US:CA"),
    "woocommerce_store_postcode": ("general", ""),
    "woocommerce_calc_taxes": ("general", "no"),
    "woocommerce_enable_coupons": ("general", "yes"),
    "woocommerce_currency": ("general", "USD"),
    "woocommerce_currency_pos": ("general", "left"),
    "woocommerce_price_thousand_sep": ("general", ","),
    "woocommerce_price_decimal_sep": ("general", "."),
    "woocommerce_price_num_decimals": ("general", "2"),
    "woocommerce_weight_unit": ("products", "kg"),
    "woocommerce_dimension_unit": ("products", "cm"),
    "woocommerce_manage_stock": ("products", "yes"),
    "woocommerce_hold_stock_minutes": ("products", "60"),
    "woocommerce_notify_low_stock_amount": ("products", "2"),
    "woocommerce_notify_no_stock_amount": ("products", "0"),
    "woocommerce_hide_out_of_stock_items": ("products", "no"),
    "woocommerce_stock_format": ("products", ""),
    "woocommerce_prices_include_tax": ("tax", "no"),
    "woocommerce_tax_based_on": ("tax", "shipping"),
    "woocommerce_shipping_tax_class": ("tax", "inherit"),
    "woocommerce_tax_round_at_subtotal": ("tax", "no"),
    "woocommerce_tax_classes": ("tax", ""),
    "woocommerce_tax_display_shop": ("tax", "excl"),
    "woocommerce_tax_display_cart": ("tax", "excl"),
    "woocommerce_price_display_suffix": ("tax", ""),
    "woocommerce_tax_total_display": ("tax", "itemized"),
}
GROUPS = {"general": "General", "products": "Products", "tax": "Tax"}
YES_NO = frozenset(name for name, (_, default) in OPTIONS.items() if default in ("yes", "no"))
SHIPPING_METHODS = {"flat_rate": "Flat rate", "free_shipping": "Free shipping", "local_pickup": "Local pickup"}
# zone -> (name, country or "", methods)
ZONES: dict[int, tuple[str, str, tuple[str, ...]]] = {
    0: ("Locations not covered by your other zones", "", ()),
    1: ("France", "FR", ("flat_rate",)),
}
GATEWAYS = {
    "bacs": ("Direct bank transfer", True),
    "cheque": ("Check payments", True),
    "cod": ("Cash on delivery", True),
}


def fresh(settings: dict[str, str]) -> State:
    """What a shop holds before anyone sells anything: the category 15, three rates, the administrator."""
    values = {name: default for name, (_, default) in OPTIONS.items()}
    state = State(settings={**values, "woocommerce_calc_taxes": "yes", **settings})
    state.tax_classes = dict(TAX_CLASSES)
    country = settings["woocommerce_default_country"]
    for number, (rate, name, class_slug) in enumerate(_RATES, 1):
        state.tax_rates[number] = TaxRate(number, country, rate, name, class_slug, order=number - 1)
    state.categories[15] = Term(15, "Uncategorized", "uncategorized")
    created = datetime(2026, 11, 24, 2, 35, 3, tzinfo=UTC)
    state.customers[1] = Customer(1, created, "admin@example.test", "admin", role="administrator")
    state.sequences = {"posts": 9, "terms": 15, "users": 1, "rates": len(_RATES), "meta": 27}
    return state


def environment(home: str, *, version: str) -> dict[str, Any]:
    """The part of system_status that says what runs."""
    return {
        "home_url": home,
        "site_url": home,
        "store_id": "a7161ecd-3ad2-4c5d-a4df-38fde8604bca",
        "version": version,
        "wp_version": "6.9",
        "wp_multisite": False,
        "wp_memory_limit": 536870912,
        "wp_debug_mode": False,
        "wp_cron": False,
        "language": "fr_FR",
        "external_object_cache": None,
        "server_info": "nginx/1.22.1",
        "php_version": "8.2.36",
        "php_post_max_size": 33554432,
        "php_max_execution_time": 300,
        "php_max_input_vars": 1000,
        "max_upload_size": 33554432,
        "mysql_version": "10.11.19",
        "default_timezone": "UTC",
        "gzip_enabled": True,
        "mbstring_enabled": True,
    }
