"""What the page about the API says in Chinese; in English the schema says it itself.

A test holds that every operation, shape and status is here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "answering": ("Ask about facts that are sent along", "就随请求发送的事实提问"),
    "keeping": ("Keep enterprises", "保存企业"),
    "portfolios": ("Portfolios", "企业组合"),
    "reading": ("Read the rulebook and the plan", "查阅规则库与规划"),
}
"""In the order of the page."""

VERBS: Final[Mapping[str, str]] = {
    "assess": "对一家企业逐条给出所问规则的结果：状态、数值或上下界、依据等级。",
    "explain": "说明一条规则为何得出该结果：理由与出处、待补充的事实、最近的合规路径。",
    "channels": "哪些渠道可以同时使用（`rules` 填渠道或渠道组），它们共用什么。",
    "due": "到 `until` 为止，即使什么都不做答案也会改变的日期。",
    "reform": "改动数值对随请求发送的企业有何影响：谁受益、谁受损、合计多少。",
    "decide": "同 assess，进程内不到一毫秒；不含依据等级和记录。",
    "list_enterprises": "企业列表，最近修改的在前。",
    "add_enterprise": "保存一家企业。",
    "get_enterprise": "一家企业及其事实。",
    "save_enterprise": "替换某一版本的事实。",
    "delete_enterprise": "删除一家企业及其全部版本。",
    "delete_portfolio": "删除一个企业组合及其结果；如无其他企业组合使用，其上传文件一并删除。",
    "list_portfolios": "企业组合列表，最新的在前。",
    "add_portfolio": "发送一张表（请求体即文件），在后台计算。",
    "get_portfolio": "一个企业组合及其进度。",
    "get_answers": "答案，Parquet 或每行一个 JSON；`where=规则:状态` 可多次使用，须同时满足。",
    "diff_portfolios": "一个组合的哪些答案在另一个组合中不同，是法规、事实还是时间所致。",
    "reform_portfolio": "改动数值对一个组合中的企业有何影响。",
    "list_books": "本站提供的规则库。",
    "search_rules": "名称、标签或注释含 `search` 的规则，每次最多 500 条；给出 `as_of` 则只列当日有效的。",
    "get_rule": "按全名或短名取一条规则；给出 `as_of` 则只含当日有效的文本。",
    "list_indicators": "某日各项指标的现状。",
    "track": "规划（默认全部页面）各目标的现状、进度与可能的终值。",
    "shipped_index": "用规则库自带数据计算的综合指数，附十次中九次的位次区间。",
    "index": "用随请求发送的数据计算综合指数。",
    "template": "一张空白工作簿，询问规则（默认为各项结果）所需的事实。",
    "sql": "把规则写成一条查询语句，可阅读，也可在自己的数据仓库中运行。",
}
"""Each operation by its name in the schema."""

SHAPES: Final[Mapping[str, str]] = {
    "AnswerShape": "一个答案：状态、数值或上下界（精确数以文本表示）、最弱的依据等级。",
    "Answered": "各规则的答案、未读入的内容，以及可重现相同答案的记录。",
    "BookShape": "一个规则库。",
    "Change": "一项改革：按路径改动数值，写法同 `gangmu reform --set`，或从低到高逐一试算。",
    "Changed": "用来替换第 `version` 版的事实。",
    "Channels": "哪些渠道可以同时使用：有多少组合、首选组合、共用的资源。",
    "CiteShape": "规则写在何处，核对程度如何。",
    "Decided": "各规则的答案，不含依据等级：快速方式。",
    "Due": "什么都不做答案也会改变的日期。",
    "EditionShape": "规则的一版文本：自何日（含）起、至何日（不含）止，数值按路径列出。",
    "EnterpriseShape": "一家已保存的企业。",
    "Facts": "一家企业：按字段列出的事实，按实体列出的各行。",
    "Indexed": "一个指数：每个单位的得分、位次，以及十次中九次的位次区间。",
    "IndicatorShape": "某日的一项指标。",
    "Label": "名称。",
    "Moved": "一次计算与另一次相比哪些答案不同，原因是法规、事实还是时间。",
    "NewEnterprise": "要保存的一家企业。",
    "Outlook": "关于到 `until`（默认一年）为止的提问。",
    "PortfolioShape": "一个企业组合及其进度。",
    "ProblemDetails": "一次拒绝（RFC 9457）；`problems` 一次列出全部问题。",
    "Query": "写成一条查询语句的规则。",
    "Question": "事实、所问规则（默认为各项结果）、日期（默认今天）。",
    "Reform": "对随请求发送的企业试行规则改动。",
    "Reformed": "改动的影响：合计、谁从何处到何处、所要的个案。",
    "RuleShape": "一条规则：各版文本及出处、它读取什么、谁读取它。",
    "SharedShape": "几个渠道共用的资源：金额从不相加。",
    "Told": "一条规则为何得出该结果：待补充的事实、最近的合规路径、文字理由。",
    "Tracked": "规划各目标的现状、速度与可能的终值。",
    "Trouble": "所发内容中的一处问题。",
    "Turn": "答案自行改变的一天。",
    "Units": "指数的各单位，每行一个，以及不确定性的计算方式。",
    "UseShape": "组合中的一个渠道；区间两端为最少与最多（精确数以文本表示）。",
}
"""Each shape by its name in the schema."""

STATUSES: Final[Mapping[str, str]] = {
    "400": "不是 JSON",
    "401": "未登录",
    "403": "无权限",
    "404": "未找到",
    "408": "发送过慢",
    "409": "期间已被他人修改",
    "413": "过大",
    "414": "地址过长",
    "421": "不提供该主机名的服务",
    "422": "无法理解",
    "429": "过快",
    "431": "请求头过多",
    "503": "耗时过长",
}
"""What a refusal means, by its status."""
