"""What `check` says of a shop: everything is asked for, nothing is tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from passerelle.connectors.prestashop import context as shop_context
from passerelle.connectors.prestashop.client import VERBS, PrestashopClient
from passerelle.connectors.prestashop.wire import SYSTEM
from passerelle.domain.texts import N_, Text, text
from passerelle.errors import PasserelleError, RightMissing
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.shop import ShopContext

# What the key needs. PATCH is asked for apart: a shop without it is served through PUT.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "products": ("GET", "POST", "PUT"),
    "stock_availables": ("GET", "PUT"),
    "categories": ("GET", "POST"),
    "manufacturers": ("GET", "POST"),
    "orders": ("GET",),
    "configurations": ("GET",),
    "currencies": ("GET",),
    "languages": ("GET",),
    "shops": ("GET",),
    "tax_rule_groups": ("GET",),
    "tax_rules": ("GET",),
    "taxes": ("GET",),
}

# What orders need beside that; a profile that sends articles alone can do without.
FOR_ORDERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "order_details",
            "order_states",
            "order_cart_rules",
            "cart_rules",
            "messages",
            "customers",
            "addresses",
            "countries",
        ),
        ("GET",),
    ),
    **dict.fromkeys(("states", "carriers"), ("GET",)),
    "order_histories": ("GET", "POST"),
    "order_carriers": ("GET", "POST", "PUT"),
}

# What custom fields need.
FOR_FEATURES: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("product_features", "product_feature_values"), ("GET", "POST")
)

# What variants need.
FOR_VARIANTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("product_options", "product_option_values"), ("GET", "POST")),
    "combinations": ("GET", "POST", "PUT", "DELETE"),
}


def findings(client: PrestashopClient, *, ask: Callable[[], ShopContext]) -> list[Finding]:
    """Everything worth saying of a connection; `ask` reads the shop's context."""
    try:
        home, _ = client.home()
    except PasserelleError as error:
        return [of_error(error)]
    allowed = shop_context.rights(home)
    found = missing_rights(allowed)
    try:
        context = ask()
        shop_context.zone_of(context)
    except PasserelleError as error:
        # A missing right that stopped it is already said.
        return found if isinstance(error, RightMissing) and found else [*found, of_error(error)]
    later = [missing_for_orders(allowed), missing_for_features(allowed), missing_for_variants(allowed)]
    warnings = [warning for warning in later if warning is not None]
    return [reached(context, address=client.address), *found, *warnings, *of_context(context)]


def of_error(error: PasserelleError) -> Finding:
    """An error as a finding, with its own next step."""
    next_step = Text(f"{error.code()}.next_step", error.next_step, error.params)
    return Finding(Severity.ERROR, Text.of(error), next_step)


def missing_rights(allowed: Mapping[str, frozenset[str]]) -> list[Finding]:
    """The rights that the key lacks; where it has PATCH it can do without PUT."""
    return [
        of_error(RightMissing(system=SYSTEM, verb=VERBS[verb], resource=resource))
        for resource, verb in _missing(NEEDED, allowed)
    ]


def missing_for_orders(allowed: Mapping[str, frozenset[str]]) -> Finding | None:
    """One warning for all the rights that orders would need."""
    rights = [f"{VERBS[verb]} {resource}" for resource, verb in _missing(FOR_ORDERS, allowed)]
    if not rights:
        return None
    said = text(
        "prestashop.no_orders",
        N_("Orders cannot be imported with this key; it lacks the rights to {rights}."),
        rights=", ".join(rights),
    )
    step = text("prestashop.no_orders.next_step", N_("Tick them on the key, if orders are to be imported."))
    return Finding(Severity.WARNING, said, step)


def missing_for_features(allowed: Mapping[str, frozenset[str]]) -> Finding | None:
    """One warning for all the rights that custom fields would need."""
    rights = [f"{VERBS[verb]} {resource}" for resource, verb in _missing(FOR_FEATURES, allowed)]
    if not rights:
        return None
    said = text(
        "prestashop.no_features",
        N_("Custom fields cannot be sent with this key; it lacks the rights to {rights}."),
        rights=", ".join(rights),
    )
    step = text("prestashop.no_features.next_step", N_("Tick them on the key, if custom fields are to be sent."))
    return Finding(Severity.WARNING, said, step)


