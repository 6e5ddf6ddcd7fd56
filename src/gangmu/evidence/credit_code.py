"""The unified social credit code (GB 32100): is it one, and if not, what is wrong with it.

python-stdnum knows the alphabet and the check character; what is added is the message, the few registering
bodies that are letters, and a way to look at a million codes in one stroke.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import uscc

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_LENGTH = 18
_SHAPE = re.compile(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}")
_HEAD = re.compile(r"[0-9ANY][0-9A-Y][0-9]{6}")


def looks_like_code(text: str) -> bool:
    """Whether a key has the shape of a credit code, right or wrong."""
    return _SHAPE.fullmatch(text.strip().upper()) is not None


def fault_of(text: str) -> str:
    """What is wrong with a credit code; empty if nothing is."""
    code = str(uscc.compact(text))
    if len(code) != _LENGTH:
        return f"has {len(code)} characters, a unified social credit code has {_LENGTH}"
    strange = sorted(set(code) - set(_ALPHABET))
    if strange:
        return f"has {', '.join(strange)}, which a unified social credit code never has (no I, O, S, V, Z)"
    if not _HEAD.fullmatch(code[:8]):
        return "has no registering body and six-digit region at its beginning"
    expected = str(uscc.calc_check_digit(code[:-1]))
    if code[-1] != expected:
        return f"has the check character {code[-1]}, {expected} was expected: a character is wrong"
    return ""


def faults(codes: pa.Array) -> dict[int, str]:
    """The faults of a column of codes by position; nulls have none."""
    if codes.null_count == len(codes):
        return {}
    sound = _sound(pc.utf8_upper(codes))
    suspect = pc.indices_nonzero(pc.and_(pc.is_valid(codes), pc.invert(sound))).to_pylist()
    found = {place: fault_of(codes[place].as_py()) for place in suspect}
    return {place: fault for place, fault in found.items() if fault}


def _sound(codes: pa.Array) -> pa.Array:
    """Which codes surely are right: digits where digits stand, and a weighted sum that 31 divides."""
    right = pc.fill_null(
        pc.match_substring_regex(codes, "^[0-9]{8}[0-9A-HJ-NP-RTUWXY]{10}$"), fill_value=False
    )
    letters = pa.array(list(_ALPHABET))
    total = pa.scalar(0, pa.int64())
    for place, weight in enumerate(_WEIGHTS):
        rank = pc.cast(
            pc.index_in(pc.utf8_slice_codeunits(codes, place, place + 1), value_set=letters), pa.int64()
        )
        total = pc.add(total, pc.multiply(rank, weight))
    whole = pc.multiply(pc.divide(total, 31), 31)
    return pc.and_(right, pc.fill_null(pc.equal(total, whole), fill_value=False))
