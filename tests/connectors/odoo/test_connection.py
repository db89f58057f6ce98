"""Reaching an Odoo: which transport, which company, what it refuses, what `check` says."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from tests.connectors.odoo.conftest import Serve
from tests.connectors.odoo.harness import OdooHarness, connect

from passerelle.connectors.odoo.adapter import Odoo
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.manifest import MANIFEST
from passerelle.errors import AddressInvalid, CredentialsRefused, NotThisSystem, PasserelleError, RightMissing
from passerelle.ports.erp import ProductQuery
from passerelle.ports.manifest import Finding, Severity
from passerelle.sandbox.odoo import FakeOdoo, Fault
from passerelle.testing.builders import article, sales_document

VERSIONS = [16, 17, 18, 19]


def said(harness: OdooHarness, severity: Severity | None = None) -> list[str]:
    found: list[Finding] = harness.adapter.check()
    return [str(one.text) for one in found if severity in (None, one.severity)]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_version_chooses_the_transport(serve: Serve, version: int) -> None:
    harness = serve(FakeOdoo(version=version))
    seen: list[str] = []
    once = harness.adapter._client._http._once

    def request(method: str, url: str, **rest: Any) -> Any:
        seen.append(url.removeprefix(harness.url))
        return once(method, url, **rest)

    harness.adapter._client._http._once = request  # type: ignore[method-assign]
    assert harness.adapter.currency() == "EUR"
    assert seen[0] == "/jsonrpc"
    assert set(seen[1:]) == ({"/json/2/res.company/search_read"} if version >= 19 else {"/jsonrpc"})


def test_an_odoo_whose_old_transport_is_gone_is_spoken_to_by_the_new_one(harness: OdooHarness) -> None:
    harness.odoo.inject(Fault("status", resource="common", status=404, times=9))
    assert harness.adapter.currency() == "EUR"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_key_is_a_refusal_that_does_not_show_it(serve: Serve, version: int) -> None:
    odoo = FakeOdoo(version=version)
    harness = serve(odoo)
    odoo.api_key = "wrong-key-5f3d"
    adapter = connect(odoo, harness.url)
    with pytest.raises(CredentialsRefused) as refused:
        adapter.currency()
    assert "wrong-key-5f3d" not in repr((refused.value, refused.value.detail, vars(refused.value)))
    adapter.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_that_does_not_exist_is_said_to_be_so(serve: Serve, version: int) -> None:
    odoo = FakeOdoo(version=version)
    harness = serve(odoo)
    odoo.database, served = "other", odoo.database
    adapter = connect(odoo, harness.url)
    odoo.database = served
    with pytest.raises(NotThisSystem):
        adapter.currency()
    adapter.close()


@pytest.mark.parametrize(("company", "found"), [("2", "EUR"), ("Outillage Martin", "EUR"), ("1", "USD")])
def test_a_company_is_named_or_numbered(harness: OdooHarness, company: str, found: str) -> None:
    adapter = connect(harness.odoo, harness.url, company=company)
    assert adapter.currency() == found
    adapter.close()


@pytest.mark.parametrize("company", ["", "Martin", "9"])
def test_a_company_that_is_not_said_or_unknown_is_refused_with_those_there_are(
    harness: OdooHarness, company: str
) -> None:
    adapter = connect(harness.odoo, harness.url, company=company)
    for read in (adapter.currency, adapter.warehouses, lambda: adapter.documents("MD").__next__()):
        with pytest.raises(AddressInvalid, match=r"Outillage Martin \(2\)"):
            read()
    adapter.close()


def test_the_only_company_of_a_user_needs_no_name(harness: OdooHarness) -> None:
    harness.odoo.unlink(1, model="res.company")
    adapter = connect(harness.odoo, harness.url, company="")
    assert adapter.currency() == "EUR"
    adapter.close()


# --- rights ----------------------------------------------------------------------------------------------------------


def limited(harness: OdooHarness, **rights: list[str]) -> Odoo:
    """An adapter whose user may read everything but what is said otherwise: sale_order=["read"]."""
    every = {model: ["read"] for model in harness.odoo.store.tables}
    told = {name.replace("_", "."): operations for name, operations in rights.items()}
    harness.odoo.login = "reader"
    harness.odoo.api_key = harness.odoo.add_user("reader", rights={**every, **told})
    harness.adapter = connect(harness.odoo, harness.url)
    return harness.adapter


@pytest.mark.parametrize("version", VERSIONS)
def test_missing_rights_to_write_are_one_warning_and_to_read_an_error_each(serve: Serve, version: int) -> None:
    harness = serve(FakeOdoo(version=version))
    limited(harness, sale_order=["read", "create", "write"], product_category=[], account_tax=[])
    errors = said(harness, Severity.ERROR)
    assert [text.split()[-1] for text in errors] == ["product.category.", "account.tax."]
    [warning] = [text for text in said(harness, Severity.WARNING) if "rights" in text]
    assert "add sale.order.line" in warning
    assert "modify res.partner" in warning
    assert "sale.order," not in warning


@pytest.mark.parametrize("version", VERSIONS)
def test_a_missing_right_stops_an_order_and_nothing_is_written(serve: Serve, version: int) -> None:
    harness = serve(FakeOdoo(version=version))
    harness.seed(article("A1"))
    adapter = limited(harness)
    before = harness.stored()
    order = sales_document("MD-1", skus=("A1",), tax_code=harness.tax_code)
    with pytest.raises(RightMissing, match="modify sale"):
        adapter.place(order, handing_over=lambda: None)
    assert harness.stored() == before


# --- check -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_check_tells_what_a_profile_needs_to_know(serve: Serve, version: int) -> None:
    harness = serve(FakeOdoo(version=version))
    harness.seed(article("A1"), article("A2", published=False))
    found = said(harness)
    assert found[0] == f"Odoo {version}.0 answers for Outillage Martin."
    assert "2 articles that are not archived, 1 of them published." in found
    assert "Warehouses: Dépôt principal (1), Magasin Villeurbanne (2)." in found
    assert any(f"20% G ({harness.tax_code})" in text for text in found)
    assert said(harness, Severity.ERROR) == said(harness, Severity.WARNING) == []


def test_check_warns_of_what_is_missing(serve: Serve) -> None:
    odoo = FakeOdoo()
    harness = serve(odoo, language="de_DE", warehouse="Inconnu")
    del odoo.store.tables["delivery.carrier"]
    assert [text.split(";")[0] for text in said(harness, Severity.WARNING)] == [
        "No article is published (0 are not archived).",
        "The app Delivery Costs is not installed in Odoo.",
        "Odoo has no de_DE",
    ]
    assert [text for text in said(harness, Severity.ERROR) if "Inconnu" in text]


def test_texts_are_read_in_a_language_that_is_there_where_the_chosen_one_is_not(serve: Serve) -> None:
    odoo = FakeOdoo()
    harness = serve(odoo, language="de_DE")
    odoo.add_product("A1", name={"fr_FR": "Clé", "en_US": "Wrench"})
    [[record]] = harness.adapter.products(ProductQuery())
    assert record.read().label == "Wrench"


# --- the connector itself --------------------------------------------------------------------------------------------


def test_the_text_form_of_the_options_does_not_show_the_key() -> None:
    config = OdooConfig(url="https://o.example", database="d", login="l", key="very-secret")
    assert "very-secret" not in repr(config)


def test_the_quality_file_says_what_the_manifest_says() -> None:
    quality = tomllib.loads((files("passerelle.connectors.odoo") / "quality.toml").read_text(encoding="utf-8"))
    assert quality["capabilities"] == sorted(MANIFEST.capabilities)
    assert quality["tested_with"] == list(MANIFEST.tested_with)
    assert quality["never_run_on"] == list(MANIFEST.never_run_on)


def test_an_answer_that_is_no_list_is_unreadable_and_never_empty(harness: OdooHarness) -> None:
    harness.odoo.inject(Fault("html", resource="product.template", times=9))
    with pytest.raises(PasserelleError):
        list(harness.adapter.products(ProductQuery()))
