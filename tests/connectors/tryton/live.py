"""A real Tryton: installed once beside the project, its company made once, a server for each test session.

What is installed is in requirements.txt, all from the package index that pip is set to. The first time takes about a
minute; what it makes is kept in `.tryton`, under a name that changes with the versions and with the company's script.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.connectors.tryton.company import make_company
from tests.connectors.tryton.rpc import PASSWORD, Rpc

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".tryton"
REQUIREMENTS = HERE / "requirements.txt"
MODULES = ("sale", "product_measurements")
DATABASE = "maison_durand"
PATIENCE = 600.0  # seconds for another process to install, or for this one
CONFIGURATION = """
[database]
uri = sqlite://
path = {folder}
[product]
price_decimal = 6
[password]
passlib = {folder}/passlib.ini
[session]
max_attempt = 100000
max_attempt_ip_network = 100000
[web]
listen = 127.0.0.1:{port}
"""
QUICK_PASSWORDS = """
[passlib]
schemes = pbkdf2_sha512
pbkdf2_sha512__default_rounds = 1
pbkdf2_sha512__min_rounds = 1
"""


class CannotRun(Exception):
    """Tryton cannot be had on this machine; the message says what failed."""


@dataclass(frozen=True)
class Tryton:
    """A running server; `database` is its file, `template` the one it was copied from."""

    url: str
    database: Path
    template: Path

    def reset(self) -> None:
        """Put every table of the business back to how it was; numbers go on, so that no cache is fooled."""
        with closing(sqlite3.connect(self.database, timeout=30, isolation_level=None)) as connection:
            connection.execute("ATTACH DATABASE ? AS template", (str(self.template),))
            connection.execute("BEGIN IMMEDIATE")
            for table in business_tables(connection):
                connection.execute(f'DELETE FROM main."{table}"')
                connection.execute(f'INSERT INTO main."{table}" SELECT * FROM template."{table}"')
            connection.execute("COMMIT")

    def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of the business."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return {
                table: connection.execute(f'SELECT * FROM "{table}" ORDER BY id').fetchall()
                for table in business_tables(connection)
            }

    def query(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Ask the database itself."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(sql, parameters).fetchall()


def business_tables(connection: sqlite3.Connection) -> list[str]:
    """All but those of the framework: sessions, caches, views, translations, sequences."""
    names = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in names if not name.startswith(("ir_", "res_", "sqlite_"))]


@contextmanager
def running() -> Iterator[Tryton]:
    """A server on a copy of the template, in a folder of its own. Raises CannotRun.

    In memory where the machine has a folder there: each of its many small commits waits for the disk.
    """
    python, template = prepared()
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with TemporaryDirectory(prefix="passerelle-tryton-", dir=memory if usable else None) as name:
        folder = Path(name)
        database = folder / f"{DATABASE}.sqlite"
        shutil.copyfile(template, database)
        with _served(python, folder) as url:
            yield Tryton(url, database, template)


def prepared() -> tuple[Path, Path]:
    """The Python that has Tryton, and the template, made where they are missing. Raises CannotRun."""
    kept = CACHE / _name(REQUIREMENTS)
    python = kept / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    template = kept / f"{_name(HERE / 'company.py', also=(MODULES, QUICK_PASSWORDS, PASSWORD))}.sqlite"
    if template.is_file():
        return python, template
    kept.mkdir(parents=True, exist_ok=True)
    with _alone(kept / "lock"):
        if not (kept / "installed").is_file():
            _install(kept / "venv", python)
            (kept / "installed").touch()
        if not template.is_file():
            _make_template(python, template, kept / "making")
    return python, template


def _name(file: Path, *, also: object = "") -> str:
    return blake2b(file.read_bytes() + repr(also).encode(), digest_size=6).hexdigest()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; a lock whose holder died is taken over after a while."""
    started = time.monotonic()
    while True:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            if time.monotonic() - started > PATIENCE or _age(lock) > PATIENCE:
                shutil.rmtree(lock, ignore_errors=True)
            time.sleep(0.2)
    try:
        yield
    finally:
        shutil.rmtree(lock, ignore_errors=True)


def _age(lock: Path) -> float:
    try:
        return time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _install(venv: Path, python: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    _run("python -m venv", [sys.executable, "-m", "venv", str(venv)])
    quiet = ["-q", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    _run("pip install", [str(python), "-m", "pip", "install", *quiet, "-r", str(REQUIREMENTS)])


def _run(what: str, command: list[str], **environment: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env={**os.environ, **environment}
    )
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip() and "WARNING" not in line][-1:]
        raise CannotRun(f"{what} failed: {' '.join(last)}")


def _make_template(python: Path, template: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database, password = folder / f"{DATABASE}.sqlite", folder / "password"
    database.touch()
    password.write_text(PASSWORD, encoding="utf-8")
    command = [*_script(python, "trytond-admin"), "-c", str(_configured(folder, port=0)), "-d", DATABASE]
    options = ["-u", *MODULES, "--activate-dependencies", "--email", "admin@example.test", "-p"]
    _run("trytond-admin", [*command, *options], TRYTONPASSFILE=str(password))
    with _served(python, folder) as url:
        make_company(Rpc(url, DATABASE))
    database.rename(template)
    shutil.rmtree(folder)


def _script(python: Path, name: str) -> list[str]:
    return [str(python), str(python.parent / name)]


def _configured(folder: Path, *, port: int) -> Path:
    (folder / "passlib.ini").write_text(QUICK_PASSWORDS, encoding="utf-8")
    file = folder / "trytond.conf"
    file.write_text(CONFIGURATION.format(folder=folder.as_posix(), port=port), encoding="utf-8")
    return file


@contextmanager
def _served(python: Path, folder: Path) -> Iterator[str]:
    """A server on the database of a folder, until the block ends. Raises CannotRun."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*_script(python, "trytond"), "-c", str(_configured(folder, port=port)), "-d", DATABASE]
    url = f"http://127.0.0.1:{port}"
    with (folder / "trytond.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(url, process, folder / "trytond.log")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    call = b'{"id": 1, "method": "common.server.version", "params": []}'
    request = urllib.request.Request(f"{url}/", call, {"Content-Type": "application/json"})
    for _ in range(600):
        if process.poll() is not None:
            last = log.read_text("utf-8", errors="replace").splitlines()[-1:]
            raise CannotRun(f"trytond did not start: {' '.join(last)}")
        try:
            with urllib.request.urlopen(request, timeout=60):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CannotRun("trytond did not answer within a minute")
