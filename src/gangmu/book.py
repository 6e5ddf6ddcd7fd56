"""The façade: a loaded rulebook that assesses evidence and explains answers.

Thin on purpose: it finds the date and the rules asked, reads evidence once, calls the engine, and hands the
answers to `report`. All of these are imported when they are needed: a book alone is loaded at once.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gangmu.errors import Problem, QuestionError
from gangmu.rulebook.files import is_shipped
from gangmu.rulebook.load import load as load_model
from gangmu.rulebook.model import Rule, Rulebook

if TYPE_CHECKING:
    from gangmu.engine.assessed import Engine
    from gangmu.engine.dates import Dating
    from gangmu.engine.explain import Reason
    from gangmu.engine.interpreter import Run
    from gangmu.engine.missing import Missing
    from gangmu.engine.prepared import Prepared
    from gangmu.engine.sql.places import Warehouse
    from gangmu.engine.way import Proposal
    from gangmu.evidence.cases import Evidence
    from gangmu.evidence.reach import Reach
    from gangmu.plan.backtest import Trial
    from gangmu.plan.propose import Drafted
    from gangmu.reform.compare import Listing
    from gangmu.report.channels import Together
    from gangmu.report.diff import DiffResult
    from gangmu.report.due import DueResult
    from gangmu.report.indexed import IndexResult
    from gangmu.report.reformed import ReformResult
    from gangmu.report.result import Result
    from gangmu.report.stored_run import StoredRun
    from gangmu.report.tracked import Tracking
    from gangmu.stream import Streamed

ENGINE = "interpreter"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule came out as it did for one case: reasons, what is missing, the shortest lawful ways.

    The reasons are there at once. What is missing and the ways are searched for when they are first asked
    for: a search may take a thousand times as long.
    """

    run: Run
    name: str
    tree: Reason
    _found: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The missing facts that matter, most deciding first."""
        from gangmu.engine.missing import missing_facts

        if "missing" not in self._found:
            self._found["missing"] = tuple(missing_facts(self.run, self.name, self.tree))
        found: tuple[Missing, ...] = self._found["missing"]
        return found

    @property
    def ways(self) -> tuple[Proposal, ...]:
        """The smallest lawful changes that make the rule met; none unless it is blocked."""
        from gangmu.engine.way import shortest_ways

        if "ways" not in self._found:
            self._found["ways"] = tuple(shortest_ways(self.run, self.name, self.tree))
        found: tuple[Proposal, ...] = self._found["ways"]
        return found

    def to_dict(self) -> dict[str, object]:
        """The explanation as plain data (what `--json` prints)."""
        from gangmu.report.terminal import explanation_json

        return explanation_json(self.run, self.tree, self.missing, self.ways)


@dataclass(frozen=True, slots=True)
class Book:
    """A checked rulebook, ready to be asked."""

    model: Rulebook

    @property
    def name(self) -> str:
        """The rulebook's name."""
        return self.model.name

    @property
    def digest(self) -> str:
        """SHA-256 over every file of the rulebook and of those that it extends."""
        return self.model.digest

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The rules answered when none are asked, by their shortest names."""
        return tuple(self.model.column_name(name) for name in self.model.outcomes)

    def read(
        self, evidence: object, mapping: str | Path | None = None, rules: Sequence[str] | None = None
    ) -> Evidence:
        """Read evidence (a path, an address, a dict of tables, or a dict for one case).

        With `rules` only what these can reach is read, and only they can be asked of it: much less, where
        tables are broad. Raises `EvidenceError`, or `QuestionError` for an unknown rule.
        """
        from gangmu.engine.assess import resolve_rules
        from gangmu.evidence.reach import reach_of

        reach = None if rules is None else reach_of(self.model, resolve_rules(self.model, rules))
        return _within(self.model, evidence, mapping, reach)

    def assess(  # noqa: PLR0913  each question a user may put has its keyword
        self, evidence: object, as_of: str | date | None = None, rules: Sequence[str] | None = None, *,
        cases: Sequence[str] | None = None, mapping: str | Path | None = None, engine: Engine = "auto",
        warehouse: Warehouse | None = None, advance: Callable[[], object] = lambda: None,
    ) -> Result:  # fmt: skip
        """Assess every case: one row a case, for each rule asked its value, bounds, status, grade.

        `as_of` is a date (ISO text or `date`) for all, a column that holds dates, or both (`as_of,today`);
        left out, the evidence's own `as_of` column counts. `rules` are names (default: the outcomes), `cases`
        keys (default: all). `engine` is `auto`, `kernel`, `interpreter`, or `sql`, which runs one query in a
        warehouse (`engine.sql.places`; DuckDB if none is given); the answers are the same. Raises
        `EvidenceError` or `QuestionError`. Of evidence that is not read yet, only what the rules can reach
        is read.
        """
        from gangmu.engine.assess import resolve_rules
        from gangmu.engine.assessed import assess
        from gangmu.engine.dates import read_dating
        from gangmu.evidence.reach import reach_of
        from gangmu.report.result import Result

        names = resolve_rules(self.model, rules)
        read = _within(self.model, evidence, mapping, reach_of(self.model, names))
        dating = read_dating(as_of)
        chosen = read if cases is None else read.only(cases)
        days = dating.column_of(chosen)
        found = assess(
            self.model, chosen, names, days, engine=engine, warehouse=warehouse, advance=advance
        )  # fmt: skip
        record = self.record(read.digest, dating, names) | found.made.record()
        columns = self._columns(rules, names)
        return Result.build(self.model, columns, names, found, record, read.quarantine, read.notes)

    def assess_into(  # noqa: PLR0913  as `assess`
        self, evidence: str | Path, output: str | Path, as_of: str | date | None = None,
        rules: Sequence[str] | None = None, *, mapping: str | Path | None = None, engine: Engine = "auto",
        resume: bool = False, part_cases: int | None = None,
        total: Callable[[int], object] = lambda _: None, advance: Callable[[int], object] = lambda _: None,
    ) -> Streamed:  # fmt: skip
        """Assess what may be larger than memory into a Parquet file, part by part.

        `evidence` is a Parquet file, a folder of such, or a DuckDB file. Finished parts stand in
        `OUTPUT.parts` until the end; with `resume` a stopped run goes on from them. `part_cases` enterprises
        are worked out at a time; `total` is called with the number of rows that there are, `advance` with how
        many more are done. The table is that of
        `assess`; what was set aside, and findings, are written beside. Raises `GangmuError`.
        """
        from gangmu.engine.assess import resolve_rules
        from gangmu.engine.assessed import assess
        from gangmu.engine.dates import read_dating
        from gangmu.evidence.parts import find_whole, nothing_to_cut
        from gangmu.evidence.reach import reach_of
        from gangmu.report.result import Result
        from gangmu.stream import stream

        names, dating = resolve_rules(self.model, rules), read_dating(as_of)
        columns = self._columns(rules, names)

        def answer(read: Evidence) -> Result:
            found = assess(self.model, read, names, dating.column_of(read), engine=engine)
            return Result.build(self.model, columns, names, found, found.made.record(), coded=True)

        whole = find_whole(Path(evidence), self.model, mapping)
        if whole is None:
            raise nothing_to_cut(evidence)
        asked = self.record("", dating, names) | {"engine": engine, "columns": columns}
        whole = whole.reaching(reach_of(self.model, names, {dating.column}))
        return stream(
            whole, Path(output), answer, asked,
            resume=resume, cases=part_cases or whole.cases, total=total, advance=advance,
        )  # fmt: skip

    def _columns(self, rules: Sequence[str] | None, names: Sequence[str]) -> list[str]:
        """How a result calls the rules asked."""
        from gangmu.engine.assess import shown_names

        return shown_names(self.model, rules, names)

    def assess_in_place(
        self, warehouse: Warehouse, as_of: str | date, rules: Sequence[str] | None = None
    ) -> Result:
        """Assess the enterprises of a warehouse with one query over its own tables.

        For tables with typed columns and sound cells, all on one day; only answers leave the database, and
        the rows of cases that the query leaves to the interpreter. Raises `NotInPlaceError` if its tables
        cannot be taken as they are (then `assess` reads them), `QuestionError` for an unknown rule or date.
        """
        from gangmu.engine.assess import resolve_rules
        from gangmu.engine.dates import read_dating
        from gangmu.engine.sql.inplace import NotInPlaceError
        from gangmu.engine.sql.lying import assess_lying
        from gangmu.report.result import Result

        names, dating = resolve_rules(self.model, rules), read_dating(as_of)
        if dating.day is None or dating.column:
            raise NotInPlaceError("the cases have dates of their own")
        found = assess_lying(self.model, warehouse, names, dating.day)
        record = self.record("", dating, names) | found.made.record()
        return Result.build(self.model, self._columns(rules, names), names, found, record)

    def reform(  # noqa: PLR0913  each question a user may put has its keyword
        self, evidence: object, change: Mapping[str, str] | str | Path | None = None,
        as_of: str | date | None = None, rules: Sequence[str] | None = None, *,
        sweep: str | Sequence[str] = (), by: str | Sequence[str] = (), weight: str = "",
        listing: Listing = "none", mapping: str | Path | None = None,
        engine: Engine = "auto", advance: Callable[[], object] = lambda: None,
    ) -> ReformResult:  # fmt: skip
        """Compare this book with changed ones over all cases: who gains, who loses, what totals become.

        `change` is numbers by path (`{"rd_floor.small.value@2024-04-30": "4%"}`), a YAML file of reforms, or
        the folder of a rulebook that extends this one; `sweep` is `NAME=lo:hi:n`, or several (their grid).
        `rules` are compared (default: the outcomes that depend on what changes), `by` names columns, code
        inputs or rules to group by (`region*size`: both at once), `weight` a column that says how many each
        case stands for, `listing` asks for `winners`, `losers` or `both` by name, `engine` is as in `assess`.
        Raises `GangmuError`.
        """
        from gangmu.engine.dates import read_dating
        from gangmu.reform.ask import Wanted, ask, told
        from gangmu.reform.compare import compare
        from gangmu.report.reformed import ReformResult

        sweeps = [sweep] if isinstance(sweep, str) else list(sweep)
        wanted = Wanted(change, sweeps, rules, [by] if isinstance(by, str) else list(by), weight, listing)
        dating = read_dating(as_of)
        question = ask(
            self.model, wanted, lambda book, reach: _within(book, evidence, mapping, reach), dating
        )
        counted = compare(question, advance, engine)
        shown = [self.model.column_name(name) for name in question.rules]
        record = self.record(question.evidence.digest, dating, question.rules) | told(
            question, wanted, counted
        )
        named = list(dict.fromkeys(rules or ()))
        return ReformResult(question, counted, tuple(named if len(named) == len(shown) else shown), record)

    def index(  # noqa: PLR0913  each question a user may put has its keyword
        self, name: str, evidence: object = None, *, as_of: str | date | None = None, year: str | None = None,
        runs: int = 1000, sobol: int = 0, seed: int = 1, figures: Sequence[str] = (),
    ) -> IndexResult:  # fmt: skip
        """Compute an index over a population, and how sure its ranks are.

        `evidence` is a table of units (a path, a data frame, a list of rows), or None for the population that
        the book ships. `year` is one of the table (default: the newest). `runs` are those of the uncertainty
        analysis (none if 0, or if the page varies nothing), `sobol` the base points of the sensitivity
        analysis. `figures` (`UNIT.COLUMN=NUMBER`) are taken instead of those of the table. `as_of` is for the
        rules of the book that the index reads. Raises `GangmuError`.
        """
        from gangmu.plan.index.ask import Asked, answer, digest, find_index
        from gangmu.report.indexed import IndexResult

        rule = find_index(self.model, name)
        asked = Asked(year, runs, sobol, seed, tuple(figures))
        found = answer(rule, evidence, asked, self._worked(rule, evidence, as_of))
        computed, record = found.computed, self._made_by()
        record |= {
            "index": rule.name, "year": computed.year, "evidence": found.panel.source,
            "evidence_digest": digest(computed), "runs": runs if found.uncertainty else 0, "sobol": sobol,
            "seed": seed, "figures": list(figures),
        }  # fmt: skip
        return IndexResult(rule, computed, found.uncertainty, found.sensitivity, record, self.model.sources)

    def _worked(
        self, rule: Rule, evidence: object, as_of: str | date | None
    ) -> dict[str, dict[str, float]] | None:
        """The rules that an index reads, worked out for each unit; None if it reads columns."""
        from math import nan

        from gangmu.plan.index.ask import rules_read
        from gangmu.report.result import KEY

        names = rules_read(rule)
        if not names:
            return None
        if evidence is None:
            what, expected = f"`{rule.short}` reads rules of each enterprise", "the evidence of enterprises"
            raise QuestionError(Problem("evidence-missing", "index", what, expected, "name it"))
        table = self.assess(evidence, as_of, names).table
        units = table.column(KEY).to_pylist()
        columns = {name: table.column(name).to_pylist() for name in names}
        return {
            name: dict(zip(units, (nan if cell is None else float(cell) for cell in cells), strict=True))
            for name, cells in columns.items()
        }

    def _made_by(self) -> dict[str, object]:
        """The rulebook and the program: how every decision record begins."""
        from importlib.metadata import version

        return {
            "rulebook": self.model.name, "rulebook_version": self.model.version,
            "rulebook_digest": self.model.digest, "layers": list(self.model.layers),
            "gangmu": version("gangmu"),
        }  # fmt: skip

    def due(  # noqa: PLR0913  each question a user may put has its keyword
        self, evidence: object, until: str | date | None = None, as_of: str | date | None = "today",
        rules: Sequence[str] | None = None, *, cases: Sequence[str] | None = None,
        mapping: str | Path | None = None, advance: Callable[[], object] = lambda: None,
    ) -> DueResult:  # fmt: skip
        """The dates after `as_of`, up to `until`, on which an answer changes though nobody does anything.

        `rules` are names (default: the outcomes and every title and channel), `until` is a date (default: a
        year after the first day). Each change says what it goes back to. Raises `EvidenceError` or
        `QuestionError`.
        """
        from gangmu.changes.due import due, last_day, watched_by_default
        from gangmu.engine.assess import resolve_rules
        from gangmu.engine.dates import read_dating
        from gangmu.report.due import DueResult

        read = self.read(evidence, mapping)
        chosen = read if cases is None else read.only(cases)
        names = watched_by_default(self.model) if rules is None else resolve_rules(self.model, rules)
        dating = read_dating(as_of)
        days = dating.column_of(chosen).to_pylist()
        end = last_day(days, until)
        found = sorted(
            due(self.model, chosen, names, days, end, advance), key=lambda one: (one.day, one.enterprise)
        )
        record = self.record(read.digest, dating, names) | {"until": end.isoformat()}
        first = min(days, default=end)
        return DueResult(self.model, found, first, end, len(chosen), tuple(names), record)

    def track(  # noqa: PLR0913  each question a user may put has its keyword
        self, plan: str | None = None, as_of: str | date | None = None, *, everything: bool = False,
        observations: Sequence[str | Path] = (), targets: str | Path | None = None,
        mapping: str | Path | None = None,
    ) -> Tracking:  # fmt: skip
        """Where the targets of a plan stand on a day (default: today), their pace and where they may end.

        `plan` is a page of the book (default: every page that has targets); only what was published by the
        day counts; `everything` adds the series without a target. `observations` are CSV files, SDMX messages
        (`mapping` says what their codes mean) or folders of them; `targets` a CSV file of places' targets.
        Raises `GangmuError`.
        """
        from gangmu.engine.day import read_day
        from gangmu.plan.track import indicators, track
        from gangmu.report.tracked import Tracking, has_target

        day, found = read_day(as_of), indicators(self.model, plan)
        wanted = [rule for rule in found if everything or has_target(rule)]
        record = self.record("", day, [rule.name for rule in wanted])
        left = len(found) - len(wanted)
        if not observations and targets is None:
            return Tracking(self.model, day, track(self.model, wanted, day), left, record)
        from gangmu.plan.feed import read_feed, with_observations
        from gangmu.plan.local import in_order, read_places, splits

        fed = read_feed(self.model, observations, mapping)
        local = read_places(self.model, targets, fed) if targets is not None else []
        subjects = in_order(with_observations(wanted, fed), local)
        files = [Path(path).name for path in (*observations, *([targets] if targets is not None else []))]
        tracked = track(self.model, subjects, day)
        return Tracking(self.model, day, tracked, left, record | {"files": files}, tuple(splits(subjects)))

    def propose(
        self, drafts: str | Path, as_of: str | date | None = None, *,
        observations: Sequence[str | Path] = (), mapping: str | Path | None = None,
    ) -> list[Drafted]:  # fmt: skip
        """How likely draft targets are (a CSV file: indicator, year, target), and what has 50, 70, 90%.

        From what was published by the day; `observations` are as in `track`. Raises `GangmuError`.
        """
        from gangmu.engine.day import read_day
        from gangmu.plan.feed import read_feed, with_observations
        from gangmu.plan.propose import propose, read_drafts

        found, fed = read_drafts(self.model, drafts), read_feed(self.model, observations, mapping)
        rules = with_observations([draft.rule for draft in found], fed)
        fuller = [replace(draft, rule=rule) for draft, rule in zip(found, rules, strict=True)]
        return propose(self.model, fuller, read_day(as_of))

    def backtest(self, plan: str | None = None) -> tuple[int, list[Trial]]:
        """What would have been forecast for the targets' year four, three and two years before it ended.

        The year is the one that most targets of `plan` (as in `track`) aim at and that is over.
        """
        from gangmu.plan.backtest import backtest, origins, year_over
        from gangmu.plan.track import indicators

        found = indicators(self.model, plan)
        year = year_over(found)
        return year, backtest(self.model, found, year, origins(year))

    def record(self, evidence_digest: str, dating: Dating | date, names: Iterable[str]) -> dict[str, object]:
        """The decision record: the same record gives the same answer."""
        from importlib.metadata import version

        return {
            "rulebook": self.model.name, "rulebook_version": self.model.version,
            "rulebook_digest": self.model.digest, "layers": list(self.model.layers), "as_of": str(dating),
            "rules": list(names), "evidence_digest": evidence_digest, "engine": ENGINE,
            "gangmu": version("gangmu"),
        }  # fmt: skip

    def run(
        self,
        evidence: object,
        case: str | None = None,
        as_of: str | date | None = None,
        mapping: str | Path | None = None,
        rules: Sequence[str] | None = None,
    ) -> Run:
        """One case on one date, ready to be asked (`Run.value(full_name)`): any rule, or only some."""
        from gangmu.engine.dates import read_dating
        from gangmu.engine.interpreter import Run

        read = self.read(evidence, mapping, rules)
        if case is None and len(read) != 1:
            what = f"the evidence has {len(read)} cases"
            raise QuestionError(Problem("case-missing", "case", what, "the key of one", "name a case"))
        found = read.case(case) if case is not None else next(iter(read.cases()))
        [day] = read_dating(as_of).days([found])
        return Run(self.model, found, day)

    def explain(
        self,
        evidence: object,
        rule: str,
        case: str | None = None,
        as_of: str | date | None = None,
        *,
        mapping: str | Path | None = None,
    ) -> Explanation:
        """Why a rule came out as it did for a case (the only one, if none is named), and what changes it."""
        from gangmu.engine.assess import resolve_rule

        name = resolve_rule(self.model, rule)
        return self.explain_run(self.run(evidence, case, as_of, mapping, [rule]), name)

    def explain_run(self, run: Run, name: str) -> Explanation:
        """As `explain`, for a run and a full name."""
        from gangmu.engine.explain import explain

        return Explanation(run, name, explain(run, name))

    def compatible(
        self, evidence: object, case: str | None = None, as_of: str | date | None = None,
        channels: Sequence[str] | None = None, *, mapping: str | Path | None = None,
    ) -> Together:  # fmt: skip
        """Which channels of an enterprise (the only one, if none is named) can be used together.

        `channels` are names of channels or of groups of outcomes (default: all channels among the outcomes).
        The sets are exact: nothing in one excludes another, nothing could be added. Amounts that rest on one
        resource are never added up. Raises `EvidenceError` or `QuestionError`.
        """
        from gangmu.engine.assess import answers_of, resolve_rules, with_figures
        from gangmu.report.channels import channels_of, together

        found = channels_of(self.model, resolve_rules(self.model, channels))
        run = self.run(evidence, case, as_of, mapping)
        names = with_figures(self.model, found)
        return together(run, dict(zip(names, answers_of(run, names), strict=True)), found)

    def prepared(
        self, rules: Sequence[str] | None = None, as_of: str | date | None = None,
        *, base_year: int | None = None, origin: str = "", grades: bool = False,
    ) -> Prepared:  # fmt: skip
        """Prepare rules (default: the outcomes) to be asked of one enterprise after another, in microseconds.

        `as_of` is a date or ISO text (default: today), `base_year` the base fiscal year (default: the year of
        that day), `origin` where the facts come from, `grades` whether the weakest grade is answered too.
        Call what comes back with a dict of facts: `book.prepared(...)({"staff": 42})["eligible"]`. Raises
        `QuestionError`.
        """
        from gangmu.engine.assess import resolve_rules
        from gangmu.engine.day import read_day
        from gangmu.engine.prepared import Prepared

        full = resolve_rules(self.model, rules)
        shown = self._columns(rules, full)
        names = {name: self.model.names.get(name, (name,))[0] for name in shown}
        day = read_day(as_of)
        return Prepared(self.model, names, day, base_year=base_year, origin=origin, grades=grades)

    def rules(self, search: str = "") -> Mapping[str, Rule]:
        """Rules by full name whose name, label (en or zh) or note contains `search`."""
        wanted = search.casefold()
        return {
            name: rule for name, rule in self.model.rules.items()
            if wanted in f"{name} {rule.label.en} {rule.label.zh} {rule.note}".casefold()
        }  # fmt: skip


def _within(model: Rulebook, evidence: object, mapping: str | Path | None, reach: Reach | None) -> Evidence:
    """Read what is within reach (None: everything); what was read before must hold that much."""
    from gangmu.evidence.cases import Evidence
    from gangmu.evidence.read import read_evidence

    if not isinstance(evidence, Evidence):
        return read_evidence(evidence, model, mapping, reach)
    if evidence.reach is not None and not evidence.reach.covers(reach):
        what = "it was read for other rules: it may lack what these can reach"
        todo = "read it for these rules as well, or for all: `book.read(evidence)`"
        raise QuestionError(Problem("evidence-narrow", "evidence", what, "evidence read for these", todo))
    return evidence


def load(name: str | Path) -> Book:
    """Load a shipped rulebook by name (`cn`), or one of your own by its folder.

    Raises `RulebookError` with every problem.
    """
    with _uncollected():
        return Book(load_model(name))


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: what a load makes stays, and a search takes a tenth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def diff(
    run1: str | Path, run2: str | Path, *, rulebooks: Sequence[str | Path] = (),
    evidence: Sequence[str | Path] = (), mapping: str | Path | None = None,
) -> DiffResult:  # fmt: skip
    """Which answers of a stored run are others in a second one, and whether law, evidence or time did it.

    `rulebooks` and `evidence` are those of the runs, known by their digests; a shipped rulebook is found by
    its name. What is not at hand is said, and then the records alone tell. Raises `GangmuError`.
    """
    from gangmu.evidence.cases import READ
    from gangmu.evidence.parts import find_whole
    from gangmu.report.diffed import diff_runs
    from gangmu.report.stored_run import read_run
    from gangmu.stream import FILES, digest_of_files

    pair = (read_run(run1), read_run(run2))
    named = [run.text("rulebook") for run in pair]
    books = [load_model(name) for name in rulebooks]
    shipped = [load_model(name) for name in dict.fromkeys(named) if is_shipped(name)]

    def digest(book: Rulebook, source: str | Path, run: StoredRun) -> str:
        told = run.text("evidence_digest")
        whole = find_whole(Path(source), book, mapping) if told.startswith(FILES) else None
        if whole is not None:
            return digest_of_files(whole.files)
        return Book(book).read(source, mapping, run.rules if told.startswith(READ) else None).digest

    def read(book: Rulebook, source: str | Path) -> Evidence:
        return Book(book).read(source, mapping)

    return diff_runs(pair, books, shipped, evidence, read, digest)
