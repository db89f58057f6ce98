"""Refusals as the REST API words them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An error answer: code, message, status, and what else stands in `data`.

    `bare` gives a `data` that is the status alone. `done` says that the shop stored something all the same.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, bare: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.bare = bare
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """The body of the answer, and the `error` of an item of a batch."""
        data: Any = self.status if self.bare else {"status": self.status, **self.more}
        return {"code": self.code, "message": self.message, "data": data}


class Crash(Exception):
    """PHP died: 500 with WordPress's own page in JSON; what was stored before stays."""


CRASHED = {
    "code": "internal_server_error",
    "message": "<p>There has been a critical error on this website.</p>",
    "data": {"status": 500},
    "additional_errors": [],
}


def no_route() -> Refusal:
    return Refusal("rest_no_route", "No route was found matching the URL and request method.", status=404)


def invalid_id(kind: str, *, status: int) -> Refusal:
    """`kind` is product, product_variation, shop_order, …"""
    return Refusal(f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.", status=status)


def invalid_params(problems: dict[str, tuple[str, str]]) -> Refusal:
    """`problems` is parameter -> (code, message)."""
    details = {}
    for name, (code, message) in problems.items():
        data = {"param": name} if code == "rest_invalid_type" else None
        details[name] = {"code": code, "message": message, "data": data}
    params = {name: message for name, (_, message) in problems.items()}
    return Refusal("rest_invalid_param", f"Invalid parameter(s): {', '.join(problems)}", params=params, details=details)


def missing_params(*names: str) -> Refusal:
    message = f"Missing parameter(s): {', '.join(names)}"
    return Refusal("rest_missing_callback_param", message, params=list(names))
