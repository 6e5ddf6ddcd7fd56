"""A small book: the shipped page of what is asked of an enterprise, and a page of rules over it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import gangmu
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

SHIPPED = Path(gangmu.__file__).parent / "rulebooks" / "cn" / "evidence.md"

RULES = """
```yaml
rd_share:
  value: sum(statement.rd_expense) FILTER (WHERE LAST(3)) / sum(statement.revenue) FILTER (WHERE LAST(3))
  unit: ratio
  stated: true
  label: {en: R&D share, zh: 研发占比}
  ours: a test
rd_total:
  value: sum(statement.rd_expense) FILTER (WHERE LAST(3))
  unit: CNY
  stated: true
  label: {en: R&D total, zh: 研发合计}
  ours: a test
inventive:
  condition: count(patent) FILTER (WHERE patent.kind = 'invention') > 0
  label: {en: has an invention, zh: 有发明专利}
  ours: a test
```
"""


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = tmp_path_factory.mktemp("book")
    (folder / "rulebook.yaml").write_text('name: small\nversion: "1"\nlabel: {en: small, zh: 小}\n', "utf-8")
    (folder / "scheme.md").write_text(RULES, "utf-8")
    shutil.copy(SHIPPED, folder / "evidence.md")
    return load(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of CSV files, one for each keyword."""

    def write(**tables: str) -> Path:
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write
