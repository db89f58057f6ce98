"""How a request ends badly: with a list of coded errors, or with nothing at all."""

from __future__ import annotations


class Crash(Exception):
    """An exception that the shop does not catch: 500, text/html, empty body."""


class Missing(Exception):
    """The entity asked for does not exist: 404 without a body."""


class Redirect(Exception):
    """Wrong host or unknown shop: 302 to the shop's home."""


class Stop(Exception):
    """The webservice stops here; its errors are in the report."""


class Report:
    """The errors of one request, in order, and the status of the last one set, as PrestaShop answers them."""

    def __init__(self, *, php_warnings: bool) -> None:
        self.php_warnings = php_warnings
        self.status = 200
        self.errors: list[tuple[int, str]] = []

    def add(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.errors.append((code, message))

    def refuse(self, status: int, code: int, message: str) -> Stop:
        """Record an error that ends the request; raise what is returned."""
        self.add(status, code, message)
        return Stop()

    def warn(self, message: str, *, file: str, line: int) -> None:
        """A PHP warning: an error of code 3 and a 500 where error_reporting includes warnings, nothing elsewhere."""
        if self.php_warnings:
            self.add(500, 3, f"[PHP Warning #2] {message} (/srv/prestashop/classes/{file}, line {line})")


def closest(word: str, names: list[str]) -> str:
    """The last of the names with the smallest edit distance, as the shop proposes it."""
    return min(reversed(names), key=lambda name: _distance(word, name))


def _distance(left: str, right: str) -> int:
    previous = list(range(len(right) + 1))
    for row, one in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            current.append(min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (one != other)))
        previous = current
    return previous[-1]
