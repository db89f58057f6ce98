"""The ERP's VAT → the shop's tax rule."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from passerelle.domain.facets import TaxRuleId
from passerelle.domain.pricing import Tax, TaxRule
from passerelle.errors import TaxKeyAmbiguous, TaxRuleUnknown, VatMissing, VatRateDiffers, VatUnmapped
from passerelle.profile.sections import ShopId


def plain(rate: Decimal) -> str:
    """A rate as people write it: 20, 5.5."""
    return f"{rate.normalize():f}"


def as_rate(key: str) -> Decimal | None:
    """The rate a key of the mapping says, None when it is not a number."""
    try:
        return Decimal(key.strip().replace(",", "."))
    except InvalidOperation:
        return None


class TaxMap:
    """The mapping of a profile, checked against the rules of its shop.

    An exact ERP tax code wins, otherwise the number is a rate. Raises TaxRuleUnknown when it names a rule the shop
    does not have.
    """

    def __init__(self, mapping: dict[str, ShopId], *, rules: tuple[TaxRule, ...]) -> None:
        by_id = {rule.id: rule for rule in rules}
        self._codes: dict[str, TaxRule] = {}
        self._rates: dict[Decimal, TaxRule] = {}
        for key, rule_id in mapping.items():
            rule = by_id.get(str(rule_id))
            if rule is None:
                existing = ", ".join(f"{rule.id} ({rule.name})" for rule in rules)
                raise TaxRuleUnknown(rule=rule_id, key=key, existing=existing or "-")
            self._codes[key.strip()] = rule
            rate = as_rate(key)
            if rate is not None:
                self._rates[rate] = rule

    def rule(self, tax: Tax | None, *, key: str) -> TaxRuleId:
        """The shop's rule of an article's tax.

        Raises VatMissing, VatUnmapped, VatRateDiffers; TaxKeyAmbiguous when a key of the mapping is both a tax code of
        the ERP and the rate of another tax.
        """
        if tax is None:
            raise VatMissing(key=key)
        if tax.code in self._codes and as_rate(tax.code) not in (None, tax.rate):
            raise TaxKeyAmbiguous(key=tax.code, rate=plain(tax.rate))
        rule = self._codes.get(tax.code) or self._rates.get(tax.rate)
        if rule is None:
            raise VatUnmapped(key=key, tax=plain(tax.rate))
        if rule.rate is not None and rule.rate != tax.rate:
            raise VatRateDiffers(key=key, erp=plain(tax.rate), shop=plain(rule.rate), rule=rule.name)
        return TaxRuleId(rule.id, tax.rate)
