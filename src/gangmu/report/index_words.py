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
    "how sure": ("How sure the ranks are", "位次有多可靠"),
    "how sure text": (
        "The dot is the rank by the method of the page, the bar the ranks of nine runs in ten.",
        "圆点为按本页方法所得位次；横条为九成试算所得位次的范围，每次试算采用其他合理选择。",
    ),
    "outside": (
        "A dot outside its bar: few other choices rank this unit so.",
        "圆点落在横条之外，表示很少有其他选择给出该位次。",
    ),
    "map": ("On the map", "分布图"),
    "map text": (
        "Each square is one unit at about its place; the number is its rank, darker is a higher tier.",
        "每个方格代表一个对象，位置大致对应其方位；数字为位次，颜色越深梯队越高。",
    ),
    "table": ("Ranks", "位次表"),
    "firm": ("more than the choices can explain", "超出方法选择所能解释的范围"),
    "since": ("since {year}", "较{year}年"),
    "new": ("new", "新增"),
    "profiles": ("Unit by unit", "逐个查看"),
    "figure": ("figure", "数据"),
    "own place": ("place", "单项位次"),
    "points": ("points", "贡献分"),
    "of points": ("{points} of {score}", "{score} 分中占 {points} 分"),
    "method head": ("Method", "方法"),
    "choices head": ("Which choice moves ranks", "哪项选择影响位次"),
    "choices text": (
        "Grey: all that a choice does to the mean change of rank (total Sobol index), {n} runs.",
        "灰色：该选择对平均位次变动的总效应（Sobol 总指数），{n} 次试算。",
    ),
    "choices blue": ("Blue: what it does alone.", "蓝色：其单独效应。"),
    "audit head": ("Do the indicators go together?", "指标是否一致"),
    "with group": ("with its group", "与所属分组相关"),
    "with index": ("with the index", "与总指数相关"),
    "influence": ("influence", "实际影响"),
    "alpha": ("Cronbach's alpha", "克龙巴赫 α"),
    "left out": ("ranks move if left out (mean, most)", "剔除后位次变动（平均、最大）"),
    "flag collinear": (
        "{a} and {b} say nearly the same (correlation {v})",
        "{a}与{b}几乎重复（相关系数 {v}）",
    ),
    "flag opposed": (
        "{a} and {b} pull against each other (correlation {v})",
        "{a}与{b}方向相反（相关系数 {v}）",
    ),
    "flag silent": ("{a} hardly moves its group (correlation {v})", "{a}几乎不影响所属分组（相关系数 {v}）"),
    "no flags": ("Nothing beyond the limits of the audit.", "未发现超出审查界限的情况。"),
    "record": ("Decision record", "计算记录"),
    "estimate": (
        "A composite index is a construction: its ranks hold for the choices that the page names.",
        "综合指数是人为构造：位次取决于本页所列的方法选择。",
    ),
    "sources": ("Figures and their sources", "数据与来源"),
    "unit of": ("measured in", "单位"),
    "less is better": ("(less is better)", "（越低越好）"),
    "our own": ("our own choice: {why}", "自定：{why}"),
}


# Methods of the stages (`rulebook.choices`), as a reader calls them.
METHOD_WORDS: dict[str, tuple[str, str]] = {
    "none": ("none", "不处理"),
    "coverage": ("coverage", "按覆盖率"),
    "coverage_of_parts": ("coverage of each group", "按各组覆盖率"),
    "published": ("as published", "采用发布方补值"),
    "mean": ("mean", "均值"),
    "median": ("median", "中位数"),
    "group_mean": ("mean of the group", "组均值"),
    "group_median": ("median of the group", "组中位数"),
    "nearest": ("nearest units", "近邻均值"),
    "carried": ("carried forward", "沿用上期"),
    "interpolated": ("interpolated", "线性内插"),
    "winsorise": ("winsorised", "缩尾"),
    "log": ("logarithm", "取对数"),
    "box_cox": ("Box-Cox", "Box-Cox 变换"),
    "winsorise_or_log": ("winsorised, or logarithm", "缩尾，不足则取对数"),
    "winsorise_or_box_cox": ("winsorised, or Box-Cox", "缩尾，不足则 Box-Cox 变换"),
    "clip": ("clipped", "截尾"),
    "min_max": ("min-max", "极差标准化"),
    "goalposts": ("goalposts", "固定标杆"),
    "z_score": ("z-score", "z 分数"),
    "rank": ("rank", "位次"),
    "percentile": ("percentile", "百分位"),
    "borda": ("Borda count", "波达计数"),
    "distance_to_maximum": ("distance to the maximum", "与最大值的距离"),
    "fraction_of_maximum": ("fraction of the maximum", "占最大值比例"),
    "scaled": ("scaled", "线性缩放"),
    "given": ("as given", "给定"),
    "equal": ("equal", "等权"),
    "budget": ("budget of experts", "专家预算分配"),
    "ahp": ("comparisons in pairs (AHP)", "层次分析法"),
    "pca": ("principal component", "主成分"),
    "equal_influence": ("equal influence", "等影响"),
    "benefit_of_the_doubt": ("benefit of the doubt", "有利权重（BoD）"),
    "arithmetic": ("arithmetic mean", "算术平均"),
    "geometric": ("geometric mean", "几何平均"),
    "harmonic": ("harmonic mean", "调和平均"),
    "copeland": ("Copeland", "Copeland 计分"),
    "outranking": ("outranking", "优序法"),
}


def method_word(method: str, lang: str) -> str:
    """What a method is called in `lang`."""
    return METHOD_WORDS[method][AT[lang]]


def say(lang: str, key: str, **parts: object) -> str:
    """A phrase in `lang` (`en` or `zh`) with its parts filled in."""
    return _PHRASES[key][AT[lang]].format(**parts)
