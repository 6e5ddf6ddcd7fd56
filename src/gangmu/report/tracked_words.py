"""The words of target tracking in English and Chinese: statuses, reasons, headings, sentences."""

from __future__ import annotations

from typing import Final

from gangmu.report.words import AT

STATUS: Final = {
    "met": ("met", "已达成"),
    "missed": ("missed", "未达成"),
    "on_track": ("on track", "进度正常"),
    "likely": ("likely", "较可能达成"),
    "off_track": ("off track", "进度滞后"),
    "disputed": ("disputed", "数据有争议"),
    "not_judgeable": ("not judgeable", "无法判定"),
    "no_target": ("no target", "未设目标"),
}
SIGN: Final = {
    "met": "✓", "missed": "✗", "on_track": "↑", "likely": "↗", "off_track": "↓", "disputed": "≠",
    "not_judgeable": "?", "no_target": "–",
}  # fmt: skip
BY: Final = {
    "values": ("by published values", "依据已公布数值"),
    "probability": ("by the projection", "依据预测概率"),
    "pace": ("by its pace", "依据进度"),
    "": ("", ""),
}
PROGRESS: Final = {
    "on_track": ("on track", "进度正常"),
    "acceleration_needed": ("acceleration needed", "需加快"),
    "limited": ("limited", "进展有限"),
    "deterioration": ("deterioration", "倒退"),
}
ASIDE: Final = {
    "bound": ("only a bound (“over”, “under”)", "仅为上下限（“超过”“不足”）"),
    "part_of_year": ("not the end of a year", "非年末值"),
    "other_basis": ("counted on another basis", "口径不同"),
    "before_break": ("before a break in the series", "序列中断之前"),
}
LEVEL: Final = {
    "nation": ("nation", "全国"), "province": ("province", "省"), "city": ("city", "市"),
    "county": ("county", "县"),
}  # fmt: skip
NATURE: Final = {"expected": ("expected", "预期性"), "binding": ("binding", "约束性")}
MODEL: Final = {
    "damped": ("a damped trend", "阻尼趋势"),
    "local": ("a local linear trend", "局部线性趋势"),
    "logistic": ("logistic diffusion", "逻辑斯蒂扩散"),
    "naive": ("no change", "保持不变"),
}
GRADE: Final = {
    "official": ("official", "官方原文"),
    "transcriptions": ("transcriptions", "转录一致"),
    "secondary": ("secondary", "转述"),
    "recalled": ("recalled", "记忆"),
    "conflict": ("conflict", "来源冲突"),
    "": ("", ""),
}
_PHRASES: Final = {
    "title": ("Targets on {day}", "{day}的目标进展"),
    "count": ("{n} targets: {counts}", "{n}项目标：{counts}"),
    "counted": ("{n} {status}", "{status}{n}项"),
    "list": (", ", "、"),
    "indicator": ("indicator", "指标"),
    "base": ("base {year}", "基期{year}"),
    "target": ("target {year}", "目标{year}"),
    "base any": ("base", "基期"),
    "target any": ("target", "目标"),
    "latest": ("latest", "最新"),
    "trend": ("trend", "走势"),
    "way": ("way", "完成度"),
    "pace": ("pace", "进度比"),
    "ends": ("{year}: 80% band", "{year}年：80%区间"),
    "chance": ("chance", "概率"),
    "status": ("status", "状态"),
    "grade": ("rests on", "依据等级"),
    "whole": ("The plan as a whole", "规划总体"),
    "no indicator": ("no indicator with a target", "无量化目标指标"),
    "conflicts": ("Sources that differ", "来源不一致"),
    "against": (" against ", "，而"),
    "value of": ("{value} ({source})", "{value}（{source}）"),
    "aside": ("Set aside, not compared: {counts}.", "未参与比较的数值：{counts}。"),
    "aside of": ("{n} {reason}", "{reason}{n}个"),
    "pace says": (
        (
            "way: part of the way from base to target. pace: growth a year so far over growth a year "
            "required from the base, linear and compound (Eurostat; Statistics Canada: from 95% on "
            "track, from 60% acceleration needed)."
        ),
        (
            "完成度：从基期到目标已走的比例。进度比：实际年均增长与所需年均增长之比，"
            "线性与复合（欧盟统计局；加拿大统计局：95%及以上为进度正常，60%及以上为需加快）。"
        ),
    ),
    "band says": (
        (
            "Bands and chances: the mean of {models}, with the errors that it made on {cases} cases of "
            "other series (World Bank); below six comparable points a spread without chance. `gangmu "
            "track --backtest` scores them."
        ),
        (
            "区间与概率：{models}的均值，误差取自世界银行其他序列的{cases}个样本；"
            "可比数据少于六个时只给范围、不给概率。`gangmu track --backtest` 检验其准确度。"
        ),
    ),
    "more": (
        "{n} further series have no target: --all shows them.",
        "另有{n}个序列未设目标，用 --all 显示。",
    ),
    "spread": ("{low} – {high} (spread)", "{low}–{high}（范围）"),
    "band": ("{low} – {high}", "{low}–{high}"),
    "under": ("under {p}", "低于{p}"),
    "over": ("over {p}", "高于{p}"),
    "at least": ("≥ {n}", "≥{n}"),
    "at most": ("≤ {n}", "≤{n}"),
    "of period": ("{value} · {period}", "{value} · {period}"),
    "targets": ("Targets", "目标"),
    "split": (
        "{label}: {n} targets below come to {total}, {part} of {target}.",
        "{label}：下级{n}项目标合计{total}，为{target}的{part}。",
    ),
    "label in": ("{a}, {b}", "{b}{a}"),
    "proposals": ("Draft targets, from what was known on {day}", "拟定目标，依据截至{day}的数据"),
    "last value": ("last", "最新年值"),
    "year": ("year", "年份"),
    "draft": ("draft", "拟定值"),
    "with 50%": ("50% reach", "50%可达"),
    "with 70%": ("70% reach", "70%可达"),
    "with 90%": ("90% reach", "90%可达"),
    "why over": ("that year is known already", "该年数值已公布"),
    "why few_points": ("fewer than six comparable points", "可比数据少于六个"),
    "why too_far": ("farther ahead than was calibrated", "超出已校准的年限"),
    "band any": ("80% band", "80%区间"),
    "base of": ("base {year}", "{year}年基期值"),
    "target of": ("target {year}", "{year}年目标值"),
    "aim": ("target {value}", "目标 {value}"),
    "level": ("level", "层级"),
    "nature": ("nature", "性质"),
    "lead": ("lead department", "牵头部门"),
    "lead unknown": ("not known", "未知"),
    "producer": ("producer", "数据来源单位"),
    "values": ("Published values", "已公布数值"),
    "period": ("period", "时期"),
    "value": ("value", "数值"),
    "published": ("published", "发布日期"),
    "source": ("source", "来源"),
    "sources": ("Sources", "来源"),
    "remarks": ("remarks", "说明"),
    "not dated": ("not dated", "日期不详"),
    "chart says": (
        (
            "Charts: full dots are comparable values, hollow diamonds values on which sources differ, "
            "triangles bounds, small rings what is not compared; dashed from base to target the path "
            "required; the tinted band where four of five such series would end."
        ),
        (
            "图中：实心点为可比数值，空心菱形为来源不一致的数值，三角为上下限，小圈为未参与比较的数值；"
            "虚线为从基期到目标所需的路径；阴影为80%预测区间。"
        ),
    ),
    "unit persons": ("persons", "人"),
    "unit points": ("points", "分"),
    "backtest": ("{year}, as it would have been forecast", "对{year}年的事后检验"),
    "known by": ("known by", "已知截至"),
    "points": ("points", "点数"),
    "last known": ("last year", "最后年份"),
    "forecast": ("forecast", "预测"),
    "came": ("came to {value}", "实际{value}"),
    "held": ("held", "命中"),
    "error": ("error", "误差"),
    "naive": ("no change", "不变"),
    "linear": ("linear pace", "线性进度"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "too few": ("too few points: no forecast, spread only", "点数不足：仅给范围，不作预测"),
    "own": ("the plan's own indicators", "规划自身指标"),
    "all series": ("all series", "全部序列"),
    "score": (
        (
            "{who}: {n} forecasts; mean absolute error {a} (no change {b}, linear pace {c}); bands of "
            "80% held {k} of {n} (95% interval {low} to {high})."
        ),
        (
            "{who}：{n}次预测；平均绝对误差{a}（不变{b}，线性进度{c}）；"
            "80%区间命中{k}/{n}次（95%置信区间{low}至{high}）。"
        ),
    ),
    "no score": ("{who}: no forecast could be made.", "{who}：无法作出预测。"),
    "backtest says": (
        (
            "Only values published by the day count; {n} points without a known day of publication count "
            "from a year after their period. Forecasts of one indicator from several days are not "
            "independent: the interval is at best that wide. Models and bands come from other series; "
            "one choice among those was made after a first look (docs/tracking.md)."
        ),
        (
            "仅计入当日前已公布的数值；{n}个未知发布日期的数据自其所属期末一年后计入。"
            "同一指标的多次预测并非相互独立，实际不确定性不小于所列区间。模型与区间来自其他序列；"
            "其中一项取舍是在初看结果之后作出的（见 docs/tracking.md）。"
        ),
    ),
}  # fmt: skip


def tell(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)
