"""Who asks: WooCommerce keys by Basic over TLS or OAuth 1.0a anywhere, application passwords over TLS."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.exchange import Request

_WINDOW = 15 * 60
_OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


@dataclass
class Key:
    """A key pair of the REST API; `permissions` read, write or read_write."""

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"

    def may(self, method: str) -> bool:
        return self.permissions == "read_write" or (self.permissions == "read") == (method in ("GET", "HEAD"))


def _refusal(message: str, *, code: str = "woocommerce_rest_authentication_error") -> Refusal:
    return Refusal(code, message, status=401)


def unknown_username() -> Refusal:
    message = "<strong>Error:</strong> Unknown username. Check again or try your email address."
    return Refusal("invalid_username", message, status=401)


def basic(request: Request) -> tuple[str, str] | None:
    """User and password of the Authorization header."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


class Doorman:
    """The keys of the shop and the nonces that were used. `home` is the address that signatures are made for."""

    def __init__(self, *, seconds: Callable[[], float], home: Callable[[], str]) -> None:
        self._seconds = seconds
        self._home = home
        self.keys: dict[str, Key] = {}
        self.passwords: dict[str, str] = {}  # user -> application password
        self._nonces: dict[tuple[str, str], float] = {}

    def admit(self, request: Request) -> bool:
        """Whether a request to wc/v3 may go on; False for one without known credentials.

        Raises:
            Refusal: 401, credentials that are wrong or not enough.
        """
        if request.tls:
            if self.is_application(request):
                return True
            key = self._by_password(request)
            if key:
                return self._allowed(key, request)
        key = self._by_signature(request)
        return self._allowed(key, request) if key else False

    def is_application(self, request: Request) -> bool:
        """Whether an application password is shown; spaces in it do not count."""
        shown = basic(request)
        if not shown or not request.tls or shown[0] not in self.passwords:
            return False
        return self.passwords[shown[0]].replace(" ", "") == shown[1].replace(" ", "")

    def _allowed(self, key: Key, request: Request) -> bool:
        if not key.may(request.method):
            wanted = "read" if request.method in ("GET", "HEAD") else "write"
            raise _refusal(f"The API key provided does not have {wanted} permissions.")
        return True

    def _by_password(self, request: Request) -> Key | None:
        params = request.params
        user, password = str(params.get("consumer_key", "")), str(params.get("consumer_secret", ""))
        if not (user and password):
            user, password = basic(request) or ("", "")
        key = self.keys.get(user)
        if key and not hmac.compare_digest(key.consumer_secret.encode(), password.encode()):
            raise _refusal("Consumer secret is invalid.")
        return key

    def _by_signature(self, request: Request) -> Key | None:
        given = {**{name: str(value) for name, value in request.params.items()}, **_header(request)}
        present = [name for name in _OAUTH if given.get(name)]
        if not present:
            return None
        for name in _OAUTH:
            if name not in present:
                code = "woocommerce_rest_authentication_missing_parameter"
                raise _refusal(f"Missing OAuth parameter {name}", code=code)
        key = self.keys.get(given["oauth_consumer_key"])
        if not key:
            raise _refusal("Consumer key is invalid.")
        self._check_signature(request, key, given)
        self._check_moment(key, given)
        return key

    def _check_signature(self, request: Request, key: Key, given: dict[str, str]) -> None:
        method = given["oauth_signature_method"]
        if method not in _DIGESTS:
            raise _refusal("Invalid signature - signature method is invalid.")
        signed = {**_indexed(request.pairs), **_header(request)}
        signed.pop("oauth_signature")
        pairs = sorted((_quoted(name), _quoted(value)) for name, value in signed.items())
        normalized = "&".join(f"{name}={value}" for name, value in pairs)
        address = self._home() + request.path
        base = "&".join((request.method, _quoted(address), _quoted(normalized)))
        digest = hmac.new(f"{key.consumer_secret}&".encode(), base.encode(), _DIGESTS[method]).digest()
        if not hmac.compare_digest(base64.b64encode(digest).decode(), given["oauth_signature"]):
            raise _refusal("Invalid signature - provided signature does not match.")

    def _check_moment(self, key: Key, given: dict[str, str]) -> None:
        now, stamp = self._seconds(), given["oauth_timestamp"]
        if not stamp.isdigit() or abs(int(stamp) - now) > _WINDOW:
            raise _refusal("Invalid timestamp.")
        used = (key.consumer_key, given["oauth_nonce"])
        if used in self._nonces:
            raise _refusal("Invalid nonce - nonce has already been used.")
        self._nonces[used] = int(stamp)
        if len(self._nonces) % 1000 == 0:
            self._nonces = {one: at for one, at in self._nonces.items() if abs(at - now) <= _WINDOW}


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _indexed(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The query as PHP knows it when it computes a signature: name[] has become name[0], name[1] …"""
    found: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for name, value in pairs:
        if name.endswith("[]"):
            base = name.removesuffix("[]")
            name = f"{base}[{counts[base]}]"
            counts[base] += 1
        found[name] = value
    return found


def _header(request: Request) -> dict[str, str]:
    """The parameters of an `Authorization: OAuth` header, the realm aside."""
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "oauth":
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {unquote(name): unquote(value.strip('"')) for name, _, value in pairs if name.startswith("oauth_")}
