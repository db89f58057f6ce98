"""What a shop says of itself: settings, taxes, delivery, gateways, currency, status."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.listing import Call, Page, cut
from passerelle.sandbox.woocommerce.rows import TaxRate
from passerelle.sandbox.woocommerce.starting_data import (
    CURRENCIES,
    GATEWAYS,
    GROUPS,
    OPTIONS,
    SHIPPING_METHODS,
    YES_NO,
    ZONES,
    environment,
)
from passerelle.sandbox.woocommerce.values import slug


def list_groups(database: Database, call: Call) -> Page:
    return Page([{"id": one, "label": name, "description": "", "parent_id": ""} for one, name in GROUPS.items()])


def _shown_option(database: Database, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "label": name.removeprefix("woocommerce_").replace("_", " ").capitalize(),
        "description": "",
        "type": "checkbox" if name in YES_NO else "text",
        "default": OPTIONS[name][1],
        "tip": "",
        "value": database.setting(name),
    }


def list_options(database: Database, call: Call) -> Page:
    """The options of a group, as far as this shop knows them."""
    group = call.ids["group_id"]
    if group not in GROUPS:
        raise Refusal("rest_setting_setting_group_invalid", "Invalid setting group.", status=404)
    return Page([_shown_option(database, one) for one, (of, _) in OPTIONS.items() if of == group])


def _option(call: Call) -> str:
    name = str(call.ids["option"])
    if OPTIONS.get(name, ("",))[0] != call.ids["group_id"]:
        raise Refusal("rest_setting_setting_invalid", "Invalid setting.", status=404)
    return name


def read_option(database: Database, call: Call) -> dict[str, Any]:
    return _shown_option(database, _option(call))


def update_option(database: Database, call: Call) -> dict[str, Any]:
    name, value = _option(call), call.given.get("value")
    if name in YES_NO and value not in ("yes", "no"):
        raise Refusal("rest_setting_value_invalid", "An invalid setting value was passed.")
    if value is not None:
        database.state.settings[name] = str(value)
    return _shown_option(database, name)


def list_tax_rates(database: Database, call: Call) -> Page:
    rates = list(database.state.tax_rates.values())
    if call.given.get("class"):
        wanted = "" if call.given["class"] == "standard" else call.given["class"]
        rates = [one for one in rates if one.class_slug == wanted]
    return Page([_shown_rate(one) for one in cut(rates, call.given)], len(rates))


def read_tax_rate(database: Database, call: Call) -> dict[str, Any]:
    rate = database.state.tax_rates.get(call.ident)
    if not rate:
        raise Refusal("woocommerce_rest_invalid_id", "Invalid resource ID.", status=404)
    return _shown_rate(rate)


def _shown_rate(rate: TaxRate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "country": rate.country,
        "state": "",
        "postcode": "",
        "city": "",
        "rate": rate.rate,
        "name": rate.name,
        "priority": rate.priority,
        "compound": rate.compound,
        "shipping": rate.shipping,
        "order": rate.order,
        "class": rate.class_slug or "standard",
        "postcodes": [],
        "cities": [],
    }


def list_tax_classes(database: Database, call: Call) -> Page:
    classes = {"standard": "Standard rate", **database.state.tax_classes}
    return Page([{"slug": one, "name": name} for one, name in classes.items()], len(classes))


def create_tax_class(database: Database, call: Call) -> dict[str, Any]:
    """A further class, its slug made from its name."""
    name = str(call.given["name"])
    classes = database.state.tax_classes
    if slug(name) in classes:
        raise Refusal("woocommerce_rest_tax_class_exists", "Tax class already exists")
    classes[slug(name)] = name
    return {"slug": slug(name), "name": name}


def list_zones(database: Database, call: Call) -> Page:
    return Page([{"id": one, "name": name, "order": 0} for one, (name, _, _) in ZONES.items()])


def _zone(call: Call) -> tuple[str, str, tuple[str, ...]]:
    zone = ZONES.get(int(call.ids.get("zone_id") or 0))
    if not zone:
        raise Refusal("woocommerce_rest_shipping_zone_invalid", "Resource does not exist.", status=404)
    return zone


def list_zone_locations(database: Database, call: Call) -> Page:
    _, country, _ = _zone(call)
    return Page([{"code": country, "type": "country"}] if country else [])


def list_zone_methods(database: Database, call: Call) -> Page:
    """The delivery methods of a zone."""
    shown = []
    for number, method in enumerate(_zone(call)[2], 1):
        title = SHIPPING_METHODS[method]
        names = {"id": number, "instance_id": number, "title": title, "order": number, "enabled": True}
        shown.append({**names, "method_id": method, "method_title": title, "method_description": "", "settings": {}})
    return Page(shown)


def list_shipping_methods(database: Database, call: Call) -> Page:
    return Page([{"id": one, "title": name, "description": ""} for one, name in SHIPPING_METHODS.items()])


def _gateway(name: str) -> dict[str, Any]:
    title, enabled = GATEWAYS[name]
    return {
        "id": name,
        "title": title,
        "description": "",
        "order": list(GATEWAYS).index(name),
        "enabled": enabled,
        "method_title": title,
        "method_description": "",
        "method_supports": ["products"],
        "settings": {},
    }


def list_gateways(database: Database, call: Call) -> Page:
    return Page([_gateway(one) for one in GATEWAYS])


def read_gateway(database: Database, call: Call) -> dict[str, Any]:
    if call.ids["option"] not in GATEWAYS:
        raise Refusal("woocommerce_rest_payment_gateway_invalid", "Resource does not exist.", status=404)
    return _gateway(str(call.ids["option"]))


def current_currency(database: Database, call: Call) -> dict[str, Any]:
    code = database.setting("woocommerce_currency")
    name, _, symbol = CURRENCIES[code]
    return {"code": code, "name": name, "symbol": symbol}


def system_status(database: Database, call: Call) -> dict[str, Any]:
    """What runs: versions, settings, plugins; the rest of the real one is left out."""
    version = database.version
    plugin = {"plugin": "woocommerce/woocommerce.php", "name": "WooCommerce", "version": version}
    code = database.setting("woocommerce_currency")
    return {
        "environment": environment(database.home, version=version),
        "database": {"wc_database_version": version, "database_prefix": "wp_"},
        "active_plugins": [
            {**plugin, "version_latest": version, "author_name": "Automattic", "network_activated": False}
        ],
        "inactive_plugins": [],
        "settings": {
            "api_enabled": False,
            "force_ssl": False,
            "currency": code,
            "currency_symbol": CURRENCIES[code][2],
            "currency_position": database.setting("woocommerce_currency_pos"),
            "thousand_separator": database.setting("woocommerce_price_thousand_sep"),
            "decimal_separator": database.setting("woocommerce_price_decimal_sep"),
            "number_of_decimals": database.places,
            "HPOS_enabled": True,
        },
    }
