"""The webservice: who may do what, which resource, what comes back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from passerelle.sandbox.prestashop import lifecycle, query, render
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash, Missing, Redirect, Report, Stop, closest
from passerelle.sandbox.prestashop.filters import select
from passerelle.sandbox.prestashop.resources import DESCRIPTIONS, RESOURCES
from passerelle.sandbox.prestashop.schema import Resource
from passerelle.sandbox.prestashop.table import Row
from passerelle.sandbox.prestashop.values import number
from passerelle.sandbox.prestashop.writing import Between, Writer

XML = "text/xml;charset=utf-8"
HTML = "text/html; charset=utf-8"
REALM = (
    'Basic realm="Welcome to PrestaShop Webservice, please enter the authentication key as the login.'
    ' No password required."'
)
Rights = Mapping[str, frozenset[str]]


class Shop(Protocol):
    """What the webservice needs to know of the shop."""

    database: Database
    version: str
    shop_name: str
    patch: bool
    php_warnings: bool
    webservice_enabled: bool
    keys: dict[str, Rights]
    inactive_keys: set[str]


@dataclass(slots=True)
class Request:
    """One request as read from the wire; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def segments(self) -> list[str]:
        """What follows /api, e.g. ["products", "12"]."""
        return [one for one in self.path.split("/")[2:] if one]

    @property
    def resource(self) -> str:
        return self.segments[0] if self.segments else ""


@dataclass(slots=True)
class Answer:
    """One answer; `entities` counts what was stored."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    entities: int = 0


class Webservice:
    """Answers requests on one shop at one address ("http://127.0.0.1:1234")."""

    def __init__(self, shop: Shop, *, address: str) -> None:
        self.shop = shop
        self.address = address
        self.api = f"{address}/api"

    def answer(self, request: Request, *, between: Between | None = None) -> Answer:
        """Handle a request under the shop's lock. `between` is called before each entity of a write."""
        report = Report(php_warnings=self.shop.php_warnings)
        handling = _Handling(self, request, report, between)
        try:
            answer = handling.run()
        except Stop:
            answer = Answer(report.status)
        except Missing:
            return self._finish(Answer(404), known=True)
        except Crash:
            return Answer(500, content_type=HTML, headers={"X-Powered-By": "PHP/8.2.36"}, entities=handling.written)
        except Redirect:
            return self._redirect(request)
        answer.entities = handling.written
        if report.errors:
            answer.status, answer.content_type = report.status, XML
            answer.body = render.errors_page(report.errors)
            answer.headers.pop("Content-Sha1", None)
        return self._finish(answer, known=handling.known)

    def _finish(self, answer: Answer, *, known: bool) -> Answer:
        answer.headers = {
            "Access-Time": str(int(time.time())),
            "X-Powered-By": "PrestaShop Webservice",
            "PSWS-Version": self.shop.version if known else "0",
            "Execution-Time": "0.001",
            **answer.headers,
        }
        return answer

    def _redirect(self, request: Request) -> Answer:
        rest = "/".join(request.segments)
        tail = f"&{request.query}" if request.query else ""
        location = f"{self.address}/?url={rest}{tail}"
        return Answer(302, content_type=HTML, headers={"X-Powered-By": "PHP/8.2.36", "Location": location})


