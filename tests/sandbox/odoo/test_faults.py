"""Faults and hooks of the simulated Odoo: what was stored, what was answered."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import Cost, FakeOdoo, Fault


def rename(client: Client) -> None:
    client.call("res.partner", "write", ids=[1], vals={"ref": "NEU"})


def ref(odoo: FakeOdoo) -> object:
    return odoo.records("res.partner")[0].ref


def test_an_error_after_the_commit_has_stored_everything(any_client: Client) -> None:
    any_client.odoo.inject(Fault("error_after_commit", method="WRITE"))
    reply = any_client.ask("res.partner", "write", ids=[1], vals={"ref": "NEU"})
    assert reply.error == "builtins.TypeError"
    assert reply.status == (500 if any_client.odoo.version >= 19 else 200)
    assert ref(any_client.odoo) == "NEU"


def test_a_lost_answer_has_stored_everything(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("lost_answer", method="write", resource="res.partner"))
    odoo.reset_counters()
    with pytest.raises(http.client.RemoteDisconnected):
        rename(client)
    assert ref(odoo) == "NEU"
    assert odoo.requests == [("WRITE", "res.partner/write", 1)]


def test_a_truncated_answer_breaks_off_after_the_commit(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("truncated_answer"))
    with pytest.raises(http.client.IncompleteRead):
        rename(client)
    assert ref(odoo) == "NEU"


def test_a_reset_does_nothing(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("reset"))
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        rename(client)
    assert ref(odoo) is False


@pytest.mark.parametrize(("status", "retry_after"), [(429, 7), (502, None), (503, None)])
def test_a_status_does_nothing_and_may_say_when_to_come_back(
    odoo: FakeOdoo, client: Client, status: int, retry_after: int | None
) -> None:
    odoo.inject(Fault("status", status=status, retry_after=retry_after))
    reply = client.json2("res.partner", "write", ids=[1], vals={"ref": "NEU"})
    assert (reply.status, reply.headers["Retry-After"]) == (status, str(retry_after) if retry_after else None)
    assert ref(odoo) is False


def test_a_page_of_html_is_answered_with_200(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("html"))
    reply = client.json2("res.partner", "write", ids=[1], vals={"ref": "NEU"})
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert ref(odoo) is False


@pytest.mark.parametrize("method", ["load", "write"])
def test_a_race_lost_does_nothing(any_client: Client, method: str) -> None:
    any_client.odoo.inject(Fault("serialisation"))
    if method == "load":
        answer = any_client.call("res.partner", "load", fields=["id", "name"], data=[["ps.a", "A"]])
        assert (answer["ids"], len(answer["messages"])) == (False, 1)
    else:
        reply = any_client.ask("res.partner", "write", ids=[1], vals={"ref": "NEU"})
        assert reply.error == "psycopg2.errors.SerializationFailure"
    assert ref(any_client.odoo) is False
    assert any_client.odoo.external_ids("res.partner") == {}


def test_a_fault_waits_for_its_turn_and_its_kind_of_call(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("status", method="WRITE", skip=1, times=2))
    statuses = []
    for method in ("write", "search", "write", "write", "write"):
        named = {"ids": [1], "vals": {}} if method == "write" else {"domain": []}
        statuses.append(client.json2("res.partner", method, **named).status)
    assert statuses == [200, 200, 503, 503, 200]


def test_a_slow_answer_comes_late(odoo: FakeOdoo, client: Client) -> None:
    odoo.inject(Fault("slow", seconds=0.3))
    client.timeout = 0.1
    with pytest.raises(TimeoutError):
        rename(client)
    assert ref(odoo) == "NEU"


def test_hooks_run_before_and_after(odoo: FakeOdoo, client: Client) -> None:
    seen: list[object] = []
    odoo.hook("before_write", lambda: seen.append(("before", ref(odoo))), resource="res.partner")
    odoo.hook("after_write", lambda: seen.append(("after", ref(odoo))))
    odoo.hook("after_read", lambda: seen.append("read"))
    rename(client)
    client.read("res.partner", 1, "name")
    assert seen == [("before", False), ("after", "NEU"), "read"]


def test_a_call_costs_its_time_and_its_records(odoo: FakeOdoo, client: Client) -> None:
    odoo.cost = Cost(request_ms=20, entity_ms=20)
    started = time.monotonic()
    client.call("res.partner", "create", vals_list=[{"name": str(one)} for one in range(4)])
    assert time.monotonic() - started >= 0.1


def test_every_call_is_counted(odoo: FakeOdoo, client: Client) -> None:
    odoo.reset_counters()
    client.call("res.partner", "search", domain=[])
    client.call("res.partner", "load", fields=["id", "name"], data=[["ps.a", "A"], ["ps.b", "B"]])
    client.service("common", "version")
    assert odoo.requests == [
        ("READ", "res.partner/search", 0), ("WRITE", "res.partner/load", 2), ("READ", "common/version", 0),
    ]  # fmt: skip


def test_many_clients_at_once_lose_nothing(odoo: FakeOdoo) -> None:
    with odoo.serve() as url:

        def twenty() -> None:
            client = Client(url, odoo)
            for number in range(20):
                client.call("res.partner", "create", vals_list=[{"name": f"N{number}"}])

        threads = [threading.Thread(target=twenty) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(1 for one in odoo.records("res.partner") if str(one.name).startswith("N")) == 80


def test_another_process_can_prepare_it_through_the_control_door(odoo: FakeOdoo, client: Client) -> None:
    product = client.send("/_sandbox/product", {"default_code": "Z", "name": "Z", "list_price": 3}).content["result"]
    client.send("/_sandbox/stock", {"product": product, "warehouse": "Dépôt principal", "quantity": 4})
    assert odoo.stock_of(product) == 4
    order = odoo.place_order(odoo.add_partner("Ève"), [(product, 2)])
    client.send("/_sandbox/confirm", {"order": order.id})
    client.send("/_sandbox/deliver", {"order": order.id, "tracking": "6A", "only": {str(product): 1}})
    client.send("/_sandbox/deliver", {"order": order.id})
    client.send("/_sandbox/invoice", {"order": order.id})
    assert (order.delivery_status, order.invoice_status) == ("full", "invoiced")
    client.send("/_sandbox/fault", {"kind": "status"})
    assert client.json2("res.partner", "search").status == 503
    client.send("/_sandbox/reset", {})
    assert client.send("/_sandbox/requests", None, method="GET").content == {"result": []}
    dump = client.send("/_sandbox/dump", None, method="GET").content["result"]
    assert dump["sale.order"][str(order.id)]["name"] == "S00001"
    assert client.send("/_sandbox/nothing", {}).status == 404


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "passerelle.sandbox.odoo", "--port", "0", "--articles", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = json.loads(process.stdout.readline())
        connection = http.client.HTTPConnection(said["url"].removeprefix("http://"))
        headers = {"Authorization": f"bearer {said['key']}", "X-Odoo-Database": said["database"]}
        connection.request("POST", "/json/2/product.template/search_count", "{}", headers)
        counted = json.loads(connection.getresponse().read())
        connection.close()
        process.terminate()
    assert counted > 10
    assert said["login"] == "admin"
