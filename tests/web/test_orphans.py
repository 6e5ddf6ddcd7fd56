"""A run ends with the server that started it, though nobody could tell it to: the next start begins alone."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gangmu.web.run import Teller

PARENT = """
    import multiprocessing, os, signal, time
    from gangmu.web.run import end_with_parent

    def run(told):
        end_with_parent()
        with open(f"{os.environ['BESIDE']}/alive", "w") as beat:
            told.send(os.getpid())
            for _ in range(1_000):
                beat.write(".")
                beat.flush()
                time.sleep(0.02)

    if __name__ == "__main__":
        context = multiprocessing.get_context("spawn")
        hears, told = context.Pipe()
        context.Process(target=run, args=(told,), daemon=True).start()
        hears.recv()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_threads_of_a_run_tell_together_how_far_it_is(tmp_path: Path) -> None:
    """None fails because another one tells, and nothing that was done is lost."""
    teller = Teller(tmp_path / "told.json")
    teller.total(1_000)
    with ThreadPoolExecutor(8) as pool:
        for told in [pool.submit(teller.advance, 1) for _ in range(1_000)]:
            told.result()
    assert json.loads(teller.told.read_text(encoding="utf-8"))["done"] == 1_000


def test_a_run_ends_with_its_server(tmp_path: Path) -> None:
    """The output pipe is shared with the run, so it closes only when the run has ended too."""
    script = tmp_path / "server.py"
    script.write_text(textwrap.dedent(PARENT), encoding="utf-8")
    environment = {"BESIDE": str(tmp_path), "PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == -9, done.stderr
    assert (tmp_path / "alive").exists()
