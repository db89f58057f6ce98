"""A bare client for the tests of the simulated shop: no retry, no redirect, nothing hidden."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from passerelle.sandbox.woocommerce import FakeWoocommerce

API = "/wp-json/wc/v3"
_NONCES = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.json["code"])


def quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def oauth(
    method: str,
    address: str,
    query: str,
    *,
    key: str,
    secret: str,
    timestamp: int,
    nonce: str = "",
    signature_method: str = "HMAC-SHA256",
) -> list[tuple[str, str]]:
    """The parameters of OAuth 1.0a for a request, the signature last."""
    params = [
        ("oauth_consumer_key", key),
        ("oauth_timestamp", str(timestamp)),
        ("oauth_nonce", nonce or f"n{next(_NONCES)}"),
        ("oauth_signature_method", signature_method),
    ]
    pairs = sorted((quoted(a), quoted(b)) for a, b in [*parse_qsl(query, keep_blank_values=True), *params])
    text = "&".join((method, quoted(address), quoted("&".join(f"{a}={b}" for a, b in pairs))))
    digest = hashlib.sha1 if signature_method == "HMAC-SHA1" else hashlib.sha256
    signature = b64encode(hmac.new(f"{secret}&".encode(), text.encode(), digest).digest()).decode()
    return [*params, ("oauth_signature", signature)]


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


class Client:
    """Signs every request with OAuth over http, with Basic over https."""

    def __init__(self, url: str, shop: FakeWoocommerce) -> None:
        self.url = url
        self.shop = shop
        self.key, self.secret = shop.consumer_key, shop.consumer_secret
        self.timeout = 5.0

    def raw(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Send a request as it is."""
        scheme, _, host = self.url.partition("://")
        connection = http.client.HTTPConnection(host, timeout=self.timeout)
        if scheme == "https":
            context = ssl.create_default_context(cadata=self.shop.ca_pem.decode())
            connection = http.client.HTTPSConnection(host, timeout=self.timeout, context=context)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, answer.read().decode(), answer.headers)
        finally:
            connection.close()

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        """Send a request below /wp-json/wc/v3 with the shop's key."""
        path, _, query = (API + path).partition("?")
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.url.startswith("https"):
            headers["Authorization"] = basic(self.key, self.secret)
        else:
            now = int(self.shop.database.now().timestamp())
            pairs = oauth(method, self.url + path, query, key=self.key, secret=self.secret, timestamp=now)
            query = "&".join([*([query] if query else []), *(f"{a}={quoted(b)}" for a, b in pairs)])
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        return self.raw(method, f"{path}?{query}" if query else path, content, headers)

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> Reply:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Reply:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def ids(self, path: str) -> list[int]:
        """The ids of a list, in order."""
        reply = self.get(path)
        assert reply.status == 200, reply.text
        return [one["id"] for one in reply.json]
