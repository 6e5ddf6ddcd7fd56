"""The words that reports are made of, in English and Chinese: one table, so that a translator needs no code.

`say(lang, key, **parts)` fills in a phrase. A missing key is an error of ours, never a blank in a report.
"""

from __future__ import annotations

LANGS = ("en", "zh")
AT = {"en": 0, "zh": 1}

GRADE_WORDS = {
    "official": ("official text read", "已读官方原文"),
    "transcriptions": ("transcriptions agree", "多份转载一致"),
    "secondary": ("one retelling read", "仅见一份转述"),
    "recalled": ("recalled, not read", "凭记忆，未读原文"),
    "conflict": ("sources disagree", "来源不一致"),
    "": ("our own rule", "自定规则"),
}
FORCE_WORDS = {
    "law": ("law", "法律"),
    "regulation": ("regulation", "行政法规、规章"),
    "normative": ("normative document", "规范性文件"),
    "standard": ("standard", "标准"),
    "practice": ("practice", "实务做法"),
    "draft": ("draft", "征求意见稿"),
}
ORIGIN_WORDS = {
    "registry": ("from a register", "登记信息"),
    "audited": ("audited", "经审计"),
    "tax_return": ("tax return", "纳税申报"),
    "ledger": ("ledger", "账簿"),
    "self_declared": ("self-declared", "自行申报"),
    "": ("origin not said", "未注明来源"),
}
DECIDES_WORDS = {
    "law": ("the law itself", "法律直接规定"),
    "authority": ("an authority", "主管机关"),
    "market": ("the market", "市场"),
    "lender": ("the lender", "贷款人"),
}
# Status of a line or an answer: its sign (so that nothing is said by colour alone) and its words.
SIGNS = {
    "met": "✓", "true": "✓", "held": "✓", "conditions_met": "✓", "failed": "✗", "false": "✗", "blocked": "✗",
    "lapsed": "✗", "unknown": "?", "undefined": "∅", "not_in_force": "–", "known": "·", "fact": "·",
}  # fmt: skip
STATUS_WORDS = {
    "met": ("met", "符合"),
    "failed": ("not met", "不符合"),
    "fact": ("", ""),
    "true": ("met", "符合"),
    "false": ("blocked", "受阻"),
    "held": ("held", "持有"),
    "conditions_met": ("conditions met", "条件具备"),
    "blocked": ("blocked", "受阻"),
    "lapsed": ("lapsed", "已失效"),
    "unknown": ("missing", "待补充"),
    "undefined": ("undefined", "无定义"),
    "not_in_force": ("not in force", "未生效或已失效"),
    "known": ("known", "已知"),
}

