"""Templates and their variants: which combinations exist, and the fields that a template has of its only variant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from passerelle.sandbox.odoo.changes import touch
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import UserError, ValidationError
from passerelle.sandbox.odoo.fields import Behaviour, Compute, Values

# Kept by the variant; a template with one variant shows and takes them for it.
OF_VARIANT = ("default_code", "barcode", "standard_price", "weight", "volume")
_KINDS = ("type", "detailed_type", "is_storable")


def variants_of(env: Env, template: Record, *, archived: bool = True) -> list[Record]:
    found = env.table("product.product").by("product_tmpl_id", template.id)
    return [one for one in found if archived or one.values.get("active", True)]


def of_only_variant(name: str, empty: Any) -> Compute:
    """What the template shows: nothing at all where it has several variants."""

    def compute(env: Env, template: Record) -> Any:
        found = variants_of(env, template, archived=False) or variants_of(env, template)
        return env.value(found[0], name) if len(found) == 1 else empty

    return compute


class Templates(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        return _followed(env, vals, new=True)

    def created(self, env: Env, record: Record, vals: Values) -> None:
        if not env.context.get("create_product_product"):
            make_variants(env, record)
            self._to_variant(env, record, {name: vals[name] for name in OF_VARIANT if name in vals})

    def change(self, env: Env, records: Sequence[Record], vals: Values) -> Values:
        vals = _followed(env, vals, new=False)
        below = {name: vals[name] for name in OF_VARIANT if name in vals}
        for record in records:
            self._to_variant(env, record, below)
        return {name: value for name, value in vals.items() if name not in below}

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        """A change of the template moves the write_date of all its variants, archived ones too."""
        for record in records:
            if "attribute_line_ids" in vals:
                make_variants(env, record)
            for variant in variants_of(env, record):
                if "active" in vals:
                    variant.table.put(variant, "active", bool(vals["active"]))
                touch(env, variant)

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        for record in records:
            env.unlink(variants_of(env, record))

    @staticmethod
    def _to_variant(env: Env, template: Record, vals: Values) -> None:
        found = variants_of(env, template)
        if vals and len(found) == 1:
            env.write(found, vals)


def _followed(env: Env, vals: Values, *, new: bool) -> Values:
    """Before 18 a product followed in stock is a type of its own, chosen in `detailed_type`."""
    if env.version >= 18 or (not new and not {"type", "detailed_type"} & vals.keys()):
        return vals
    chosen = vals.get("detailed_type") or vals.get("type") or "consu"
    return {**vals, "detailed_type": chosen, "type": chosen}


class Products(Behaviour):
    """Variants. One made without a template makes its own."""

    def prepare(self, env: Env, vals: Values) -> Values:
        return _with_list_price(env, None, vals)

    def created(self, env: Env, record: Record, vals: Values) -> None:
        check_barcode(env, record)

    def change(self, env: Env, records: Sequence[Record], vals: Values) -> Values:
        return _with_list_price(env, records[0], vals)

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        if vals.get("barcode"):
            for record in records:
                check_barcode(env, record)

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        for record in records:
            if used(env, record):
                raise UserError(
                    "The operation cannot be completed: another model requires the record being deleted. "
                    "If possible, archive it instead.\n\nModel: Sales Order Line (sale.order.line)\n"
                    "Field: Product (product_id)\n"
                )
        self._with_templates(env, records)

    @staticmethod
    def _with_templates(env: Env, records: Sequence[Record]) -> None:
        """A template goes with its last variant."""
        going = {one.id for one in records}
        for template in {one.values["product_tmpl_id"] for one in records}:
            rest = [one for one in env.table("product.product").by("product_tmpl_id", template) if one.id not in going]
            record = env.table("product.template").rows.get(template)
            if record is not None and not rest and not env.context.get("keep_template"):
                record.table.remove(record)


def _with_list_price(env: Env, record: Record | None, vals: Values) -> Values:
    """Writing lst_price writes the template's list_price, less the extras of this variant."""
    if "lst_price" not in vals:
        return vals
    rest = {name: value for name, value in vals.items() if name != "lst_price"}
    return {**rest, "list_price": float(vals["lst_price"]) - (price_extra(env, record) if record else 0.0)}


