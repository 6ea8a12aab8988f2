"""The databases that the other tests stand on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import postgres


def _select(url: str, statement: str) -> object:
    db = create_engine(url)
    try:
        with db.begin() as connection:
            return connection.execute(text(statement)).scalar_one()
    finally:
        db.dispose()


def _execute(url: str, *statements: str) -> None:
    db = create_engine(url)
    try:
        with db.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        db.dispose()


def test_a_select_answers_on_each_database(database_url: str) -> None:
    assert _select(database_url, "SELECT '伴走'") == "伴走"


def test_a_database_is_empty_when_a_test_gets_it(database_url: str) -> None:
    catalogue = {
        "sqlite": "SELECT count(*) FROM sqlite_master",
        "postgresql": "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
    }
    assert _select(database_url, catalogue[make_url(database_url).get_backend_name()]) == 0
    _execute(database_url, "CREATE TABLE left_behind (id integer)")


def test_a_copy_of_a_template_holds_what_the_template_held(make_postgres: Callable[..., str]) -> None:
    template = make_postgres()
    _execute(template, "CREATE TABLE t (n integer)", "INSERT INTO t VALUES (7)")
    copy = make_postgres(template=make_url(template).database)
    assert _select(copy, "SELECT n FROM t") == 7


def test_a_database_is_dropped_although_somebody_is_still_connected(postgres_server: postgres.Server) -> None:
    url = postgres_server.create()
    db = create_engine(url)
    connection = db.connect()
    connection.execute(text("SELECT 1"))
    postgres_server.drop(url)
    connection.invalidate()
    connection.close()
    db.dispose()
    maintenance = postgres_server.url("postgres")
    name = make_url(url).database
    assert _select(maintenance, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == 0


SUPPLIERS = {
    name: found
    for name, found in (("debian", postgres.debian_binaries()), ("wheel", postgres.wheel_binaries()))
    if found
}


def test_the_wheel_always_supplies_a_postgresql() -> None:
    assert "wheel" in SUPPLIERS


@pytest.mark.postgres
@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_a_server_starts_from_each_supplier_and_leaves_nothing(supplier: str) -> None:
    with postgres.running_server(SUPPLIERS[supplier], durable=True) as server:
        folder = Path(str(server.address.query["host"]))
        assert server.version() >= 15
        assert server.setting("fsync") == "on"
        assert server.setting("listen_addresses") == ""
        url = server.create()
        assert _select(url, "SELECT 1") == 1
    assert not folder.exists()


@pytest.mark.postgres
def test_the_runs_server_trades_durability_for_speed(postgres_server: postgres.Server) -> None:
    if postgres.ADDRESS_VARIABLE not in os.environ:
        assert postgres_server.setting("fsync") == "off"


@pytest.mark.crash
@pytest.mark.postgres
def test_killing_the_run_stops_its_server() -> None:
    program = (
        "from tests import postgres\n"
        "with postgres.running_server() as server:\n"
        "    print(server.address.query['host'], flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        assert Path(f"/proc/{postmaster}").exists()
        run.kill()
    postgres.wait_until_gone(folder)
    assert not Path(f"/proc/{postmaster}").exists()


def test_a_missing_postgresql_is_said_and_not_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "debian_binaries", lambda: None)
    monkeypatch.setattr(postgres, "wheel_binaries", lambda: None)
    with pytest.raises(postgres.NoPostgres, match="make env"):
        postgres.start(tmp_path)
