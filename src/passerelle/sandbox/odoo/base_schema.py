"""Companies, users, currencies, countries, languages, modules, external ids."""

from __future__ import annotations

from passerelle.sandbox.odoo import external_ids
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import ValidationError
from passerelle.sandbox.odoo.fields import (
    Behaviour,
    Values,
    boolean,
    char,
    choice,
    integer,
    many,
    model,
    number,
    one,
    text,
)


class _ExternalIds(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        external = f"{vals.get('module') or ''}.{vals.get('name')}"
        if external_ids.find(env, external) is not None:
            raise ValidationError(
                "The operation cannot be completed: duplicate key value violates unique constraint "
                '"ir_model_data_module_name_uniq_index"\n'
                f"DETAIL:  Key (module, name)=({vals.get('module')}, {vals.get('name')}) already exists.\n"
            )
        return vals


ROUNDING = (("round_per_line", "Round per Line"), ("round_globally", "Round Globally"))

MODELS = (
    model(
        "res.company",
        "Companies",
        [
            char("name", "Company Name", required=True),
            one("currency_id", "Currency", "res.currency", required=True),
            one("country_id", "Country", "res.country"),
            one("partner_id", "Partner", "res.partner"),
            char("vat", "Tax ID"),
            choice("tax_calculation_rounding_method", "Rounding Method", ROUNDING, default="round_per_line"),
            one("account_sale_tax_id", "Default Sale Tax", "account.tax"),
            one("account_purchase_tax_id", "Default Purchase Tax", "account.tax"),
            boolean("active", "Active", default=True),
        ],
        company="id",
    ),
    model(
        "res.users",
        "User",
        [
            char("name", "Name", required=True),
            char("login", "Login", required=True, index=True),
            one("company_id", "Company", "res.company", required=True),
            many("company_ids", "Companies", "res.company"),
            one("partner_id", "Related Partner", "res.partner"),
            char("lang", "Language"),
            char("tz", "Timezone"),
            boolean("active", "Active", default=True),
        ],
        company="",
    ),
    model(
        "res.currency",
        "Currency",
        [
            char("name", "Currency", required=True, index=True),
            char("symbol", "Symbol"),
            number("rounding", "Rounding Factor", default=0.01),
            integer("decimal_places", "Decimal Places", default=2),
            boolean("active", "Active", default=True),
        ],
        order="name",
    ),
    model(
        "res.country",
        "Country",
        [
            char("name", "Country Name", required=True, translate=True),
            char("code", "Country Code", index=True),
            many("country_group_ids", "Country Groups", "res.country.group"),
        ],
        order="name",
    ),
    model("res.country.group", "Country Group", [char("name", "Name", required=True)], order="name"),
    model(
        "res.lang",
        "Languages",
        [char("name", "Name", required=True), char("code", "Locale Code"), boolean("active", "Active", default=True)],
        order="name",
    ),
    model(
        "decimal.precision",
        "Decimal Precision",
        [char("name", "Usage", required=True), integer("digits", "Digits", default=2)],
    ),
    model(
        "ir.model.data",
        "Model Data",
        [
            char("module", "Module", default=""),
            char("name", "External Identifier", required=True, index=True),
            char("model", "Model Name", required=True),
            integer("res_id", "Record ID", index=True),
            boolean("noupdate", "Non Updatable"),
        ],
        order="module, model, name",
        behaviour=_ExternalIds(),
    ),
    model(
        "ir.model",
        "Models",
        [char("name", "Model Description"), char("model", "Model", index=True), text("info", "Information")],
        order="model",
    ),
    model(
        "ir.module.module",
        "Module",
        [char("name", "Technical Name", index=True), char("shortdesc", "Module Name"), char("state", "Status")],
        order="name",
    ),
    model(
        "ir.config_parameter",
        "System Parameter",
        [char("key", "Key", index=True), text("value", "Value")],
        order="key",
        display=lambda env, record: record.values.get("key"),
    ),
    model(
        "uom.uom",
        "Product Unit of Measure",
        [char("name", "Unit", required=True, translate=True), number("factor", "Ratio", default=1.0)],
    ),
    model(
        "crm.team",
        "Sales Team",
        [
            char("name", "Sales Team", required=True, translate=True),
            one("company_id", "Company", "res.company"),
            boolean("active", "Active", default=True),
        ],
    ),
)