def missing_for_variants(allowed: Mapping[str, frozenset[str]]) -> Finding | None:
    """One warning for all the rights that variants would need."""
    rights = [f"{VERBS[verb]} {resource}" for resource, verb in _missing(FOR_VARIANTS, allowed)]
    if not rights:
        return None
    said = text(
        "prestashop.no_variants",
        N_("Variants cannot be sent with this key; it lacks the rights to {rights}."),
        rights=", ".join(rights),
    )
    step = text("prestashop.no_variants.next_step", N_("Tick them on the key, if variants are to be sent."))
    return Finding(Severity.WARNING, said, step)


def _missing(needed: Mapping[str, tuple[str, ...]], allowed: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    return [
        (resource, verb)
        for resource, verbs in needed.items()
        for verb in verbs
        if verb not in allowed.get(resource, ()) and not (verb == "PUT" and "PATCH" in allowed.get(resource, ()))
    ]


def reached(context: ShopContext, *, address: str) -> Finding:
    """The shop answers."""
    said = text(
        "prestashop.reached",
        N_("{system} answers at {address}; it counts in {currency}, in the time of {zone}."),
        system=context.system,
        address=address,
        currency=context.currency,
        zone=context.facts["timezone"],
    )
    return Finding(Severity.OK, said)


def of_context(context: ShopContext) -> list[Finding]:
    """What can be said of a shop that answers."""
    checks = (_patch, _languages, _inactive, _stock_management, _taxes_off, _tax_rules)
    return [found for one in checks if (found := one(context)) is not None]


def _patch(context: ShopContext) -> Finding | None:
    lacking = [name for name in shop_context.PATCHED if name not in context.facts["patch"].split(",")]
    if not lacking:
        return None
    said = text(
        "prestashop.no_patch",
        N_("This key or this shop cannot patch {resources}: every change reads and sends the whole record, slower."),
        resources=", ".join(lacking),
    )
    step = text("prestashop.no_patch.next_step", N_("Tick PATCH for them on the key, on PrestaShop 8.1 and later."))
    return Finding(Severity.WARNING, said, step)


def _languages(context: ShopContext) -> Finding | None:
    unfed = context.facts["unfed"]
    if not unfed:
        return None
    said = text(
        "prestashop.languages_unfed",
        N_("The shop also speaks {languages}: new products get the main language's texts there."),
        languages=unfed,
    )
    step = text("prestashop.languages_unfed.next_step", N_("Add them to profile.languages if the ERP has their texts."))
    return Finding(Severity.WARNING, said, step)


def _inactive(context: ShopContext) -> Finding | None:
    off = set(context.facts["inactive"].split(",")) & set(context.languages.values())
    if not off:
        return None
    codes = ", ".join(our for our, id in context.languages.items() if id in off)
    said = text(
        "prestashop.language_off", N_("{languages}: the shop has this language, switched off."), languages=codes
    )
    step = text(
        "prestashop.language_off.next_step", N_("Switch it on in the shop, or remove it from profile.languages.")
    )
    return Finding(Severity.WARNING, said, step)


def _stock_management(context: ShopContext) -> Finding | None:
    if context.facts["stock_management"] != "0":
        return None
    said = text("prestashop.stock_off", N_("The shop does not manage stock: quantities are kept but not used."))
    step = text("prestashop.stock_off.next_step", N_("Switch stock management on in the shop's product settings."))
    return Finding(Severity.WARNING, said, step)


def _taxes_off(context: ShopContext) -> Finding | None:
    if context.facts["tax"] != "0":
        return None
    said = text("prestashop.tax_off", N_("The shop charges no tax at all: prices show without VAT."))
    step = text("prestashop.tax_off.next_step", N_("Switch taxes on in the shop, under International, Taxes."))
    return Finding(Severity.WARNING, said, step)


def _tax_rules(context: ShopContext) -> Finding:
    rules = "; ".join(
        f"{rule.id} = {rule.name} ({'?' if rule.rate is None else f'{rule.rate.normalize():f}'} %)"
        for rule in context.tax_rules
    )
    said = text("prestashop.tax_rules", N_("Tax rules for articles.tax.rules: {rules}."), rules=rules)
    return Finding(Severity.OK, said)
