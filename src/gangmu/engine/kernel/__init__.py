"""The kernel: rules as LLVM machine code over columns, with the interpreter's answers, exactly.

`plan` finds what to run and when, `program` and `tables` write rules into `domain` (what is known of a
value), `numbers` (exact rationals) and `emit` (straight-line IR); `machine` compiles, `run` takes the rows
down the point, bounds and exact paths, `outputs` reads what came out. `stages`, `lines`, `reduce` and
`aggregates` turn related rows into columns of their owners before that. llvmlite and NumPy are the extra
`kernel`. `rounded` does so with functions that are rounded to 15 digits.
"""

from __future__ import annotations

from gangmu.engine.kernel.assess import Answers, assess_columns, assess_days, assess_table, prepare
from gangmu.engine.kernel.domain import UnsupportedByKernel

__all__ = ["Answers", "UnsupportedByKernel", "assess_columns", "assess_days", "assess_table", "prepare"]
