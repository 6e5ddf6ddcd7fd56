"""Assessments larger than memory: evidence in parts, answers part by part, one Parquet file at the end.

`folder` keeps what is finished beside the file that is wanted, so that a stopped run goes on; `run` works
the parts out; `join` puts them together without unpacking them.
"""

from __future__ import annotations

from gangmu.stream.run import FILES, Streamed, digest_of_files, stream

__all__ = ["FILES", "Streamed", "digest_of_files", "stream"]
