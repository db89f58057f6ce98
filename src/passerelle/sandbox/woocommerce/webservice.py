"""The REST API: from a request to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec

from passerelle.sandbox.woocommerce.auth import Doorman, basic, unknown_username
from passerelle.sandbox.woocommerce.batch import run_batch
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import CRASHED, Crash, Refusal, missing_params, no_route
from passerelle.sandbox.woocommerce.exchange import HTML, Answer, Request
from passerelle.sandbox.woocommerce.images import attach, shown_media
from passerelle.sandbox.woocommerce.listing import Call, Page
from passerelle.sandbox.woocommerce.resources import Resource, Route, pattern_of, routes
from passerelle.sandbox.woocommerce.schema import validate

_READS = ("GET", "HEAD")
_EDITS = ("PUT", "PATCH", "POST")
_SPACE = "wc/v3"
_LONGEST_TARGET = 8192
_CREDENTIALS = ("consumer_key", "consumer_secret", "rest_route")
Between = Callable[[int], None]


class Shop(Protocol):
    """What the API needs of the shop."""

    database: Database
    doorman: Doorman
    shop_name: str
    maintenance: bool
    database_down: bool


class Webservice:
    """Answers requests below /wp-json."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.database = shop.database
        self.routes = routes(has_brands=shop.database.has_brands)

    def resource_of(self, request: Request) -> str:
        """The name that faults and hooks know the request's resource by; "" for none."""
        found = self._route((request.rest_path or "").removeprefix(f"{_SPACE}/"))
        return found[0].resource.name if found else ""

    def _route(self, path: str) -> tuple[Route, dict[str, Any]] | None:
        for route in self.routes:
            match = route.pattern.fullmatch(path)
            if match:
                return route, match.groupdict()
        return None

    def answer(self, request: Request, *, between: Between = lambda written: None) -> Answer:
        """The answer; `between` runs before each item of a batch and may raise."""
        closed = self._closed(request)
        if closed:
            return closed
        exchange = _Exchange(self, request, between)
        try:
            return exchange.run()
        except Refusal as refusal:
            return exchange.respond(refusal.as_json(), status=refusal.status)
        except Crash:
            return Answer(500, _encoded(CRASHED), entities=1)

    def _closed(self, request: Request) -> Answer | None:
        """The answers of a server that does not get as far as the API."""
        if len(request.target) > _LONGEST_TARGET:
            return page_of_nginx(414, "Request-URI Too Large")
        if self.shop.database_down:
            return _died(request, 500, "<h1>Error establishing a database connection</h1>")
        if self.shop.maintenance:
            message = "Briefly unavailable for scheduled maintenance. Check back in a minute."
            return _died(request, 503, message, headers={"Retry-After": "600"})
        return None


def page_of_nginx(status: int, reason: str) -> Answer:
    """The plain page of a web server that does not ask PHP."""
    text = f"{status} {reason}"
    page = f"<html>\n<head><title>{text}</title></head>\n<body>\n<center><h1>{text}</h1></center>\n</body>\n</html>\n"
    return Answer(status, page.encode(), "text/html")


