"""The unified social credit code: real codes pass, a changed character is found and named."""

import pyarrow as pa
import pytest

from gangmu.evidence.credit_code import fault_of, faults, looks_like_code

# Cases UC01 to UC09 of the shared facts on recognition (real codes, and two made wrong).
RIGHT = [
    "911101121024836725",
    "91320581MA27FA4B17",
    "11500000009276281J",
    "91330100799655058B",
    "9144030071526726XG",
    "914403001922038216",
    "91110000802100433B",
]


@pytest.mark.parametrize("code", RIGHT)
def test_real_codes_are_right(code: str) -> None:
    assert fault_of(code) == ""
    assert looks_like_code(code)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("911101121024836726", "check character 6, 5 was expected"),  # UC08
        ("9I1101121024836725", "has I, which"),  # UC09
        ("91110112102483672", "has 17 characters"),
        ("91AB01121024836725", "region"),
    ],
)
def test_wrong_codes_say_what_is_wrong(code: str, fault: str) -> None:
    assert fault in fault_of(code)


def test_a_column_is_judged_as_each_code_is() -> None:
    codes = [*RIGHT, None, "911101121024836726", "9I1101121024836725", RIGHT[1].lower()]
    assert faults(pa.array(codes)).keys() == {8, 9}


def test_any_one_changed_digit_is_found() -> None:
    code = RIGHT[0]
    for place in range(8, 17):
        changed = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        assert "check character" in fault_of(changed)
