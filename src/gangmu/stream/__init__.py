"""Assessments larger than memory: evidence in parts, answers part by part, one Parquet file at the end.

`folder` keeps what is finished beside the file that is wanted, so that a stopped run goes on; `run` works
the parts out; `join` puts them together without unpacking them.
"""

from __future__ import annotations

from gangmu.stream.run import Streamed, stream

__all__ = ["Streamed", "stream"]
