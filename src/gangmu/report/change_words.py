"""The words of changed answers, in English and Chinese: what a change goes back to, what to do, headings."""

from __future__ import annotations

from gangmu.report.words import AT

_PHRASES: dict[str, tuple[str, str]] = {
    # an answer before and after
    "turn": ("{a} → {b}", "{a} → {b}"),
    "because": ("because {n}", "原因：{n}"),
    "todo": ("to do: {n}", "建议：{n}"),
    # what a change goes back to
    "certificate begins": ("the certificate of {a} begins", "{a}的证书开始有效"),
    "certificate ends": ("the certificate of {a} ends", "{a}的证书到期"),
    "certificate number": ("{a} {b}", "{a}{b}"),
    "wording begins": ("a wording of {a} begins to apply", "“{a}”的新规定开始适用"),
    "wording ends": ("{a} is no longer in force", "“{a}”不再有效"),
    "measured": ("measured to the day, {a} is now {b}", "按日计算，“{a}”此时为{b}"),
    "measured moves": ("measured to the day, {a} goes from {b} to {c}", "按日计算，“{a}”由{b}变为{c}"),
    "year": (
        "fiscal year {a} has closed and is now the last one counted: {b}",
        "{a}会计年度结束，成为最近一个计算年度：{b}",
    ),
    "row came": ("{a} of {b} counts now", "{b}的{a}此时开始计入"),
    "row due": ("{a} of {b} is due and was not handed in", "{b}的{a}应有而未提交"),
    "row went": ("{a} of {b} no longer counts", "{b}的{a}不再计入"),
    "row": ("{a}", "{a}"),
    "rows further": ("further rows of {a}", "其他{a}"),
    "fact": ("{a} was {b} and is {c}", "{a}由{b}变为{c}"),
    "fact new": ("{a} is given: {b}", "已提供{a}：{b}"),
    "fact gone": ("{a} is no longer given", "不再提供{a}"),
    "text": ("{a} is another", "{a}不同"),
    "law": ("{a} is ruled otherwise: {b} instead of {c}", "“{a}”的规定不同：由{c}变为{b}"),
    "law plain": ("{a} is ruled otherwise", "“{a}”的规定不同"),
    "law new": ("{a} is a new rule", "“{a}”为新增规则"),
    "law gone": ("{a} is no rule any more", "“{a}”不再是规则"),
    "of row": ("{a} ({b})", "{a}（{b}）"),
    "fact is": ("{a} {b}", "{a}{b}"),
    "further": ("{n} more", "另有{n}项"),
    # what to do before it
    "do certificate ends": (
        "apply for renewal in time; only a new certificate counts, and the authority decides",
        "及时申请续期或重新认定；以新证书为准，由认定机关决定",
    ),
    "do certificate begins": (
        "nothing before it; it is held from this day",
        "此前无需办理；自该日起视为持有",
    ),
    "do wording begins": (
        "read the new wording; what the old one is to decide has to be applied for before",
        "阅读新规定；拟适用旧规定的，须在此前申请",
    ),
    "do wording ends": ("use it before this day", "在该日之前使用"),
    "do measured opens": ("nothing before it; it opens on this day", "此前无需办理；自该日起可用"),
    "do measured closes": ("use it before this day", "在该日之前使用"),
    "do measured": ("look at it on this day", "在该日复核"),
    "do year": (
        "close the books of {a} and hand in its statement; until then what rests on it is open",
        "完成{a}年度结账并提交报表；在此之前相关结论待定",
    ),
    "do rows": ("hand in what is missing", "补充缺少的资料"),
    # headings and columns
    "due title": ("What changes by itself from {a} to {b}", "{a}至{b}期间自行发生的变化"),
    "due none": ("no answer changes by itself", "没有答案自行变化"),
    "due asked": ("{a} answers of {b}", "{b}的{a}项答案"),
    "col date": ("Date", "日期"),
    "col dates": ("Dates", "日期"),
    "day to day": ("{a} to {b}", "{a}至{b}"),
    "each day in a file": ("each day and enterprise: write a file with -o", "逐日逐户明细：用 -o 写入文件"),
    "col enterprise": ("Enterprise", "企业"),
    "col enterprises": ("Enterprises", "企业数"),
    "col answer": ("Answer", "事项"),
    "col turn": ("Change", "变化"),
    "col first": ("First of them", "例如"),
    "gains": ("opens", "转为可用"),
    "loses": ("closes", "转为不可用"),
    "asks": ("becomes open: a fact is missing", "转为待定：缺少事实"),
    "moves": ("changes", "变化"),
    "and others": ("{a} and {n} others", "{a}等{n}项"),
    "calendar": ("Gangmu: dates that matter", "纲目：重要日期"),
    "enterprises": ("{n} enterprises", "{n}家企业"),
    "source": ("source: {n}", "依据：{n}"),
    # law, evidence, time
    "part law": ("law", "规则"),
    "part evidence": ("evidence", "证据"),
    "part time": ("passage of time", "时间经过"),
    "part software": ("another version of Gangmu", "软件版本不同"),
    "together": ("{n} together", "{n}共同作用"),
    "either": ("either of: {n}", "以下任一即可：{n}"),
    "not there": ("not there", "无"),
    "diff title": ("{a} → {b}", "{a} → {b}"),
    "diff common": (
        "enterprises in both: {n}; rules in both: {m}; answers that changed: {k}",
        "两次均有的企业：{n}家；均有的规则：{m}项；有变化的答案：{k}个",
    ),
    "diff gone": ("only in the first: {n}", "仅见于前次：{n}"),
    "diff new": ("only in the second: {n}", "仅见于后次：{n}"),
    "diff law": ("law: the rulebook changed ({a} → {b})", "规则：规则库不同（{a} → {b}）"),
    "diff same law": ("law: the same rulebook", "规则：规则库相同"),
    "diff evidence": ("evidence: the facts changed", "证据：事实不同"),
    "diff same evidence": ("evidence: the same facts", "证据：事实相同"),
    "diff unknown evidence": (
        "evidence: the records do not tell whether the facts changed",
        "证据：从记录无法判断事实是否变化",
    ),
    "diff time": ("passage of time: {a} → {b}", "时间经过：{a} → {b}"),
    "diff same time": ("passage of time: the same day", "时间经过：同一日期"),
    "diff missing": (
        "what moved an answer was not worked out: {n}",
        "未能推算变化原因：{n}",
    ),
    "need rulebook 0": (
        "the first run's rulebook is not at hand (--rulebook)",
        "缺少前次的规则库（--rulebook）",
    ),
    "need rulebook 1": (
        "the second run's rulebook is not at hand (--rulebook)",
        "缺少后次的规则库（--rulebook）",
    ),
    "need evidence 0": (
        "the first run's evidence is not at hand (--evidence)",
        "缺少前次的证据（--evidence）",
    ),
    "need evidence 1": (
        "the second run's evidence is not at hand (--evidence)",
        "缺少后次的证据（--evidence）",
    ),
    "too many": ("only the first 2,000 answers were asked again", "仅对前2000个答案进行了重新推算"),
    "part together": ("together", "共同作用"),
    "part either": ("either", "任一即可"),
    "part undecided": ("undecided", "无法区分"),
    "share": ("{a} {b}", "{a}{b}"),
    "shares": ("of the difference: {n}", "差额构成：{n}"),
    "undecided": ("{n} (cannot be told apart)", "{n}（无法区分）"),
}


def tell(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)