def _died(request: Request, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """WordPress's last words: JSON only for who asks for JSON by name."""
    if "application/json" in request.headers.get("accept", ""):
        told = {"code": "wp_die", "message": message, "data": {"status": status}, "additional_errors": []}
        return Answer(status, _encoded(told), headers=dict(headers or {}))
    page = f'<!DOCTYPE html><html><body id="error-page"><div class="wp-die-message">{message}</div></body></html>'
    return Answer(status, page.encode(), HTML, dict(headers or {}))


def _encoded(value: object) -> bytes:
    return msgspec.json.encode(value)


class _Exchange:
    """One request on its way."""

    def __init__(self, webservice: Webservice, request: Request, between: Between) -> None:
        self.webservice = webservice
        self.database = webservice.database
        self.shop = webservice.shop
        self.request = request
        self.between = between
        self.params = {name: one for name, one in request.params.items() if name not in _CREDENTIALS}
        self.headers: dict[str, str] = {}
        self.entities = 0

    def respond(self, body: object, *, status: int = 200) -> Answer:
        return Answer(status, _encoded(body), headers=self.headers, entities=self.entities)

    def run(self) -> Answer:
        path = self.request.rest_path or ""
        if not path.startswith("wc/"):
            return self._wordpress(path)
        # Keys are read only where the address itself contains wp-json/wc/, not in ?rest_route=.
        readable = self.request.path.startswith("/wp-json/wc/")
        admitted = self.shop.doorman.admit(self.request) if readable else self.shop.doorman.is_application(self.request)
        found = self.webservice._route(path.removeprefix(f"{_SPACE}/")) if path.startswith(f"{_SPACE}/") else None
        if not found:
            raise no_route()
        return self._routed(*found, admitted=admitted)

    def _wordpress(self, path: str) -> Answer:
        """Discovery, and wp/v2, which knows application passwords only."""
        if self.shop.doorman.is_application(self.request):
            if path == "wp/v2/media" and self.request.method == "POST":
                return self._upload()
        elif basic(self.request):
            raise unknown_username()
        if path == "" and self.request.method in _READS:
            return self.respond(self._discovery())
        if path.startswith("wp/v2/"):
            raise Refusal("rest_not_logged_in", "You are not currently logged in.", status=401)
        raise no_route()

    def _discovery(self) -> dict[str, Any]:
        home = self.database.home
        known = {f"/{_SPACE}/{one.pattern.pattern}": {"namespace": _SPACE} for one in self.webservice.routes}
        return {
            "name": self.shop.shop_name,
            "description": "",
            "url": home,
            "home": home,
            "gmt_offset": "1",
            "timezone_string": "Europe/Paris",
            "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"],
            "authentication": {},
            "routes": known,
        }

    def _upload(self) -> Answer:
        disposition = self.request.headers.get("content-disposition", "")
        _, _, name = disposition.partition("filename=")
        if not name:
            raise Refusal("rest_upload_no_content_disposition", "No Content-Disposition supplied.")
        name = name.strip().strip('"')
        self.headers["Allow"] = "GET, POST"
        image = attach(self.database, name, size=len(self.request.body), title=name.rpartition(".")[0])
        self.entities = 1
        self.headers["Location"] = f"{self.database.home}/wp-json/wp/v2/media/{image.id}"
        return self.respond(shown_media(self.database, image), status=201)

    # routes of wc/v3

    def _routed(self, route: Route, ids: dict[str, Any], *, admitted: bool) -> Answer:
        resource, method = route.resource, self.request.method
        allowed = _methods(route)
        if method not in allowed and not (method == "HEAD" and "GET" in allowed):
            raise no_route()
        self.headers["Allow"] = ", ".join(allowed)
        call = Call(ids, self._given())
        self._check(route, call)
        if not admitted:
            self.headers.pop("Allow")
            raise _forbidden(route, method)
        if method in _READS:
            return self._read(route, call)
        self.entities = 0 if route.kind == "batch" else 1
        if route.kind == "batch":
            return self._batch(resource, call)
        return self._write(route, call)

    def _given(self) -> dict[str, Any]:
        """Query and body together, the body's word counting."""
        if self.request.method in _READS or not self.request.body.strip():
            return self.params
        if "json" not in self.request.headers.get("content-type", ""):
            return {**self.params, **dict(parse_qsl(self.request.body.decode("utf-8", "replace")))}
        try:
            body = msgspec.json.decode(self.request.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise Refusal(
                "rest_invalid_json",
                "Invalid JSON body passed.",
                json_error_code=4,
                json_error_message="Syntax error",
            ) from problem
        return {**self.params, **(body if isinstance(body, dict) else {})}

    def _check(self, route: Route, call: Call) -> None:
        if route.kind == "batch":
            return
        if self.request.method in _READS:
            validate(call.given, route.resource.reads if route.kind == "collection" else {})
        elif self.request.method != "DELETE":
            creates = route.kind == "collection"
            missing = [one for one in route.resource.required if creates and call.given.get(one) is None]
            if missing:
                raise missing_params(*missing)
            validate(call.given, route.resource.writes)

    def _read(self, route: Route, call: Call) -> Answer:
        resource = route.resource
        if route.kind == "collection":
            assert resource.list
            page = resource.list(self.database, call)
            if page.total is not None:
                self._count(page, call)
            items = [self._linked(one, resource, call.ids) for one in page.items]
            return self.respond([self._cut(one, single=False) for one in items])
        assert resource.read
        shown = resource.read(self.database, call)
        return self.respond(self._cut(self._linked(shown, resource, call.ids), single=True))

    def _count(self, page: Page, call: Call) -> None:
        size, number = int(call.given.get("per_page") or 10), int(call.given.get("page") or 1)
        total = page.total or 0
        pages = -(-total // size)
        self.headers |= {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
        around = {"prev": min(number - 1, pages), "next": number + 1 if number < pages else 0}
        links = [f'<{self._page_address(one)}>; rel="{name}"' for name, one in around.items() if one > 0]
        if links:
            self.headers["Link"] = ", ".join(links)

    def _page_address(self, number: int) -> str:
        pairs = dict(self.request.pairs)
        return f"{self.database.home}{self.request.path}?{urlencode({**pairs, 'page': number})}"

    def _cut(self, shown: dict[str, Any], *, single: bool) -> dict[str, Any]:
        """The fields asked for; links stay on a single item."""
        wanted = _fields(self.params)
        if not wanted:
            return shown
        heads = {one.partition(".")[0] for one in wanted} | ({"_links"} if single else set())
        return {name: one for name, one in shown.items() if name in heads}

    def _linked(self, shown: dict[str, Any], resource: Resource, ids: Mapping[str, Any]) -> dict[str, Any]:
        if not resource.linked:
            return shown
        base = f"{self.database.home}/wp-json/{_SPACE}/"
        collection = base + resource.path.format(**ids)
        links: dict[str, Any] = {}
        if "id" in shown and resource.read:
            hints = {"allow": _methods_of_item(resource)}
            links["self"] = [{"href": f"{collection}/{shown['id']}", "targetHints": hints}]
        links["collection"] = [{"href": collection}]
        up = resource.up.format(**ids) if resource.up else _parent_of(shown)
        if up:
            links["up"] = [{"href": base + up}]
        shown["_links"] = links
        return shown

    def _write(self, route: Route, call: Call) -> Answer:
        resource, method = route.resource, self.request.method
        if route.kind == "collection":
            assert resource.create
            shown = resource.create(self.database, call)
            path = pattern_of(resource.path) if resource.raw_location else resource.path.format(**call.ids)
            self.headers["Location"] = (
                f"{self.database.home}/wp-json/{_SPACE}/{path}/{shown.get('id', shown.get('slug'))}"
            )
            return self.respond(self._cut(self._linked(shown, resource, call.ids), single=True), status=201)
        operation = resource.delete if method == "DELETE" else resource.update
        assert operation
        shown = operation(self.database, call)
        return self.respond(self._cut(self._linked(shown, resource, call.ids), single=True))

    def _batch(self, resource: Resource, call: Call) -> Answer:
        def between(written: int) -> None:
            self.entities = written
            self.between(written)

        found = run_batch(self.database, resource, call, between=between)
        self.entities = sum(len(one) for one in found.values())
        for items in found.values():
            for shown in items:
                if "error" not in shown:
                    self._linked(shown, resource, call.ids)
        wanted = _fields(self.params)
        if wanted:
            # Creations are cut as single items are; changes come whole, or not at all.
            found = {verb: items for verb, items in found.items() if verb in wanted}
            found["create"] = [self._cut(one, single=False) for one in found.get("create", ())]
            found = {verb: items for verb, items in found.items() if verb in wanted}
        return self.respond(found or [])


def _parent_of(shown: Mapping[str, Any]) -> str:
    """The path of the product that a variation among the products belongs to."""
    return f"products/{shown['parent_id']}" if shown.get("type") == "variation" else ""


def _fields(params: Mapping[str, Any]) -> list[str]:
    given = params.get("_fields")
    parts = given if isinstance(given, list) else str(given or "").split(",")
    return [one.strip() for one in parts if one.strip()]


def _methods(route: Route) -> list[str]:
    resource = route.resource
    if route.kind == "batch":
        return ["POST", "PUT", "PATCH"]
    if route.kind == "item":
        return _methods_of_item(resource)
    return ["GET", *(["POST"] if resource.create else [])]


def _methods_of_item(resource: Resource) -> list[str]:
    edits = ["POST", "PUT", "PATCH"] if resource.update else []
    return ["GET", *edits, *(["DELETE"] if resource.delete else [])]


def _forbidden(route: Route, method: str) -> Refusal:
    """401 as someone unknown gets it."""
    verb, words = "view", "list resources" if route.kind == "collection" else "view this resource"
    if route.kind == "batch":
        verb, words = "batch", "batch manipulate this resource"
    elif method in _EDITS:
        verb, words = ("create", "create resources") if route.kind == "collection" else ("edit", "edit this resource")
    elif method == "DELETE":
        verb, words = "delete", "delete this resource"
    return Refusal(f"woocommerce_rest_cannot_{verb}", f"Sorry, you cannot {words}.", status=401)
