"""The door of a store: make one, bring its tables up to date, open it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, make_url, text
from sqlalchemy.exc import ArgumentError

from engine.store.dialect import Dialect
from engine.store.errors import StoreError, translated
from engine.store.postgres import PostgreSQL
from engine.store.reader import Reader
from engine.store.sealing import KeyRing
from engine.store.sqlite import SQLite
from engine.store.unit import Unit

SCHEMA = "0001"
_DIALECTS: dict[str, type[Dialect]] = {"sqlite": SQLite, "postgresql": PostgreSQL}
_PACKAGE = Path(__file__).parent


class Store:
    """An open store. Safe to share between threads; each reading or writing belongs to one."""

    def __init__(self, db: Engine, dialect: Dialect, keys: KeyRing, *, is_trial: bool) -> None:
        self._db = db
        self._dialect = dialect
        self.keys = keys
        self.is_trial = is_trial

    @property
    def one_writer(self) -> bool:
        """Whether writers wait for each other, so that a single thread that groups commits is faster."""
        return self._dialect.one_writer

    @property
    def database(self) -> str:
        """Which database this is: `sqlite` or `postgresql`."""
        return self._dialect.name

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Read one snapshot: what is written meanwhile is not seen. Raises StoreError."""
        with _translating(), self._db.connect() as plain:
            connection = self._dialect.begin_reading(plain)
            with connection.begin():
                yield Reader(connection, self._dialect, self.keys, self._dialect.reading)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Do one unit of work: committed when the block ends, undone when it raises.

        Raises:
            StoreError: disk, server, lock, key.
            SequenceGap, KeyTaken: somebody else wrote first; read again and decide again.
            RuleBroken: an invariant would have been broken.
        """
        with _translating(), self._db.connect() as plain:
            connection = self._dialect.begin_writing(plain)
            with connection.begin():
                unit = Unit(connection, self._dialect, self.keys)
                yield unit
                unit.flush()

    def close(self) -> None:
        """Let go of all connections."""
        self._db.dispose()


def init_store(url: str, key_path: Path, *, trial: bool) -> None:
    """Make a store at `url`, and its master key at `key_path` unless there is one already.

    A trial store lets its clock be moved, and stays a trial store. An SQLite
    file is made; a PostgreSQL database must be there and empty.

    Raises:
        StoreError: `exists`, `not_bansou` (something else is there), or what the disk, server or key says.
    """
    db, dialect = _connect(url)
    try:
        if not dialect.check_absent(make_url(url)):
            with _translating(), _connected(db, dialect) as connection:
                if _version(connection) is not None:
                    raise StoreError("exists", _shown(url))
                if _tables(connection):
                    raise StoreError("not_bansou", _shown(url))
        keys = KeyRing.load(key_path) if key_path.exists() else KeyRing.create(key_path)
        with _translating(), dialect.begin_writing(db.connect()) as connection, connection.begin():
            _upgrade(connection)
            connection.execute(
                text("INSERT INTO setting (name, value) VALUES (:name, :value)"),
                [
                    {"name": "product", "value": "bansou"},
                    {"name": "trial", "value": "yes" if trial else "no"},
                    {"name": "master_key_check", "value": keys.check_value},
                ],
            )
    finally:
        db.dispose()


def migrate(url: str) -> str:
    """Bring a store's tables to the present version, in one transaction, and return that version.

    Raises:
        StoreError: `absent`, `not_bansou`, `schema_newer`, or what the disk or server says.
    """
    db, dialect = _connect(url)
    try:
        _require_present(dialect, url)
        with _translating(), dialect.begin_writing(db.connect()) as connection, connection.begin():
            version = _require_bansou(connection, url)
            if version > SCHEMA:
                raise StoreError("schema_newer", version)
            _upgrade(connection)
        return SCHEMA
    finally:
        db.dispose()


def open_store(url: str, keys: KeyRing) -> Store:
    """Open a store with its master key.

    Raises:
        StoreError: `absent`, `not_bansou`, `schema_older`, `schema_newer`, `wrong_key`,
            `url_unknown`, `driver_absent`, or what the disk or server says.
    """
    db, dialect = _connect(url)
    try:
        _require_present(dialect, url)
        with _translating(), _connected(db, dialect) as connection:
            _require_current(_require_bansou(connection, url))
            rows = connection.exec_driver_sql("SELECT name, value FROM setting")
            settings: dict[str, str] = {row[0]: row[1] for row in rows}
        _require_key(settings, keys)
    except BaseException:
        db.dispose()
        raise
    return Store(db, dialect, keys, is_trial=settings.get("trial") == "yes")


def _connect(url: str) -> tuple[Engine, Dialect]:
    try:
        address = make_url(url)
        dialect = _DIALECTS[address.get_backend_name()]()
    except (ArgumentError, KeyError, ValueError):
        raise StoreError("url_unknown") from None
    return dialect.connect(_complete(address)), dialect


def _complete(address: URL) -> URL:
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _require_present(dialect: Dialect, url: str) -> None:
    if dialect.check_absent(make_url(url)):
        raise StoreError("absent", _shown(url))


def _require_bansou(connection: Connection, url: str) -> str:
    version = _version(connection)
    if version is None:
        raise StoreError("not_bansou" if _tables(connection) else "absent", _shown(url))
    return version


def _require_current(version: str) -> None:
    if version != SCHEMA:
        raise StoreError("schema_newer" if version > SCHEMA else "schema_older", version)


def _require_key(settings: dict[str, str], keys: KeyRing) -> None:
    if settings.get("master_key_check") != keys.check_value:
        raise StoreError("wrong_key")


@contextmanager
def _connected(db: Engine, dialect: Dialect) -> Iterator[Connection]:
    with db.connect() as plain:
        connection = dialect.begin_reading(plain)
        with connection.begin():
            yield connection


def _tables(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        rows = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
    return {row[0] for row in rows}


def _version(connection: Connection) -> str | None:
    if not {"alembic_version", "setting"} <= _tables(connection):
        return None
    product = connection.exec_driver_sql("SELECT value FROM setting WHERE name = 'product'").scalar()
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found) if product == "bansou" and found is not None else None


def _upgrade(connection: Connection) -> None:
    # Here, because the import takes most of a second and only this needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_PACKAGE / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        meant = translated(error)
        if meant is None:
            raise
        raise meant from error
