"""Articles as people cite them: rulebooks write `art. 11(5)`, a Chinese reader reads 第11条第5项.

Only the few words that citations are written with are turned; what is not known stays as it stands.
"""

from __future__ import annotations

import re

_TURNS = (
    (r"\barts?\. (\d+)\((\d+)\)", r"第\1条第\2项"),
    (r"\barts?\. (\d+)", r"第\1条"),
    (r"\bpart (\d+)", r"第\1部分"),
    (r"\bannex (\d+)", r"附件\1"),
    (r"\bannex\b", "附件"),
    (r"\bregular indicators? ", "常规指标"),
    (r"\bindicators? (?=\d)", "指标"),
    (r"\bgeneral conditions\b", "通用条件"),
    (r"\bconditions? (?=\d)", "条件"),
    (r"\bconditions of specialised SMEs\b", "专精特新中小企业认定条件"),
    (r"\bvalidity\b", "有效期规定"),
    (r"^conditions$", "申报条件"),
    (r"^common conditions$", "基本条件"),
    (r"^condition on time$", "年限条件"),
    (r"^condition on revenue$", "收入条件"),
    (r"^condition on the market$", "市场地位条件"),
    (r"^scope$", "适用范围"),
    (r"^(scale of )?support$", "奖补标准"),
    (r"^recovery$", "资金收回"),
    (r"\bexemption\b", "豁免规定"),
    (r" to (?=[\d第])", "至"),
    (r" and (?=[\d第])", "和"),
)
_COMPILED = tuple((re.compile(pattern), turn) for pattern, turn in _TURNS)


def article_text(at: str, lang: str) -> str:
    """The place of a citation, for a reader of `lang`."""
    if lang != "zh":
        return at
    for pattern, turn in _COMPILED:
        at = pattern.sub(turn, at)
    return at
