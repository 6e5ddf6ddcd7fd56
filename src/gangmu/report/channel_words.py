"""The words of channels that go together, in English and Chinese."""

from __future__ import annotations

from gangmu.report.words import AT

_PHRASES: dict[str, tuple[str, str]] = {
    "title": ("Channels that go together · {a} · as of {b}", "可同时使用的渠道 · {a} · 基准日{b}"),
    "heading": ("Channels that go together", "可同时使用的渠道"),
    "counted": (
        "{a} open, {b} undecided; {c} compatible sets, this one first",
        "可用{a}项，待定{b}项；共{c}种可行组合，首选如下",
    ),
    "counted one": (
        "{a} open, {b} undecided; all of them go together",
        "可用{a}项，待定{b}项；全部可同时使用",
    ),
    "open": ("Open", "可用"),
    "undecided": ("Compatible if open (facts are missing)", "若可用则可同时使用（事实待补充）"),
    "is open": ("open", "可用"),
    "is undecided": ("if open", "待定"),
    "none": ("No channel is open or undecided.", "没有可用或待定的渠道。"),
    "instead": ("instead of {a}: {b}", "可将{a}换为：{b}"),
    "nothing less": ("(none of them)", "（均不使用）"),
    "more choices": ("and {n} more alternatives", "另有{n}种替代"),
    "shared": ("What they share (amounts are never added up)", "共用的资源（金额不相加）"),
    "now": ("now {a}", "目前{a}"),
    "at most": ("at most {a} in all", "合计至多{a}"),
    "nothing now": ("nothing now", "目前无"),
    "not known": ("amount not known", "金额未知"),
    "not open": ("not open: {n}", "不可用：{n}"),
    "not in force": ("not in force: {n}", "未生效或已失效：{n}"),
    "folded": ("out of sight for a firm of this size: {n}", "按目前规模暂不列出：{n}"),
    "not asked": ("not asked, no evidence of it: {n}", "证据未涉及：{n}"),
    "col set": ("Set", "组合"),
    "col channel": ("Channel", "渠道"),
    "col standing": ("Standing", "状态"),
    "col low": ("Amount, lowest", "金额下限"),
    "col high": ("Amount, highest", "金额上限"),
    "col cost": ("Cost", "成本"),
    "col days": ("Days to cash", "到账天数"),
    "col shares": ("Shares", "共用资源"),
    "sheet": ("Channels", "渠道"),
}  # fmt: skip
STANDING_WORDS = {
    "open": ("open", "可用"),
    "undecided": ("undecided", "待定"),
    "closed": ("not open", "不可用"),
}


def tell(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)
