"""Each command, its words and its exit status."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from passerelle.app import wiring
from passerelle.app.state import prepare
from passerelle.executor.flows import FLOWS
from passerelle.storage import leases

from .conftest import ARTICLES, Said, World

Call = Callable[..., Said]


def test_run_all_fills_the_shop_and_a_second_run_writes_nothing(world: World, passerelle: Call) -> None:
    first = passerelle("run", "all", world.file, "--json")
    assert first.code == 0
    assert [line["flow"] for line in first.lines] == ["catalogue", "prices", "stocks"]
    assert first.lines[0]["created"] == ARTICLES
    assert world.shop.stock_of(world.shop.product_by_reference("A07")[0].id) == 7
    second = passerelle("run", "all", world.file, "--json")
    assert [line["writes"] for line in second.lines] == [0, 0, 0]


def test_a_json_line_has_the_keys_that_scripts_rely_on(world: World, passerelle: Call) -> None:
    world.edits.set_price("A01", 0)
    line = passerelle("run", "catalogue", world.file, "--json").lines[0]
    counts = "planned created updated unchanged skipped parked failed requests writes seconds"
    assert {"run", "flow", "pass", "issues", *counts.split()} <= set(line)
    assert {"id", "key", "code", "message", "next_step", "since"} <= set(line["issues"][0])


def test_a_parked_record_makes_the_status_1_and_is_explained(world: World, passerelle: Call) -> None:
    world.edits.set_price("A01", 0)
    said = passerelle("run", "catalogue", world.file)
    assert said.code == 1
    assert "A01: its price is 0" in said.out
    listed = passerelle("issues", world.file)
    assert "Give" in listed.out
    world.edits.set_price("A01", "3.20")
    assert passerelle("retry", world.file).code == 0
    assert "Nothing waits" in passerelle("issues", world.file).out


def test_plan_sends_nothing_and_approve_sends_exactly_the_selection(world: World, passerelle: Call) -> None:
    planned = passerelle("plan", "catalogue", world.file, "--json")
    assert planned.code == 0
    assert not world.shop.products
    actions = [action for action in planned.lines[0]["actions"] if action["kind"] == "create_product"]
    chosen = actions[:3]
    run = planned.lines[0]["run"]
    said = passerelle("approve", run, ",".join(str(action["number"]) for action in chosen), "--json")
    assert said.code == 0
    assert {row.reference for row in world.shop.products.values()} == {action["key"] for action in chosen}


def test_plan_shows_before_and_after(world: World, passerelle: Call) -> None:
    passerelle("run", "all", world.file)
    world.edits.set_price("A10", "11.00")
    said = passerelle("plan", "prices", world.file)
    assert "10.50" in said.out
    assert "11.00" in said.out


def test_a_run_is_undone_after_approval_and_released(world: World, passerelle: Call) -> None:
    passerelle("run", "all", world.file)
    world.edits.set_price("A10", "11.00")
    run = passerelle("run", "prices", world.file, "--json").lines[0]["run"]
    said = passerelle("undo", run)
    assert said.code == 0
    assert re.search(r"11\.00 +\S*10\.50", said.out)
    line = passerelle("undo", run, "--json").lines[0]
    assert (line["state"], line["undoes"], line["planned"], line["writes"]) == ("held", run, 1, 0)
    assert passerelle("approve", line["run"]).code == 0
    assert f"undo of run {run}" in passerelle("status").out
    assert "passerelle release" in passerelle("plan", "prices", world.file).out
    assert passerelle("run", "prices", world.file, "--json").lines[0]["writes"] == 0
    assert passerelle("release", world.file, "--only", "A10", "--json").lines == [{"released": 1}]
    assert "Nothing is held back" in passerelle("release", world.file).out
    assert passerelle("run", "prices", world.file, "--json").lines[0]["updated"] == 1


def test_a_run_that_waits_cannot_be_undone(world: World, passerelle: Call) -> None:
    run = passerelle("plan", "catalogue", world.file, "--json").lines[0]["run"]
    said = passerelle("undo", run)
    assert said.code == 2
    assert "cannot be undone" in said.err


def test_a_cancelled_run_cannot_be_approved(world: World, passerelle: Call) -> None:
    run = passerelle("plan", "catalogue", world.file, "--json").lines[0]["run"]
    assert passerelle("cancel", run).code == 0
    said = passerelle("approve", run)
    assert said.code == 2
    assert "not waiting for approval" in said.err


def test_an_empty_source_is_held_with_status_3_and_archives_nothing(world: World, passerelle: Call) -> None:
    passerelle("run", "all", world.file)
    for number in range(1, ARTICLES + 1):
        world.edits.set_published(f"A{number:02}", False)
    said = passerelle("run", "catalogue", world.file)
    assert said.code == 3
    assert "no article at all" in said.out
    assert all(row.active == "1" for row in world.shop.products.values())


def test_a_second_run_of_the_lane_is_refused_with_status_6(world: World, passerelle: Call) -> None:
    passerelle("check", world.file)
    prepare()
    opened = wiring.open_profile(str(world.file))
    with leases.held(opened.stored, lane="bulk", clock=opened.clock):
        said = passerelle("run", "catalogue", world.file)
        assert said.code == 6
        assert re.search(r"under way \(.+, since \d\d/\d\d/\d{4} \d\d:\d\d\)", said.err)
        assert passerelle("run", "stocks", world.file).code == 0


def test_a_wrong_key_is_status_4_and_names_no_secret(
    world: World, passerelle: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "W" * 32)
    said = passerelle("run", "all", world.file)
    assert said.code == 4
    assert "refuses the key" in said.out + said.err
    assert "W" * 32 not in said.out + said.err


def test_a_missing_database_is_status_4(world: World, passerelle: Call) -> None:
    world.base.unlink()
    assert passerelle("run", "catalogue", world.file).code == 4
    assert not world.base.exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [("[articles.images]", "articles.images is not an option"), ("[articles]\npublised_only = true", "published_only")],
)
def test_an_unknown_option_is_status_2_and_names_the_nearest(
    world: World, passerelle: Call, line: str, message: str
) -> None:
    text = world.file.read_text(encoding="utf-8")
    if line.startswith("[articles]\n"):
        text = text.replace("[articles]\n", line + "\n")
    else:
        text += line + "\n"
    world.file.write_text(text, encoding="utf-8")
    said = passerelle("run", "all", world.file)
    assert said.code == 2
    assert message in said.err


def test_wrong_words_are_status_2(world: World, passerelle: Call) -> None:
    assert passerelle("run", "catalog", world.file).code == 2
    assert passerelle("runn").code == 2
    assert passerelle("approve", "999").code == 2
    assert passerelle("run", "all", "nobody").code == 2


def test_check_says_what_is_wrong_and_changes_nothing(world: World, passerelle: Call) -> None:
    assert passerelle("check", world.file).code == 0
    world.edits.rename_depot(1, "Entrepôt")
    world.file.write_text(
        world.file.read_text(encoding="utf-8").replace('["1"]', '["Dépôt principal"]'), encoding="utf-8"
    )
    said = passerelle("check", world.file)
    assert said.code == 4
    assert "Entrepôt" in said.out
    assert not [request for request in world.shop.requests if request[0] != "GET"]


def test_the_journal_tells_old_and_new(world: World, passerelle: Call) -> None:
    passerelle("run", "all", world.file)
    world.edits.set_stock("A05", 1, on_hand=9)
    passerelle("run", "stocks", world.file)
    last = passerelle("journal", world.file, "--key", "A05", "--json").lines[-1]
    assert last["changes"] == [{"field": "stock", "language": "", "old": 5, "new": 9}]
    assert last["state"] == "confirmed"


def test_status_lists_the_runs(world: World, passerelle: Call) -> None:
    passerelle("run", "catalogue", world.file)
    assert passerelle("status", "--json").lines[0]["flow"] == "catalogue"
    assert "Articles" in passerelle("status").out


def test_a_stored_profile_serves_by_its_name(world: World, passerelle: Call) -> None:
    assert passerelle("profile", "import", world.file).code == 0
    assert "essai" in passerelle("profile", "list").out
    assert passerelle("profile", "export", "essai").out == world.file.read_text(encoding="utf-8")
    assert passerelle("run", "catalogue", "essai").code == 0


def test_init_writes_a_profile_and_never_over_one(world: World, passerelle: Call, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    assert passerelle("init", file).code == 0
    assert "[articles.stocks]" in file.read_text(encoding="utf-8")
    assert passerelle("init", file).code == 2
    assert "connector" in passerelle("init").out


@pytest.mark.parametrize(
    ("erp", "shop"), [("odoo", "woocommerce"), ("tryton", "prestashop"), ("sage100", "woocommerce")]
)
def test_init_knows_every_erp_and_every_shop(world: World, passerelle: Call, erp: str, shop: str) -> None:
    said = passerelle("init", "--erp", erp, "--shop", shop).out
    assert [line for line in said.splitlines() if line.startswith("connector")] == [
        f'connector = "{erp}"', f'connector = "{shop}"',
    ]  # fmt: skip


def test_french_is_the_default(world: World, passerelle: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSERELLE_LANG")
    world.edits.set_price("A01", 0)
    assert "son prix est à 0" in passerelle("run", "catalogue", world.file).out


@pytest.mark.slow
def test_the_demo_runs_twice_and_its_second_pass_writes_nothing(
    passerelle: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    said = passerelle("demo", "--once", "--json")
    assert said.code == 0
    passes = [(line["pass"], line["flow"], line["state"]) for line in said.lines]
    assert passes == [(n, flow, "done") for n in (1, 2) for flow in FLOWS]
    assert all(line["writes"] == 0 for line in said.lines if line["pass"] == 2)
    orders, statuses = (next(line for line in said.lines if line["flow"] == flow) for flow in ("orders", "statuses"))
    assert orders["created"] == 4  # the fifth is paid in a way that nobody mapped, on purpose
    assert [issue["code"] for issue in orders["issues"]] == ["order_unmapped"]
    assert statuses["updated"] >= 8  # each of the four has its parcels and its status
    [profile] = tmp_path.rglob("*.toml")
    journal = passerelle("journal", profile, "--json")
    assert journal.code == 0
    placed = [line for line in journal.lines if line["kind"] == "place_order"]
    assert len(placed) == 4
    assert all(change["old"] is None for line in placed for change in line["changes"])


@pytest.mark.slow
@pytest.mark.parametrize(("erp", "shop"), [("sage100", "woocommerce"), ("odoo", "prestashop"), ("odoo", "woocommerce")])
def test_the_demo_of_every_pair_brings_orders_in_and_its_second_pass_writes_nothing(
    passerelle: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, erp: str, shop: str
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    said = passerelle("demo", "--erp", erp, "--shop", shop, "--once", "--json")
    assert said.code == 0
    assert all(line["state"] == "done" for line in said.lines)
    assert all(line["writes"] == 0 for line in said.lines if line["pass"] == 2)
    orders, statuses = (next(line for line in said.lines if line["flow"] == flow) for flow in ("orders", "statuses"))
    assert orders["created"] == 4
    assert [issue["code"] for issue in orders["issues"]] == ["order_unmapped"]
    assert statuses["updated"] >= 8