def price_extra(env: Env, record: Record) -> float:
    extras = env.table("product.template.attribute.value").rows
    chosen = record.values.get("product_template_attribute_value_ids") or ()
    return sum((float(extras[one].values.get("price_extra", 0.0)) for one in chosen), 0.0)


def used(env: Env, record: Record) -> bool:
    """An order, a stock row or a movement names it."""
    return any(
        env.table(model).by("product_id", record.id) for model in ("sale.order.line", "stock.move", "stock.quant")
    )


def check_barcode(env: Env, record: Record) -> None:
    """Raises ValidationError: unlike references, bar codes are unique."""
    code = record.values.get("barcode")
    same = [one for one in record.table.by("barcode", code) if one is not record] if code else []
    if same:
        names = " and ".join(env.name_of(one) for one in (*same, record))
        raise ValidationError(
            f'Barcode(s) already assigned:\n\n- Barcode "{code}" already assigned to product(s): {names}\n\n'
            "Note: products that you don't have access to will not be shown above."
        )


# combinations


class AttributeLines(Behaviour):
    """An attribute of a template with the values it comes in."""

    def created(self, env: Env, record: Record, vals: Values) -> None:
        _sync_values(env, record)

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        for record in records:
            _sync_values(env, record)
            make_variants(env, env.get("product.template", record.values["product_tmpl_id"]))

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        table = env.table("product.template.attribute.value")
        for record in records:
            for one in table.by("attribute_line_id", record.id):
                env.write([one], {"ptav_active": False})


def _sync_values(env: Env, line: Record) -> None:
    """One product.template.attribute.value for each value of the line."""
    table = env.table("product.template.attribute.value")
    known = {one.values["product_attribute_value_id"]: one for one in table.by("attribute_line_id", line.id)}
    wanted = line.values.get("value_ids") or ()
    for value in wanted:
        if value not in known:
            keys = {"attribute_line_id": line.id, "product_attribute_value_id": value}
            keys |= {name: line.values[name] for name in ("product_tmpl_id", "attribute_id")}
            env.create("product.template.attribute.value", keys)
    for value, one in known.items():
        if (value in wanted) != one.values.get("ptav_active", True):
            env.write([one], {"ptav_active": value in wanted})


def make_variants(env: Env, template: Record) -> None:
    """A variant for each combination; those of others are deleted, or archived where something names them."""
    wanted = _combinations(env, template)
    if wanted is None:
        return
    table = env.table("product.product")
    known = {frozenset(one.values.get("product_template_attribute_value_ids") or ()): one
             for one in table.by("product_tmpl_id", template.id)}  # fmt: skip
    for combination in wanted:
        variant = known.pop(frozenset(combination), None)
        if variant is None:
            values = {"product_tmpl_id": template.id, "product_template_attribute_value_ids": [(6, 0, combination)]}
            env.create("product.product", {**values, "active": template.values.get("active", True)})
        elif not variant.values.get("active", True) and template.values.get("active", True):
            env.write([variant], {"active": True})
    for variant in known.values():
        if used(env, variant):
            env.write([variant], {"active": False})
        else:
            env.but(keep_template=True).unlink([variant])


def _combinations(env: Env, template: Record) -> list[tuple[int, ...]] | None:
    """None where variants are only made when they are sold."""
    axes: list[list[int]] = []
    for line in env.table("product.template.attribute.line").by("product_tmpl_id", template.id):
        attribute = env.get("product.attribute", line.values["attribute_id"])
        if attribute.values.get("create_variant") == "dynamic":
            return None
        if attribute.values.get("create_variant") == "always":
            values = env.table("product.template.attribute.value").by("attribute_line_id", line.id)
            axes.append([one.id for one in values if one.values.get("ptav_active", True)])
    return list(product(*axes))


def combination_name(env: Env, record: Record) -> str:
    """The values of attributes that come in more than one, as they stand behind the name."""
    values = env.table("product.template.attribute.value")
    names = []
    for one in record.values.get("product_template_attribute_value_ids") or ():
        line = env.get("product.template.attribute.line", values.rows[one].values["attribute_line_id"])
        if len(line.values.get("value_ids") or ()) > 1:
            names.append(env.name_of(values.rows[one]))
    return ", ".join(names)
