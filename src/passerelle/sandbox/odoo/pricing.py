"""What a price list asks for a product: the first rule that fits, computed."""

from __future__ import annotations

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.domains import descendants
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.values import rounded


def price_of(
    env: Env, pricelist: Record | None, product: Record, *, quantity: float, at: str
) -> tuple[float, Record | None]:
    """The price of one unit and the rule it comes from; without a rule, the sales price with its extras."""
    rule = _rule(env, pricelist, product, quantity=quantity, at=at) if pricelist else None
    if rule is None:
        return float(env.value(product, "lst_price")), None
    return _computed(env, rule, product, quantity=quantity, at=at), rule


def _rule(env: Env, pricelist: Record, product: Record, *, quantity: float, at: str) -> Record | None:
    """Rules in their own order: the most particular and the largest quantity first."""
    for ident in env.value(pricelist, "item_ids"):
        rule = env.get("product.pricelist.item", ident)
        minimum = rule.values.get("min_quantity") or 0.0
        in_time = (not rule.values.get("date_start") or rule.values["date_start"] <= at) and (
            not rule.values.get("date_end") or at <= rule.values["date_end"]
        )
        if quantity >= minimum and in_time and _fits(env, rule, product):
            return rule
    return None


def _fits(env: Env, rule: Record, product: Record) -> bool:
    applied = rule.values["applied_on"]
    if applied == "0_product_variant":
        return bool(rule.values.get("product_id") == product.id)
    if applied == "1_product":
        return bool(rule.values.get("product_tmpl_id") == product.values["product_tmpl_id"])
    if applied == "2_product_category":
        return env.value(product, "categ_id") in descendants(env, "product.category", [rule.values["categ_id"]])
    return True


def _computed(env: Env, rule: Record, product: Record, *, quantity: float, at: str) -> float:
    kind = rule.values["compute_price"]
    if kind == "fixed":
        return float(rule.values.get("fixed_price") or 0.0)
    base = _base(env, rule, product, quantity=quantity, at=at)
    if kind == "percentage":
        return base * (1 - float(rule.values.get("percent_price") or 0.0) / 100)
    return _formula(rule, base)


def _base(env: Env, rule: Record, product: Record, *, quantity: float, at: str) -> float:
    base = rule.values.get("base") or "list_price"
    if base == "pricelist" and rule.values.get("base_pricelist_id"):
        other = env.get("product.pricelist", rule.values["base_pricelist_id"])
        return price_of(env, other, product, quantity=quantity, at=at)[0]
    return float(env.value(product, "standard_price" if base == "standard_price" else "lst_price"))


def _formula(rule: Record, base: float) -> float:
    """Discount, then rounding, then the fee, then the margins."""

    def get(name: str) -> float:
        return float(rule.values.get(name) or 0.0)

    price = base * (1 - get("price_discount") / 100)
    if get("price_round"):
        price = rounded(price / get("price_round"), digits=0) * get("price_round")
    price += get("price_surcharge")
    if get("price_min_margin"):
        price = max(price, base + get("price_min_margin"))
    if get("price_max_margin"):
        price = min(price, base + get("price_max_margin"))
    return price
