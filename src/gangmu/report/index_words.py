"""The words of a report on an index, in English and Chinese (as `words`, for this one report)."""

from __future__ import annotations

from gangmu.report.words import AT

_PHRASES: dict[str, tuple[str, str]] = {
    "rank": ("rank", "位次"),
    "unit": ("unit", "对象"),
    "name": ("name", "名称"),
    "score": ("score", "得分"),
    "band": ("ranks in 9 of 10 runs", "九成方案下的位次"),
    "band low": ("best", "最好"),
    "band high": ("worst", "最差"),
    "median": ("median rank", "位次中位数"),
    "tier": ("tier", "梯队"),
    "moved": ("moved", "升降"),
    "was": ("was", "上期"),
    "year": ("year", "年份"),
    "indicator": ("indicator", "指标"),
    "group": ("group", "分组"),
    "part of": ("part of", "所属"),
    "weight": ("weight", "权重"),
    "stage": ("stage", "步骤"),
    "method": ("method", "方法"),
    "on what": ("on what it rests", "依据"),
    "factor": ("choice", "选择"),
    "first": ("first order", "一阶效应"),
    "total": ("total", "总效应"),
    "interval": ("90% interval", "90% 区间"),
    "tries": ("tried", "试用"),
    "units of": ("{n} units", "{n} 个对象"),
    "unranked": ("{n} without a score (too few figures): {names}", "{n} 个因数据不足未评分：{names}"),
    "runs": (
        "{n} runs over {m} uncertain choices, seed {seed}: a band holds nine runs in ten",
        "{n} 次试算，{m} 项不确定选择，随机种子 {seed}：区间覆盖九成试算",
    ),
    "no runs": (
        "the page declares nothing that varies: a rank without its band",
        "该页未声明可变动的选择：位次没有区间",
    ),
    "clear": (
        "{n} of {m} pairs of neighbours keep their order in 95% of runs",
        "{m} 对相邻位次中，有 {n} 对在 95% 的试算中次序不变",
    ),
    "missing cells": ("{n} of {m} figures were missing", "{m} 个数据中缺 {n} 个"),
    "filled cells": (
        "{n} of {m} figures were filled in by their publisher",
        "{m} 个数据中有 {n} 个由发布方补齐",
    ),
    "beyond": ("still with outliers: {names}", "仍有离群值：{names}"),
    "constant": ("alike for all units, so they tell nothing: {names}", "各对象取值相同，无区分作用：{names}"),
    "weakest": ("weakest grade of what it rests on: {grade}", "依据中最弱的可靠程度：{grade}"),
    "sobol": (
        "Which choice moves ranks (Sobol indices of the mean change of rank, {n} runs)",
        "哪项选择影响位次（平均位次变动的 Sobol 指数，{n} 次试算）",
    ),
    "stage screen": ("coverage", "覆盖筛选"),
    "stage impute": ("missing values", "缺失值"),
    "stage treat": ("outliers", "离群值"),
    "stage normalise": ("one scale", "标准化"),
    "stage weigh": ("weights", "权重"),
    "stage aggregate": ("aggregation", "合成"),
    "stage weights": ("weights", "权重"),
    "stage leave_out": ("elements left out", "剔除要素"),
    "written": ("written: {name}", "已写出：{name}"),
    "our own": ("our own choice: {why}", "自定：{why}"),
}


def say(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` (`en` or `zh`) with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)