_PHRASES: dict[str, tuple[str, str]] = {
    # numbers
    "month": ("{n} month", "{n}个月"),
    "months": ("{n} months", "{n}个月"),
    "year": ("{n} year", "{n}年"),
    "years": ("{n} years", "{n}年"),
    "is": ("{a} is {b}", "{a}为{b}"),
    "per": ("{a} per {b}", "{a}/{b}"),
    "percentage_points": ("{n} percentage points", "{n}个百分点"),
    "any_amount": ("any amount", "任意数额"),
    "from_to": ("{a} to {b}", "{a}至{b}"),
    "no_less": ("at least {n}", "至少{n}"),
    "no_more": ("at most {n}", "至多{n}"),
    "not_before": ("{n} or later", "{n}或以后"),
    "not_after": ("{n} or earlier", "{n}或以前"),
    "unknown": ("unknown", "未知"),
    "undefined": ("undefined", "无定义"),
    "not_in_force": ("not in force", "未生效或已失效"),
    "or": (" or ", "或"),
    "and": (" and ", "且"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "list": (", ", "、"),
    "comma": (", ", "，"),
    "colon": ("{a}: {b}", "{a}：{b}"),
    "brackets": ("{a} ({b})", "{a}（{b}）"),
    "pause": ("; ", "；"),
    "stop": (". ", "。"),
    # what a comparison asks for
    "need >=": ("at least {n} needed", "要求不低于{n}"),
    "need >": ("more than {n} needed", "要求高于{n}"),
    "need <=": ("at most {n} allowed", "要求不超过{n}"),
    "need <": ("less than {n} needed", "要求低于{n}"),
    "need =": ("must be {n}", "应为{n}"),
    "need <>": ("must not be {n}", "不得为{n}"),
    "day >=": ("{n} or later needed", "要求不早于{n}"),
    "day >": ("later than {n} needed", "要求晚于{n}"),
    "day <=": ("{n} or earlier needed", "要求不晚于{n}"),
    "day <": ("earlier than {n} needed", "要求早于{n}"),
    "is >=": ("at least {n}", "不低于{n}"),
    "is >": ("more than {n}", "高于{n}"),
    "is <=": ("at most {n}", "不超过{n}"),
    "is <": ("less than {n}", "低于{n}"),
    "is =": ("{n}", "{n}"),
    "is <>": ("other than {n}", "不等于{n}"),
    "need in": ("must be one of: {n}", "应为以下之一：{n}"),
    "need not in": ("must not be any of: {n}", "不得为以下任何一项：{n}"),
    "is in": ("one of: {n}", "为以下之一：{n}"),
    "need like": ("must begin with {n}", "应以{n}开头"),
    "need not like": ("must not begin with {n}", "不得以{n}开头"),
    "is like": ("begins with {n}", "以{n}开头"),
    "compared": ("{a}: {b} – {c}", "{a}：{b}，{c}"),
    "neutral": ("{a}: {b} – {c}: {d}", "{a}：{b}，{c}：{d}"),
    "row": ("{a}, row `{b}`", "{a}，“{b}”行"),
    # the end of a comparison
    "met exactly": ("met exactly", "恰好达标"),
    "met": ("met", "符合"),
    "met by": ("met with {n} to spare", "符合，余{n}"),
    "short": ("{n} short", "差{n}"),
    "too much": ("{n} too much", "超出{n}"),
    "too late": ("{n} too late", "晚{n}"),
    "too early": ("{n} too early", "早{n}"),
    "not met exactly": ("not met: exactly at the limit", "不符合：恰在界限上"),
    "not met": ("not met", "不符合"),
    "open": ("open", "尚不能判定"),
    "holds": ("holds", "成立"),
    "holds not": ("does not hold", "不成立"),
    "undefined here": ("undefined: no further fact would cure it", "无定义，补充事实也无法改变"),
    "not in force on": ("not in force on {day}", "在{day}未生效或已失效"),
    # groups
    "both met": ("both conditions met", "2项条件全部符合"),
    "all met": ("all {n} conditions met", "{n}项条件全部符合"),
    "all fail": ("{k} of {n} conditions not met", "{n}项条件中有{k}项不符合"),
    "all open": ("no condition fails, {k} of {n} still open", "{n}项条件中没有不符合的，{k}项尚不能判定"),
    "any met": ("{k} of {n} alternatives met; one is enough", "{n}种情形中符合{k}种，一种即可"),
    "any fail": ("none of {n} alternatives met", "{n}种情形均不符合"),
    "any open": ("{k} of {n} alternatives still open; one is enough", "{n}种情形中{k}种尚不能判定，一种即可"),
    "some met": ("{k} of {n} met; {m} are enough", "{n}项中符合{k}项，{m}项即可"),
    "some fail": ("only {k} of {n} met or open; {m} are needed", "{n}项中仅{k}项符合或待定，需要{m}项"),
    "some open": ("{k} of {n} met, {j} open; {m} are needed", "{n}项中符合{k}项、{j}项待定，需要{m}项"),
    "all of": ("all of these", "同时符合以下各项"),
    "any of": ("one of these", "符合以下之一"),
    "some of": ("at least {m} of these", "符合以下至少{m}项"),
    "waived": ("waived by the exception: {n}", "因除外情形免除：{n}"),
    "exception open": ("exception, still open: {n}", "除外情形尚不能判定：{n}"),
    "exception": ("exception not met: {n}", "不属于除外情形：{n}"),
    # facts and rows
    "no row year": (
        "no row handed in for fiscal year {year}: unknown",
        "未提交{year}会计年度的数据：未知",
    ),
    "no row maybe": (
        "no row handed in for fiscal year {year}, when the enterprise may not have existed: open",
        "未提交{year}会计年度的数据，且当年企业是否存在不明：待定",
    ),
    "more rows": (
        "{entity}: there may be further rows, the list was not said to be complete",
        "{entity}：未声明清单完整，可能还有其他记录",
    ),
    "more like this": ("and {n} more rows", "另有{n}条记录"),
    "fiscal year": ("fiscal year {year}", "{year}会计年度"),
    "of period": ("{a}, {b}", "{b}{a}"),
    "one row": ("{a} {b}", "{b}{a}"),
    "counts": ("counts", "计入"),
    "counts maybe": ("may count", "可能计入"),
    "not given": ("not given", "未提供"),
    "none": ("there is none", "无"),
    "text given": ("“{n}”", "“{n}”"),
    "stated": ("stated by its source", "由来源直接陈述"),
    "layer": ("decided by rulebook “{n}”", "由规则书“{n}”决定"),
    "ours": ("our own rule: {n}", "自定规则：{n}"),
    "as above": ("as above", "同上"),
    "place": ("{file}, row {row}, column {column}", "{file} 第{row}行“{column}”列"),
    # kinds of answer
    "limit": ("limit “{n}”", "限额“{n}”"),
    "part": ("part “{n}”", "分项“{n}”"),
    "binds": ("this limit decides", "以此限额为准"),
    "pass ge": ("at least {n} to pass", "合格线不低于{n}"),
    "pass gt": ("more than {n} to pass", "合格线高于{n}"),
    "state HELD": ("must be held", "须持有"),
    "state CONDITIONS_MET": ("its conditions must be met", "须条件具备"),
    "state PASSES": ("must pass", "须达到合格线"),
    "until": ("{a} until {day}", "{a}，有效期至{day}"),
    "since then": ("{a} since {day}", "{a}，自{day}起"),
    # formulas in words
    "sum": ("sum of {a}", "{a}之和"),
    "min": ("smallest {a}", "{a}最小值"),
    "max": ("largest {a}", "{a}最大值"),
    "avg": ("mean {a}", "{a}平均值"),
    "count": ("number of: {a}", "{a}数量"),
    "over": ("{a}, {b}", "{b}{a}"),
    "over where": ("{a}, where {b}", "{a}（限{b}）"),
    "years list": ("fiscal years {a}", "{a}会计年度"),
    "years span": ("fiscal years {a} to {b}", "{a}至{b}会计年度"),
    "LEAST": ("the lower of {n}", "{n}中的较低者"),
    "GREATEST": ("the higher of {n}", "{n}中的较高者"),
    "ABS": ("size of {n}", "{n}的绝对值"),
    "ROUND": ("{n}, rounded", "{n}（四舍五入）"),
    "FLOOR": ("{n}, rounded down", "{n}（向下取整）"),
    "CEIL": ("{n}, rounded up", "{n}（向上取整）"),
    "COALESCE": ("the first of {n} that exists", "{n}中第一个存在的"),
    "MONTHS": ("time from {a} to {b}", "{a}至{b}的时间"),
    "DAYS": ("days from {a} to {b}", "{a}至{b}的天数"),
    "YEARS": ("time from {a} to {b}", "{a}至{b}的时间"),
    "ADD_MONTHS": ("{a} plus {b}", "{a}加{b}"),
    "YEAR": ("year of {n}", "{n}所在年度"),
    "GROWTH": ("compound growth from {b} to {a}", "{b}至{a}的复合增长率"),
    "not": ("not: {n}", "非：{n}"),
    "last": ("last {n} fiscal years", "最近{n}个会计年度"),
    "last one": ("last fiscal year", "上一会计年度"),
    "as_of": ("as-of date", "基准日"),
    "base_year": ("base fiscal year", "基准会计年度"),
    "some case": ("a figure that depends on the case", "视情形而定的数值"),
    # sections
    "why": ("Why", "理由"),
    "blocks": ("What blocks", "受阻于"),
    "missing": ("What is missing", "待补充"),
    "way": ("The shortest lawful way", "最短的合规路径"),
    "findings": ("To look at", "需要留意"),
    "nothing blocks": ("Nothing blocks.", "没有受阻项。"),
    "nothing missing": ("No missing fact could change this answer.", "没有待补充的事实会改变该结论。"),
    "no way": (
        "None found among the facts that may still change, singly or in pairs.",
        "在仍可改变的事实中（单项或两项）未找到。",
    ),
    "no alternative": ("none of these {n} ways is open:", "以下{n}种情形均不具备："),
    "too few": ("at least {m} of these {n} are needed:", "以下{n}项中至少需要{m}项："),
    "lacks": ("{n} – lacks:", "{n}，缺："),
    "other cases": ("{n} ways are meant for other cases: {why}", "另有{n}种情形适用于其他类型：{why}"),
    "share": ("decides the answer over {n} of its range", "在其取值范围的{n}内可单独定论"),
    "share none": (
        "does not decide alone, but the answer depends on it",
        "不能单独定论，但结论取决于它",
    ),
    "nothing alone": (
        "The answer is open, but no single fact in its range decides it.",
        "结论尚不能判定，但没有任何单项事实可以定论。",
    ),
    "and more": ("and {n} more", "另有{n}项"),
    "rule": ("rule", "规则"),
    "share all": ("decides the answer alone, whatever its value", "无论取何值均可单独定论"),
    "about": ("about {n}", "约{n}"),
    "finding": ("{what}: {kind}: {more}", "{what}：{kind}：{more}"),
    "further rows": ("whether there are further rows: {n}", "是否还有其他记录：{n}"),
    "say complete": ("say that the list is complete, or hand in the rest", "声明清单完整，或补交其余记录"),
    "change": ("{what}: from {a} to {b}", "{what}：由{a}变为{b}"),
    "give": ("{what}: {b} (not known so far)", "{what}：{b}（目前未知）"),
    "time alone": ("Time alone is enough: {day}.", "仅需时间经过：{day}。"),
    "counts from": ("counts from {day}", "最早于{day}起算"),
    "carried": (
        "taking next year's other figures as equal to the last year's",
        "假定下一年度其他数据与上年相同",
    ),
    "opens": (
        "takes away what blocks; the missing facts then decide",
        "可消除受阻项，此后由待补充的事实决定",
    ),
    "as of": ("as of {day}", "基准日{day}"),
    "decided by": ("decided by {n}", "由{n}决定"),
    "grade": ("weakest citation: {n}", "最弱引用：{n}"),
    "board": ("board", "板块"),
    "case": ("case", "案例"),
    "date": ("as of", "基准日"),
    "one case": ("1 case", "1个案例"),
    "cases": ("{n} cases", "{n}个案例"),
    "quarantined": ("{n} rows or cells were not read (see quarantine)", "{n}行或单元格未读入（见隔离清单）"),
    "noted": ("{n} findings to look at", "{n}项需要留意"),
    # the workbook
    "by formula": ("by formula", "公式计算"),
    "by gangmu": ("computed by Gangmu: {why}", "由纲目计算：{why}"),
    "why open": ("a fact is unknown or undefined", "有事实未知或无定义"),
    "why none": ("no spreadsheet function does the same", "电子表格无对应函数"),
    "why editions": ("which wording applies is open", "适用版本尚不确定"),
    "why certificate": ("the certificate decides", "以证书为准"),
    "why long": ("too long for a formula", "公式过长"),
    "why close": (
        "closer to the limit than a spreadsheet can tell apart",
        "与界限过近，电子表格精度不足以区分",
    ),
    "col case": ("Case", "案例"),
    "col rule": ("Rule", "规则名"),
    "col what": ("What", "内容"),
    "col value": ("Value", "取值"),
    "col unit": ("Unit", "单位"),
    "col how": ("How", "方式"),
    "col source": ("Source", "来源"),
    "col entity": ("Of", "所属"),
    "col period": ("Period", "期间"),
    "col field": ("Field", "字段"),
    "col text": ("As written", "原文"),
    "col document": ("Document", "文件"),
    "col origin": ("Origin", "数据来源"),
    "col place": ("Place", "位置"),
    "col path": ("Path", "路径"),
    "col article": ("Article", "条款"),
    "col grade": ("Read", "阅读程度"),
    "col from": ("In force from", "生效日"),
    "col to": ("In force until", "失效日"),
    "col table": ("Table", "数据表"),
    "col row": ("Row", "行"),
    "col reason": ("Reason", "原因"),
    "no formulas": (
        "More than {n} cases: the cells hold values, without formulas.",
        "案例超过{n}个：单元格仅有数值，无公式。",
    ),
    # the page
    "report": ("Assessment", "评估报告"),
    "as-of date": ("As-of date", "基准日"),
    "own date": ("each case has its own", "各案例不同"),
    "cases title": ("Cases", "案例数"),
    "rulebook": ("Rulebook", "规则书"),
    "digest": ("Digest", "摘要值"),
    "made with": ("Made with", "制作工具"),
    "summary": ("Summary", "总览"),
    "enterprise": ("Enterprise", "企业"),
    "total": ("Together", "合计"),
    "own choice": (
        "The enterprise's own choice, and what happened",
        "企业自身的选择与实际结果",
    ),
    "own board": ("Board", "板块"),
    "own chosen_standard": ("Standard chosen", "所选标准"),
    "own decision": ("Decision", "实际结果"),
    "own decision_date": ("Date of decision", "决定日期"),
    "papers": ("Papers", "所需材料"),
    "weakest": ("Weakest citation", "最弱引用"),
    "sources": ("Sources cited", "引用来源"),
    "force": ("Force", "效力"),
    "read": ("How it was read", "阅读情况"),
    "record": ("Decision record", "决定记录"),
    "record says": (
        "The same record gives the same answers.",
        "相同的记录得出相同的结论。",
    ),
    "quarantine": ("Not read (quarantine)", "未读入（隔离清单）"),
    "quarantine none": ("Everything in the evidence was read.", "证据已全部读入。"),
    "where": ("Where", "位置"),
    "value": ("Value", "内容"),
    "reason": ("Reason", "原因"),
    "first of": ("the first {k} of {n}", "共{n}项，列出前{k}项"),
    "table only": (
        "{n} further cases stand in the table only.",
        "另有{n}个案例仅列入总览表。",
    ),
    "not shown": (
        "{n} further cases are counted and not shown.",
        "另有{n}个案例仅计数，未列出。",
    ),
    "lines left": ("and {n} more lines: see `gangmu explain`", "另有{n}行，见 gangmu explain"),
    "grades": ("How well a source was read", "来源的阅读程度"),
    "notes": ("Notes on reading the evidence", "读入证据时的说明"),
    "scope": ("What this report is", "本报告的性质"),
    "group met": ("met", "符合"),
    "group blocked": ("blocked", "受阻"),
    "group missing": ("missing", "待补充"),
    "group known": ("known", "已知"),
    "group other": ("other", "其他"),
    "back": ("To the summary", "回到总览"),
    "language": ("Language", "语言"),
    "stands": ("Where it stands", "目前情况"),
    "on the date asked": ("on the date asked for each case", "各案例所询日期"),
    "on that day": ("on {day}", "{day}"),
    "legend": (
        "✓ met   ✗ blocked   ? missing facts   – not in force   ∅ undefined",
        "✓ 符合   ✗ 受阻   ? 待补充   – 未生效或已失效   ∅ 无定义",
    ),
}
FINDING_WORDS = {
    "origins-differ": ("two origins differ", "不同来源的数据不一致"),
    "stated-clash": ("a stated figure clashes with the figures", "直接陈述的数值与明细不符"),
    "origin-not-allowed": ("a fact was not used, for its origin", "数据因来源不符合要求而未采用"),
    "answer-outside-band": ("an expert's answer lies outside its band", "专家评分超出档位范围"),
}


def say(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)


def word(table: dict[str, tuple[str, str]], key: str, lang: str) -> str:
    """A word of a table in `lang`; the key itself if the table does not have it."""
    pair = table.get(key)
    return key if pair is None else pair[AT[lang]]


def standing_text(lang: str, day: str) -> str:
    """What Gangmu is and is not (for reports)."""
    return _STANDING[AT[lang]].format(day=day)


_STANDING = (
    (
        "Gangmu calculates published rules as they were in force {day}, from the evidence "
        "handed in. It never says “will be listed” or “will be lent”: it says met, blocked "
        "or missing, who decides, and by which source. Meeting the numbers is not holding a title; it is "
        "held only by certificate. What is unknown is said to be unknown, never taken for zero or for no. "
        "This is no legal, investment or credit advice."
    ),
    (
        "纲目按{day}有效的公开规则，依据所提交的证据进行计算。"
        "它从不说“将会上市”或“将获贷款”，只说符合、受阻或待补充，由谁决定，依据何在。"
        "达到数值条件不等于持有资质，资质仅凭证书认定。未知的事实如实标为未知，绝不当作零或“否”。"
        "本报告不构成法律、投资或信贷意见。"
    ),
)
