"""The words of the site, in English and Chinese: one table, so that a translator needs no code."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, str]] = {
    "home": ("Home", "首页"), "plan": ("Plan", "规划"), "tasks": ("Ten tasks", "十大任务"), "task": ("Task", "任务"),
    "rulebook": ("Rulebook", "规则库"), "enterprises": ("Enterprises", "企业"), "portfolios": ("Portfolios", "企业组合"),
    "compare": ("Compare", "对比"), "changes": ("Changes", "变化"), "account": ("Account", "账户"), "people": ("People", "人员"),
    "audit": ("Audit log", "审计日志"), "sign in": ("Sign in", "登录"), "sign out": ("Sign out", "退出"),
    "login": ("Login", "登录名"), "password": ("Password", "密码"), "skip": ("To the content", "跳到正文"),
    "language": ("中文", "English"), "as of": ("As of", "基准日"), "show": ("Show", "查看"), "search": ("Search", "搜索"),
    "search rules": ("Search rules, in English or Chinese", "按中文或英文搜索规则"),
    "tagline": ("What the plan asks, what is open to an enterprise, and by which source.", "规划要求什么，企业能用什么，依据何在。"),
    "lead": (
        "Published rules, dated and cited, worked out for one enterprise or a million. An answer says met, blocked or missing, who decides, and where it stands written. It never says that somebody will lend or list.",
        "已公布的规则，注明日期与出处，既可用于一家企业，也可用于百万家。答案只说符合、受阻或待补充，由谁决定，写在何处；从不断言会放款或会上市。",
    ),
    "indicators": ("Indicators", "指标"), "indicator": ("Indicator", "指标"), "baseline": ("Baseline", "基期值"), "target": ("Target", "目标值"),
    "latest": ("Latest", "最新值"), "state": ("State", "状态"), "met": ("met", "已达标"), "missed": ("missed", "未达标"),
    "under_way": ("under way", "进行中"), "disputed": ("sources disagree", "来源不一致"), "not_judgeable": ("cannot be judged", "无法判定"),
    "no_target": ("no target", "无目标"), "sub-tasks": ("What it asks", "主要内容"), "channels": ("Channels that finance it", "可用融资渠道"),
    "pages": ("Pages", "页面"), "rules": ("rules", "条规则"), "sources": ("Sources", "出处"), "reads": ("Rests on", "依据"),
    "read by": ("Read by", "被引用于"), "in force": ("In force", "有效期"), "as written": ("As it is written", "规则原文"),
    "numbers": ("Numbers", "数值"), "ours": ("Our own, not law", "本系统自定，非法律规定"), "found": ("{n} found", "找到{n}条"),
    "nothing": ("Nothing here yet.", "这里还没有内容。"), "new enterprise": ("New enterprise", "新建企业"), "name": ("Name", "名称"),
    "create": ("Create", "新建"), "from file": ("From a file (form or paper, .xlsx or .csv)", "从文件导入（表单或报表，.xlsx 或 .csv）"),
    "empty form": ("Empty form (.xlsx)", "空白表单（.xlsx）"), "facts": ("Facts", "事实"), "answers": ("Answers", "答案"), "save": ("Save", "保存"),
    "saved": ("Saved as version {n}.", "已保存为第{n}版。"), "next": ("What matters next", "接下来最要紧的"), "goal": ("Goal", "目标"),
    "all facts": ("All facts of {n}", "{n}的全部事实"), "rows": ("rows", "行"), "add row": ("Add a row", "添加一行"),
    "why": ("Why", "理由"), "blocks": ("What blocks", "受阻之处"), "missing": ("What is missing", "待补充"),
    "ways": ("The shortest lawful way", "最近的合规路径"), "stands": ("Where it stands", "现状"), "papers": ("Papers", "所需材料"),
    "decides": ("Decided by", "决定者"), "changed": ("Changed", "修改于"), "version": ("Version", "版本"), "delete": ("Delete", "删除"),
    "yes": ("yes", "是"), "no": ("no", "否"), "unsaid": ("not said", "未填"), "upload": ("Upload", "上传"), "file": ("File (.parquet, .csv, .xlsx)", "文件（.parquet、.csv、.xlsx）"),
    "waiting": ("waiting", "等待中"), "running": ("running", "运行中"), "done": ("done", "完成"), "failed": ("failed", "失败"),
    "of rows": ("{a} of {b} enterprises", "{b}家企业中的{a}家"), "funnel": ("By outcome", "按结果"), "outcome": ("Outcome", "结果"),
    "enterprise": ("Enterprise", "企业"), "download": ("Download", "下载"), "filter": ("Filter", "筛选"), "any": ("any", "不限"),
    "status": ("Status", "状态"), "set aside": ("Set aside while reading", "读取时搁置"), "first": ("The first {n}", "前{n}家"),
    "refused": ("That did not work", "未能完成"), "expected": ("expected", "应为"), "to do": ("to do", "怎么办"), "no page": ("there is no such page", "没有这个页面"),
    "back": ("Back", "返回"), "role": ("Role", "角色"), "institution": ("Institution", "机构"), "tokens": ("Tokens for programs", "程序令牌"),
    "make token": ("Make a token", "生成令牌"), "token once": ("Copy it now; it is not shown again.", "请立即复制，之后不再显示。"), "scope": ("Scope", "权限范围"),
    "days": ("days", "天"), "add person": ("Add a person", "添加人员"), "active": ("active", "有效"), "close": ("Close", "停用"), "open": ("Open", "启用"),
    "before": ("Before", "之前"), "after": ("After", "之后"), "no change": ("No answer differs.", "答案没有差别。"), "versions": ("Versions", "版本"),
    "days compare": ("Two days", "两个日期"), "first day": ("First day", "第一个日期"), "second day": ("Second day", "第二个日期"),
    "print": ("This page prints as a memo.", "本页可直接打印为备忘录。"), "demo": ("Demonstration: everybody sees the same data.", "演示：所有人看到同样的数据。"),
    "example": ("Open the shipped example", "打开自带示例"), "year": ("year", "年"), "value": ("value", "数值"), "source": ("source", "来源"),
    "no script": ("Without scripts: press Save to see the answers move.", "未启用脚本：按“保存”查看答案变化。"), "unit": ("unit", "单位"),
    "asks way": ("Nothing that this enterprise may lawfully change meets it.", "企业依法可改变的事项都不足以满足。"),
    "lists": ("Lists that are complete", "已列全的表"), "open channels": ("Met", "符合"), "all": ("All", "全部"),
    "recognition": ("Recognitions", "认定与评价"), "capability": ("Capability", "能力等级"), "competition": ("Competition", "竞争"),
    "evidence": ("Evidence", "事实"), "channel": ("Channels", "融资渠道"),
}  # fmt: skip


def say(key: str, lang: str, **parts: object) -> str:
    """A word or phrase. A key that is not here is an error of ours."""
    return _WORDS[key][lang == "zh"].format(**parts)


def say_if(key: str, lang: str) -> str:
    """As `say`; the key itself where there is no word for it."""
    return say(key, lang) if key in _WORDS else key