class _Handling:
    """One request being handled."""

    def __init__(self, service: Webservice, request: Request, report: Report, between: Between | None) -> None:
        self.shop = service.shop
        self.api = service.api
        self.host = service.address.partition("://")[2]
        self.request = request
        self.report = report
        self.between = between
        self.query = query.parse(request.query)
        self.known = False
        self.writer: Writer | None = None
        self.deleted = 0

    @property
    def written(self) -> int:
        return self.deleted + (self.writer.written if self.writer else 0)

    def run(self) -> Answer:
        """Raises Stop, Missing, Crash or Redirect as the shop would end the request."""
        self._check_shop()
        key = self._key()
        if key is None:
            headers = {"X-Powered-By": "PHP/8.2.36", "WWW-Authenticate": REALM}
            return Answer(401, b"401 Unauthorized", HTML, headers)
        rights = self._rights(key)
        resource = self.request.resource
        self._check_resource(resource, rights)
        if not resource:
            page = render.root(rights, api=self.api, shop_name=self.shop.shop_name, patch=self.shop.patch)
            return _page(200, page)
        if resource not in RESOURCES or (resource == "orders" and self.request.method == "POST"):
            return Answer(501, b"Not simulated.", "text/plain")
        return self._dispatch(RESOURCES[resource])

    def _check_shop(self) -> None:
        wanted = self.query.parameters.get("id_shop")
        known = wanted in (None, "all") or self.shop.database["shops"].get(int(number(wanted))) is not None
        if self.request.headers.get("host") != self.host or not known:
            raise Redirect

    def _key(self) -> str | None:
        scheme, _, value = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                return base64.b64decode(value).decode("utf-8", "replace").partition(":")[0]
            except binascii.Error:
                return ""
        return self.query.parameters.get("ws_key")

    def _rights(self, key: str) -> Rights:
        if not self.shop.webservice_enabled:
            words = "The PrestaShop webservice is disabled. Please activate it in the PrestaShop Back Office"
            raise self.report.refuse(503, 22, words)
        if key in self.shop.keys and key not in self.shop.inactive_keys:
            self.known = True
            return self.shop.keys[key]
        if not key:
            self.report.add(401, 17, "Authentication key is empty")
        elif len(key.encode()) != 32:
            self.report.add(401, 18, "Invalid authentication key format")
        else:
            self.report.add(401, 20, "Authentification key is not active")
            self.report.add(401, 21, "No permission for this authentication key")
        raise Stop

    def _check_resource(self, resource: str, rights: Rights) -> None:
        method, refuse = self.request.method, self.report.refuse
        if resource and resource not in DESCRIPTIONS:
            names = list(DESCRIPTIONS)
            words = f'Resource of type "{resource}" does not exists. Did you mean: "{closest(resource, names)}"?'
            raise refuse(400, 27, f"{words} The full list is: {', '.join(f'{chr(34)}{one}{chr(34)}' for one in names)}")
        if resource and resource not in rights:
            words = f'Resource of type "{resource}" is not allowed with this authentication key'
            raise refuse(401, 26, words)
        if method not in ("GET", "HEAD", "POST", "PUT", "DELETE") and not (method == "PATCH" and self.shop.patch):
            raise refuse(405, 23, f"Method {method} is not valid")
        if resource in RESOURCES and method in RESOURCES[resource].forbidden:
            raise refuse(405, 101, f"Method {method} is not allowed for the resource {resource}")
        if resource and method not in rights[resource]:
            words = f"Method {method} is not allowed for the resource {resource} with this authentication key"
            raise refuse(405, 25, words)

    def _dispatch(self, resource: Resource) -> Answer:
        if self.request.method in ("GET", "HEAD"):
            return self._unless_known(self._read(resource))
        if self.request.method == "DELETE":
            return self._delete(resource)
        self.writer = Writer(
            self.shop.database, resource=resource, method=self.request.method, report=self.report, api=self.api
        )
        echo = self.writer.run(self.request.body, between=self.between)
        return _page(201 if self.request.method == "POST" else 200, echo)

    def _unless_known(self, answer: Answer) -> Answer:
        sha1 = answer.headers["Content-Sha1"]
        if self.request.headers.get("local-content-sha1") == sha1:
            return Answer(304, headers={"Content-Sha1": sha1})
        return answer

    def _read(self, resource: Resource) -> Answer:
        schema = self.query.parameters.get("schema")
        if schema is not None:
            synopsis = schema == "synopsis"
            self._check_schema(schema)
            return _page(200, render.blank_schema(self.shop.database, resource, synopsis=synopsis, api=self.api))
        if len(self.request.segments) > 1:
            return self._one(resource)
        return self._list(resource)

    def _check_schema(self, schema: str) -> None:
        if schema not in ("blank", "synopsis"):
            self.report.add(400, 28, "Please select a schema of type 'synopsis' or 'blank'")
            query.warn_of_broken_list(self.report)
            raise Stop

    def _renderer(self) -> render.Renderer:
        languages = query.languages(self.query, self.shop.database.languages, self.report)
        return render.Renderer(self.shop.database, api=self.api, languages=languages)

    def _one(self, resource: Resource) -> Answer:
        shown = query.display(self.query, resource, self.report)
        row = self.shop.database[resource.name].get(int(number(self.request.segments[1])))
        if row is None:
            raise Missing
        if resource.shop_owned and not row.number("id_shop"):
            words = f"This {resource.class_name} ({row.id}) does not exists on this shop"
            raise self.report.refuse(404, 131, words)
        full = shown.full or "display" not in self.query.parameters
        return _page(200, _shown(self._renderer(), row, full=full, display=shown))

    def _list(self, resource: Resource) -> Answer:
        try:
            rows, shown = self._selected(resource)
        except Stop:
            query.warn_of_broken_list(self.report)
            raise
        renderer = self._renderer()
        body = "".join(_shown(renderer, row, full=shown.full, display=shown) for row in rows)
        return _page(200, f"<{resource.name}>\n{body}</{resource.name}>\n")

    def _selected(self, resource: Resource) -> tuple[Iterator[Row], query.Display]:
        found = query.conditions(self.query, resource, self.report)
        shown = query.display(self.query, resource, self.report)
        order = query.sorts(self.query, resource, self.report)
        limit = query.limit(self.query, self.report)
        return select(self.shop.database, resource, conditions=found, sorts=order, limit=limit), shown

    def _delete(self, resource: Resource) -> Answer:
        table = self.shop.database[resource.name]
        idents = self._idents()
        unknown = [one for one in idents if int(number(one)) not in table.rows]
        if unknown or not idents:
            raise self.report.refuse(404, 87, f"Id(s) not exists: {', '.join(unknown)}")
        delete: Callable[[Database, Row], None] | None = lifecycle.DELETED.get(resource.name)
        for one in dict.fromkeys(int(number(one)) for one in idents):
            row = table.rows[one]
            table.remove(row.id)
            if delete is not None:
                delete(self.shop.database, row)
            self.deleted += 1
        return Answer(200)

    def _idents(self) -> list[str]:
        listed = self.query.parameters.get("id")
        if listed is not None:
            return listed[1:-1].split(",") if listed.startswith("[") and listed.endswith("]") else []
        if len(self.request.segments) < 2:
            self.report.warn("Undefined array key 1", file="webservice/WebserviceRequest.php", line=1477)
            return ["0"]
        return [str(int(number(self.request.segments[1])))]


def _shown(renderer: render.Renderer, row: Row, *, full: bool, display: query.Display) -> str:
    if full:
        return renderer.entity(row)
    if display.stub:
        return renderer.stub(row)
    return renderer.selection(row, names=display.names, associations=display.associations)


def _page(status: int, body: str) -> Answer:
    content = render.page(body)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Answer(status, content, XML, {"Content-Sha1": sha1})
