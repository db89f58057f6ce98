"""Products: templates, variants, attributes, categories, price lists."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.odoo import quantities
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.fields import (
    Field,
    binary,
    boolean,
    char,
    choice,
    computed,
    integer,
    lines,
    many,
    model,
    moment,
    number,
    one,
    price,
    text,
)
from passerelle.sandbox.odoo.variants import (
    AttributeLines,
    Products,
    Templates,
    combination_name,
    of_only_variant,
    price_extra,
    variants_of,
)

MAIN_COMPANY = 1
_TYPES = (("consu", "Goods"), ("service", "Service"), ("combo", "Combo"))
_TYPES_BEFORE_18 = (("consu", "Consumable"), ("service", "Service"), ("product", "Storable Product"))
_POLICIES = (("order", "Ordered quantities"), ("delivery", "Delivered quantities"))
_SIZES = (1024, 512, 256, 128)


def _template_name(env: Env, record: Record) -> str:
    code = env.value(record, "default_code")
    name = env.value(record, "name")
    return f"[{code}] {name}" if code else str(name)


def _product_name(env: Env, record: Record) -> str:
    values = combination_name(env, record)
    code, name = record.values.get("default_code"), env.value(record, "name")
    full = f"{name} ({values})" if values else str(name)
    return f"[{code}] {full}" if code else full


def _currency(env: Env, record: Record) -> int:
    """That of the product's company; a shared product shows the main company's, whoever sells it."""
    company = env.value(record, "company_id") or MAIN_COMPANY
    return int(env.get("res.company", company).values["currency_id"])


def _category_name(env: Env, record: Record) -> str:
    parent = env.linked(record, "parent_id")
    name = str(env.value(record, "name"))
    return f"{env.name_of(parent)} / {name}" if parent else name


def _image(env: Env, record: Record) -> Any:
    """The variant's own picture, else the template's. No picture is resized here."""
    template = env.get("product.template", record.values["product_tmpl_id"])
    return record.values.get("image_variant_1920") or template.values.get("image_1920") or False


def _combination_indices(env: Env, record: Record) -> str:
    return ",".join(str(one) for one in sorted(record.values.get("product_template_attribute_value_ids") or ()))


def _first_variant(env: Env, record: Record) -> Any:
    return next((one.id for one in variants_of(env, record, archived=False)), False)


def _quantities(model_name: str) -> list[Field]:
    """Sums over the places of the context; never stored, so that nothing tells when they change."""
    names = [
        ("qty_available", "Quantity On Hand"), ("virtual_available", "Forecasted Quantity"),
        ("incoming_qty", "Incoming"), ("outgoing_qty", "Outgoing"),
    ]  # fmt: skip
    if model_name == "product.product":
        names.append(("free_qty", "Free To Use Quantity "))
    return [computed(number(name, label), quantities.reader(name)) for name, label in names]


_TEMPLATE_FIELDS = [
    char("name", "Name", required=True, translate=True),
    *price("list_price", "Sales Price", default=1.0),
    choice("type", "Product Type", _TYPES, required=True, default="consu", since=18),
    boolean("is_storable", "Track Inventory", since=18),
    choice("type", "Product Type", _TYPES_BEFORE_18, required=True, until=17),
    choice("detailed_type", "Product Type", _TYPES_BEFORE_18, required=True, until=17),
    boolean("sale_ok", "Sales", default=True),
    boolean("purchase_ok", "Purchase", default=True),
    boolean("active", "Active", default=True),
    integer("sequence", "Sequence", default=1),
    one("categ_id", "Product Category", "product.category", required=True, default=1),
    one("uom_id", "Unit", "uom.uom", required=True, default=1),
    many("taxes_id", "Sales Taxes", "account.tax", default=lambda env: default_taxes(env)),
    many("supplier_taxes_id", "Purchase Taxes", "account.tax"),
    text("description_sale", "Sales Description", translate=True),
    Field("description", "html", "Internal Notes", translate=True),
    choice("invoice_policy", "Invoicing Policy", _POLICIES, default="order"),
    one("company_id", "Company", "res.company", index=True),
    computed(one("currency_id", "Currency", "res.currency"), _currency),
    lines("attribute_line_ids", "Product Attributes", "product.template.attribute.line", "product_tmpl_id"),
    lines("product_variant_ids", "Products", "product.product", "product_tmpl_id", required=True),
    computed(one("product_variant_id", "Product", "product.product"), _first_variant),
    computed(integer("product_variant_count", "# Product Variants"),
             lambda env, record: len(variants_of(env, record, archived=False))),
    binary("image_1920", "Image"),
    *(computed(binary(f"image_{size}", f"Image {size}"), lambda env, record: record.values.get("image_1920") or False)
      for size in _SIZES),
    boolean("is_published", "Is Published", module="website_sale"),
    computed(boolean("website_published", "Visible on current website", module="website_sale"),
             lambda env, record: record.values.get("is_published", False)),
    *_quantities("product.template"),
]  # fmt: skip
_OF_VARIANT = [
    char("default_code", "Internal Reference"),
    char("barcode", "Barcode"),
    number("standard_price", "Cost"),
    number("weight", "Weight"),
    number("volume", "Volume"),
]


def default_taxes(env: Env) -> Any:
    """The default sale taxes of all allowed companies."""
    companies = (env.get("res.company", one) for one in env.companies)
    return [(6, 0, [one.values["account_sale_tax_id"] for one in companies if one.values.get("account_sale_tax_id")])]


def _shown_by_template() -> list[Field]:
    """Written through to the only variant, so not read-only for all that they are computed."""
    found = []
    for field in _OF_VARIANT:
        found.append(
            Field(
                field.name, field.type, field.string, stored=field.name == "default_code",
                compute=of_only_variant(field.name, field.empty),
            )
        )  # fmt: skip
    return found


_CREATE_VARIANT = (("always", "Instantly"), ("dynamic", "Dynamically"), ("no_variant", "Never (option)"))
_APPLIED_ON = (("3_global", "All Products"), ("2_product_category", "Product Category"), ("1_product", "Product"),
               ("0_product_variant", "Product Variant"))  # fmt: skip
_BASES = (("list_price", "Sales Price"), ("standard_price", "Cost"), ("pricelist", "Other Pricelist"))
_COMPUTE_PRICE = (("fixed", "Fixed Price"), ("percentage", "Discount"), ("formula", "Formula"))

MODELS = (
    model("product.template", "Product", [*_TEMPLATE_FIELDS, *_shown_by_template()],
          order="name, id", display=_template_name, behaviour=Templates()),
    model(
        "product.product",
        "Product Variant",
        [
            one("product_tmpl_id", "Product Template", "product.template", required=True),
            char("default_code", "Internal Reference", index=True),
            char("barcode", "Barcode", index=True),
            *price("standard_price", "Cost", per_company=True),
            number("weight", "Weight", digits="Stock Weight"),
            number("volume", "Volume", digits="Volume"),
            boolean("active", "Active", default=True),
            many("product_template_attribute_value_ids", "Attribute Values", "product.template.attribute.value"),
            computed(char("combination_indices", "Combination Indices"), _combination_indices),
            computed(number("price_extra", "Variant Price Extra"), price_extra),
            Field("lst_price", "float", "Sales Price", stored=False,
                  compute=lambda env, record: env.value(record, "list_price") + price_extra(env, record)),
            binary("image_variant_1920", "Variant Image"),
            computed(binary("image_1920", "Image"), _image),
            *(computed(binary(f"image_{size}", f"Image {size}"), _image) for size in _SIZES),
            *_quantities("product.product"),
        ],
        order="default_code, name, id",
        display=_product_name,
        inherits=("product.template", "product_tmpl_id"),
        company="company_id",
        behaviour=Products(),
    ),
    model(
        "product.category",
        "Product Category",
        [
            char("name", "Name", required=True),
            one("parent_id", "Parent Category", "product.category"),
            computed(char("complete_name", "Complete Name"), _category_name),
            lines("child_id", "Child Categories", "product.category", "parent_id"),
        ],
        order="complete_name",
        display=_category_name,
    ),
    model(
        "product.attribute",
        "Product Attribute",
        [
            char("name", "Attribute", required=True, translate=True),
            integer("sequence", "Sequence"),
            choice("create_variant", "Variant Creation", _CREATE_VARIANT, default="always", required=True),
            lines("value_ids", "Values", "product.attribute.value", "attribute_id"),
        ],
        order="sequence, id",
    ),
    model(
        "product.attribute.value",
        "Attribute Value",
        [
            char("name", "Value", required=True, translate=True),
            integer("sequence", "Sequence"),
            one("attribute_id", "Attribute", "product.attribute", required=True),
        ],
        order="attribute_id, sequence, id",
        display=lambda env, record: f"{env.name_of(env.get('product.attribute', record.values['attribute_id']))}: "
        f"{env.value(record, 'name')}",
    ),
    model(
        "product.template.attribute.line",
        "Product Template Attribute Line",
        [
            one("product_tmpl_id", "Product Template", "product.template", required=True),
            one("attribute_id", "Attribute", "product.attribute", required=True),
            integer("sequence", "Sequence", default=10),
            many("value_ids", "Values", "product.attribute.value"),
            lines("product_template_value_ids", "Product Attribute Values", "product.template.attribute.value",
                  "attribute_line_id"),
        ],
        order="sequence, attribute_id, id",
        display=lambda env, record: env.name_of(env.get("product.attribute", record.values["attribute_id"])),
        behaviour=AttributeLines(),
    ),
    model(
        "product.template.attribute.value",
        "Product Template Attribute Value",
        [
            one("product_tmpl_id", "Product Template", "product.template"),
            one("attribute_line_id", "Attribute Line", "product.template.attribute.line", required=True),
            one("attribute_id", "Attribute", "product.attribute"),
            one("product_attribute_value_id", "Attribute Value", "product.attribute.value", required=True),
            computed(char("name", "Value"), lambda env, record: env.value(
                env.get("product.attribute.value", record.values["product_attribute_value_id"]), "name")),
            *price("price_extra", "Extra Price"),
            boolean("ptav_active", "Active", default=True),
        ],
        order="attribute_line_id, product_attribute_value_id, id",
        display=lambda env, record: env.value(record, "name"),
    ),
    model(
        "product.pricelist",
        "Pricelist",
        [
            char("name", "Pricelist Name", required=True, translate=True),
            one("currency_id", "Currency", "res.currency", required=True,
                default=lambda env: env.get("res.company", env.company).values["currency_id"]),
            one("company_id", "Company", "res.company"),
            integer("sequence", "Sequence", default=16),
            lines("item_ids", "Pricelist Rules", "product.pricelist.item", "pricelist_id"),
            boolean("active", "Active", default=True),
        ],
        order="sequence, id, name",
        display=lambda env, record: f"{env.value(record, 'name')} "
        f"({env.get('res.currency', record.values['currency_id']).values['name']})",
    ),
    model(
        "product.pricelist.item",
        "Pricelist Rule",
        [
            one("pricelist_id", "Pricelist", "product.pricelist", required=True),
            choice("applied_on", "Apply On", _APPLIED_ON, required=True, default="3_global"),
            one("categ_id", "Category", "product.category"),
            one("product_tmpl_id", "Product", "product.template"),
            one("product_id", "Variant", "product.product"),
            number("min_quantity", "Min. Quantity", digits="Product Unit of Measure"),
            moment("date_start", "Start Date"),
            moment("date_end", "End Date"),
            choice("base", "Based on", _BASES, required=True, default="list_price"),
            one("base_pricelist_id", "Other Pricelist", "product.pricelist"),
            choice("compute_price", "Price Type", _COMPUTE_PRICE, required=True, default="fixed"),
            *price("fixed_price", "Fixed Price"),
            number("percent_price", "Percentage Price"),
            number("price_discount", "Price Discount"),
            *price("price_surcharge", "Extra Fee"),
            *price("price_round", "Price Rounding"),
            *price("price_min_margin", "Min. Price Margin"),
            *price("price_max_margin", "Max. Price Margin"),
            computed(one("company_id", "Company", "res.company"), lambda env, record: env.get(
                "product.pricelist", record.values["pricelist_id"]).values.get("company_id") or False),
            computed(one("currency_id", "Currency", "res.currency"), lambda env, record: env.get(
                "product.pricelist", record.values["pricelist_id"]).values["currency_id"]),
        ],
        order="applied_on, min_quantity desc, categ_id desc, id desc",
        display=lambda env, record: dict(_APPLIED_ON)[record.values["applied_on"]],
    ),
)  # fmt: skip
