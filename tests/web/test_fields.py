"""How the form of an enterprise asks."""

from __future__ import annotations

import re

from gangmu.book import load
from gangmu.rulebook import model
from gangmu.web.pages.fields import _unit


def test_units_are_told_in_the_language_of_the_page() -> None:
    inputs = [rule for rule in load("cn").model.rules.values() if isinstance(rule.body, model.Input)]
    told = {(_unit(rule, "en"), _unit(rule, "zh")) for rule in inputs}
    assert {("persons", "人"), ("CNY", "元"), ("%", "%"), ("years", "年")} <= told
    assert not [zh for _, zh in told if re.search("[A-Za-z]", zh)]
