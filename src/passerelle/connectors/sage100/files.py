"""The folder that Sage's importer takes its files from, and the two it moves them to: `done` and `error`.

A file is whole under a temporary name before it gets the name that the importer looks for, and no name is given twice:
not while the importer has not come yet, not after it took the file, not after it refused it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from passerelle.connectors.sage100.manifest import TITLE
from passerelle.errors import FolderUnusable, OrderFieldRefused, WriteUnanswered

DONE: Final = "done"
ERROR: Final = "error"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_NO_FOLDER_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM, errno.EISDIR})
NO_REASON: Final = "the importer gives no reason"
REASON_LENGTH: Final = 300


def order_stem(order_key: str) -> str:
    """The name of an order's file without its ending. Raises OrderFieldRefused."""
    return _stem("", name=order_key, field="order key")


def customer_stem(code: str) -> str:
    """The name of a customer's file without its ending; no profile key is a single letter. Raises OrderFieldRefused."""
    return _stem("C-", name=code, field="customer code")


def file_safe(name: str) -> bool:
    """Whether a key or code can be the name of a file on every system."""
    return _SAFE.fullmatch(name) is not None


def _stem(mark: str, *, name: str, field: str) -> str:
    if not file_safe(name):
        raise OrderFieldRefused(key=name, field=field, why="it cannot be the name of a file")
    return mark + name


class ImportFolder:
    """One folder of import files. Every method raises FolderUnusable when it cannot be used."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder)

    def knows(self, stem: str) -> bool:
        """Whether a file of this name was handed over, whatever became of it."""
        with _usable():
            self._require()
            return any(path.exists() for path in (self._final(stem), self._in(DONE, stem), self._in(ERROR, stem)))

    def hand_over(self, stem: str, content: bytes, *, handing_over: Callable[[], None]) -> None:
        """Put a file where the importer finds it, unless its name is known.

        Raises WriteUnanswered when that fails after `handing_over`; whatever `handing_over` raises goes through.
        """
        if self.knows(stem):
            return
        with _usable():
            self._write(self._temporary(stem), content)
        handing_over()
        try:
            self._rename(stem)
        except OSError as error:
            raise WriteUnanswered(system=TITLE, detail=_why(error)) from None

    def resume(self, stem: str) -> None:
        """Give a file that is ready its final name; does nothing when that was done."""
        if self.knows(stem):
            return
        with _usable():
            if self._temporary(stem).exists():
                self._rename(stem)

    def refusal(self, stem: str) -> str | None:
        """The first line of what the importer says against a file, unless it was taken or given again since."""
        with _usable():
            self._require()
            if self._final(stem).exists() or self._in(DONE, stem).exists():
                return None
            for name in (f"{stem}.err", f"{stem}.txt.err"):
                with contextlib.suppress(FileNotFoundError):
                    return _first_line((self.path / ERROR / name).read_bytes())
        return None

    def _final(self, stem: str) -> Path:
        return self.path / f"{stem}.txt"

    def _temporary(self, stem: str) -> Path:
        return self.path / f"{stem}.tmp"

    def _in(self, folder: str, stem: str) -> Path:
        return self.path / folder / f"{stem}.txt"

    def _require(self) -> None:
        if not self.path.is_dir():
            raise FolderUnusable(why="there is no such folder")

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self.path)

    def _rename(self, stem: str) -> None:
        rename(self._temporary(stem), self._final(stem))
        _sync_folder(self.path)


def rename(source: Path, target: Path) -> None:
    """In one step, for whoever looks at the folder meanwhile."""
    os.replace(source, target)


def _sync_folder(path: Path) -> None:
    """Make the names in a folder last; some systems and network folders cannot be asked to."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise


@contextmanager
def _usable() -> Iterator[None]:
    why = ""
    try:
        yield
    except OSError as error:
        why = _why(error)
    if why:
        raise FolderUnusable(why=why)


def _why(error: OSError) -> str:
    """What the system says, without the path."""
    return error.strerror or type(error).__name__


def _first_line(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    lines = (line.strip() for line in text.splitlines())
    return next((line[:REASON_LENGTH] for line in lines if line), NO_REASON)
