"""What went wrong, as values: each problem says what, where, what was expected, and what to do.

Problems are collected and shown together; an exception is raised once, with all of them. Bad input is always
one of these, so a command turns it into one clear message and exit code 2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input.

    `code` is stable and short (`unit-mismatch`); `where` is `page:line` or `file row N`; a conflict names its
    other side in `other`.
    """

    code: str
    where: str
    what: str
    expected: str = ""
    todo: str = ""
    other: str = ""
    rule: str = ""

    def __str__(self) -> str:
        """Render on a few lines for a person."""
        subject = f" [{self.rule}]" if self.rule else ""
        lines = [f"{self.where}:{subject} {self.what} ({self.code})"]
        if self.other:
            lines.append(f"    against:  {self.other}")
        if self.expected:
            lines.append(f"    expected: {self.expected}")
        if self.todo:
            lines.append(f"    to do:    {self.todo}")
        return "\n".join(lines)


class GangmuError(Exception):
    """Any refusal of Gangmu; `problems` has everything that is wrong, at least one."""

    def __init__(self, problems: Problem | list[Problem]) -> None:
        """Take one problem or a list of them."""
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RulebookError(GangmuError):
    """A rulebook does not load."""


class EvidenceError(GangmuError):
    """Evidence cannot be read at all (single bad rows are quarantined instead)."""


class QuestionError(GangmuError):
    """A question names a rule, a case or a date that is not there."""
