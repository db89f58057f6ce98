"""What `check` says of a shop: everything is asked for, nothing is tried."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from passerelle.connectors.woocommerce.client import WoocommerceClient
from passerelle.connectors.woocommerce.wire import Index
from passerelle.domain.texts import N_, Text, text
from passerelle.errors import CredentialsRefused, NotThisSystem, PasserelleError
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.shop import ShopContext

NAMESPACE = "wc/v3"
ENTERED = {
    "excl": N_("{system} answers at {address}; it counts in {currency}, and its prices are entered excl. VAT."),
    "incl": N_("{system} answers at {address}; it counts in {currency}, and its prices are entered incl. VAT."),
}


def findings(client: WoocommerceClient, *, ask: Callable[[], ShopContext]) -> list[Finding]:
    """Everything worth saying of a connection; `ask` reads the shop's context."""
    try:
        index = client.index()
    except PasserelleError as error:
        return [of_error(error)]
    before = [*_index(index, home=client.home), *_plain_http(client.home)]
    try:
        context = ask()
    except CredentialsRefused as error:
        # Where the shop calls itself otherwise, no signature is right: that is said already, and cures both.
        return [*before, of_error(error)]
    except PasserelleError as error:
        return [*before, of_error(error)]
    return [reached(context, address=client.address), *before, *of_context(context)]


def of_error(error: PasserelleError) -> Finding:
    """An error as a finding, with its own next step."""
    next_step = Text(f"{error.code()}.next_step", error.next_step, error.params)
    return Finding(Severity.ERROR, Text.of(error), next_step)


def reached(context: ShopContext, *, address: str) -> Finding:
    """The shop answers. What its key may do it does not say."""
    said = text(
        "woocommerce.reached",
        ENTERED[context.price_basis],
        system=context.system,
        address=address,
        currency=context.currency,
    )
    step = text(
        "woocommerce.reached.next_step",
        N_("WooCommerce does not say whether a key may write: see that this one is Read/Write."),
    )
    return Finding(Severity.OK, said, step)


# --- the site --------------------------------------------------------------------------------------------------------


def _index(index: Index | None, *, home: str) -> list[Finding]:
    if index is None:
        said = text("woocommerce.no_api", N_("There is no WordPress API at {address}/wp-json/."), address=home)
        step = text(
            "woocommerce.no_api.next_step",
            N_("Under Settings, Permalinks choose any structure but Plain; let no security plugin hide the API."),
        )
        return [Finding(Severity.WARNING, said, step)]
    if index.namespaces and NAMESPACE not in index.namespaces:
        return [of_error(NotThisSystem(system=home, why="no WooCommerce API (wc/v3) is there"))]
    shown = index.home.rstrip("/")
    if shown and _origin(shown) != _origin(home):
        said = text(
            "woocommerce.other_home", N_("The shop calls itself {home}, not {address}."), home=shown, address=home
        )
        step = text(
            "woocommerce.other_home.next_step",
            N_("Enter {home} as the address: keys are checked against it."),
            home=shown,
        )
        return [Finding(Severity.ERROR, said, step)]
    return []


def _origin(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")


def _plain_http(home: str) -> list[Finding]:
    if home.lower().startswith("https://"):
        return []
    said = text(
        "woocommerce.plain_http", N_("The shop is reached without encryption: orders can be read on their way.")
    )
    step = text("woocommerce.plain_http.next_step", N_("Have a certificate installed, and enter the https:// address."))
    return [Finding(Severity.WARNING, said, step)]


# --- its settings ----------------------------------------------------------------------------------------------------


def of_context(context: ShopContext) -> list[Finding]:
    """What can be said of a shop that answers."""
    checks = (_taxes_off, _stock_off, _brands, _barcodes, _multisite, _tax_rules)
    return [found for one in checks if (found := one(context)) is not None]


def _taxes_off(context: ShopContext) -> Finding | None:
    if context.facts["taxes"] == "yes":
        return None
    said = text("woocommerce.tax_off", N_("The shop charges no tax at all: prices show without VAT."))
    step = text("woocommerce.tax_off.next_step", N_("Under WooCommerce, Settings, General enable taxes."))
    return Finding(Severity.WARNING, said, step)


def _stock_off(context: ShopContext) -> Finding | None:
    if context.facts["stock"] == "yes":
        return None
    said = text("woocommerce.stock_off", N_("The shop does not manage stock: quantities are not used."))
    step = text("woocommerce.stock_off.next_step", N_("Under WooCommerce, Settings, Products, Inventory enable it."))
    return Finding(Severity.WARNING, said, step)


def _brands(context: ShopContext) -> Finding | None:
    if context.facts["brands"] == "1":
        return None
    said = text("woocommerce.no_brands", N_("This shop has no brands: they came with WooCommerce 9.6."))
    step = text("woocommerce.no_brands.next_step", N_("Update WooCommerce, or leave articles.brand out."))
    return Finding(Severity.WARNING, said, step)


def _barcodes(context: ShopContext) -> Finding | None:
    if context.facts["barcodes"] == "1":
        return None
    said = text("woocommerce.no_barcodes", N_("This shop keeps no barcodes: they came with WooCommerce 9.2."))
    step = text("woocommerce.no_barcodes.next_step", N_("Update WooCommerce."))
    return Finding(Severity.WARNING, said, step)


def _multisite(context: ShopContext) -> Finding | None:
    if context.facts["multisite"] != "1":
        return None
    said = text("woocommerce.multisite", N_("This WordPress holds several sites, which was never tried."))
    step = text("woocommerce.multisite.next_step", N_("Try it on a copy of the site first."))
    return Finding(Severity.WARNING, said, step)


def _tax_rules(context: ShopContext) -> Finding:
    rules = "; ".join(
        f"{rule.id} = {rule.name} ({'?' if rule.rate is None else f'{rule.rate:f}'} %)" for rule in context.tax_rules
    )
    said = text("woocommerce.tax_rules", N_("Tax classes for articles.tax.rules: {rules}."), rules=rules)
    return Finding(Severity.OK, said)
