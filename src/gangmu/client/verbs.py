"""What can be asked of the API, a method each.

Written from the OpenAPI schema by `gangmu.web.client_from_schema`: do not edit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from gangmu.client import shapes
from gangmu.client.wire import Content, Download, Wire


class Verbs(Wire):
    """Every operation of the API."""

    def list_books(
        self,
    ) -> list[shapes.Book]:
        """The rulebooks that are served."""
        return self._ask(
            list[shapes.Book],
            "GET",
            "/api/v1/books",
        )

    def search_rules(
        self,
        book: str,
        *,
        search: str = "",
        after: int = 0,
        as_of: dt.date | None = None,
    ) -> list[shapes.Rule]:
        """Rules whose name, label or note contains `search`, 500 at a time; with `as_of` those in force."""
        return self._ask(
            list[shapes.Rule],
            "GET",
            "/api/v1/books/{book}/rules",
            {"book": book},
            query={"search": search, "after": after, "as_of": as_of},
        )

    def get_rule(
        self,
        book: str,
        name: str,
        *,
        as_of: dt.date | None = None,
    ) -> shapes.Rule:
        """One rule by its full or short name; with `as_of` the wordings in force on that day."""
        return self._ask(
            shapes.Rule,
            "GET",
            "/api/v1/books/{book}/rules/{name}",
            {"book": book, "name": name},
            query={"as_of": as_of},
        )

    def list_indicators(
        self,
        book: str,
        *,
        as_of: dt.date | None = None,
        lang: str = "en",
    ) -> list[shapes.Indicator]:
        """Every indicator where it stands on a day."""
        return self._ask(
            list[shapes.Indicator],
            "GET",
            "/api/v1/books/{book}/indicators",
            {"book": book},
            query={"as_of": as_of, "lang": lang},
        )

    def track(
        self,
        book: str,
        *,
        plan: str = "",
        as_of: dt.date | None = None,
        everything: bool = False,
    ) -> shapes.Tracked:
        """Where the targets of a plan (default: of every page) stand, their pace, where they may end."""
        return self._ask(
            shapes.Tracked,
            "GET",
            "/api/v1/books/{book}/track",
            {"book": book},
            query={"plan": plan, "as_of": as_of, "everything": everything},
        )

    def shipped_index(
        self,
        book: str,
        name: str,
        *,
        year: str = "",
        runs: int = 1000,
        seed: int = 1,
    ) -> shapes.Indexed:
        """An index over the population that the rulebook ships, with the ranks of nine runs in ten."""
        return self._ask(
            shapes.Indexed,
            "GET",
            "/api/v1/books/{book}/indices/{name}",
            {"book": book, "name": name},
            query={"year": year, "runs": runs, "seed": seed},
        )

    def index(
        self,
        book: str,
        name: str,
        units: shapes.Units,
    ) -> shapes.Indexed:
        """An index over units that are sent along."""
        return self._ask(
            shapes.Indexed,
            "POST",
            "/api/v1/books/{book}/indices/{name}",
            {"book": book, "name": name},
            shape=units,
        )

    def template(
        self,
        book: str,
        *,
        rule: Sequence[str] | None = None,
    ) -> Download:
        """An empty workbook that asks for what rules (default: the outcomes) need."""
        return self._stream(
            "GET",
            "/api/v1/books/{book}/template",
            {"book": book},
            query={"rule": rule},
        )

    def sql(
        self,
        book: str,
        *,
        rule: Sequence[str],
        dialect: Literal["duckdb", "postgres", "spark"] = "duckdb",
        as_of: dt.date | None = None,
    ) -> shapes.Query:
        """Rules as one query, to read or to run in one's own warehouse."""
        return self._ask(
            shapes.Query,
            "GET",
            "/api/v1/books/{book}/sql",
            {"book": book},
            query={"rule": rule, "dialect": dialect, "as_of": as_of},
        )

    def assess(
        self,
        question: shapes.Question,
    ) -> shapes.Answered:
        """Every rule asked, for one enterprise: status, value or bounds, grade."""
        return self._ask(
            shapes.Answered,
            "POST",
            "/api/v1/assess",
            shape=question,
        )

    def explain(
        self,
        rule: str,
        question: shapes.Question,
    ) -> shapes.Told:
        """Why one rule came out as it did: reasons with sources, what is missing, the shortest lawful way."""
        return self._ask(
            shapes.Told,
            "POST",
            "/api/v1/explain/{rule}",
            {"rule": rule},
            shape=question,
        )

    def channels(
        self,
        question: shapes.Question,
    ) -> shapes.Channels:
        """Which channels can be used together (`rules`: channels or groups), what they share."""
        return self._ask(
            shapes.Channels,
            "POST",
            "/api/v1/channels",
            shape=question,
        )

    def due(
        self,
        outlook: shapes.Outlook,
    ) -> shapes.Due:
        """The days up to `until` on which an answer changes though nobody does anything."""
        return self._ask(
            shapes.Due,
            "POST",
            "/api/v1/due",
            shape=outlook,
        )

    def reform(
        self,
        reform: shapes.Reform,
    ) -> shapes.Reformed:
        """What changed numbers do to enterprises that are sent along: who gains, who loses, totals."""
        return self._ask(
            shapes.Reformed,
            "POST",
            "/api/v1/reform",
            shape=reform,
        )

    def decide(
        self,
        question: shapes.Question,
    ) -> shapes.Decided:
        """As assess, in well under a millisecond within the process: no grades, no record."""
        return self._ask(
            shapes.Decided,
            "POST",
            "/api/v1/decide",
            shape=question,
        )

    def list_enterprises(
        self,
        *,
        search: str = "",
        after: int = 0,
    ) -> list[shapes.Enterprise]:
        """Enterprises, last changed first."""
        return self._ask(
            list[shapes.Enterprise],
            "GET",
            "/api/v1/enterprises",
            query={"search": search, "after": after},
        )

    def add_enterprise(
        self,
        new_enterprise: shapes.NewEnterprise,
    ) -> shapes.Enterprise:
        """Keep an enterprise."""
        return self._ask(
            shapes.Enterprise,
            "POST",
            "/api/v1/enterprises",
            shape=new_enterprise,
        )

    def get_enterprise(
        self,
        key: str,
    ) -> shapes.Enterprise:
        """One enterprise with its facts."""
        return self._ask(
            shapes.Enterprise,
            "GET",
            "/api/v1/enterprises/{key}",
            {"key": key},
        )

    def save_enterprise(
        self,
        key: str,
        changed: shapes.Changed,
    ) -> shapes.Enterprise:
        """Replace the facts of a version."""
        return self._ask(
            shapes.Enterprise,
            "PUT",
            "/api/v1/enterprises/{key}",
            {"key": key},
            shape=changed,
        )

    def delete_enterprise(
        self,
        key: str,
    ) -> None:
        """Delete an enterprise and its versions."""
        self._send(
            "DELETE",
            "/api/v1/enterprises/{key}",
            {"key": key},
        )

    def list_portfolios(
        self,
    ) -> list[shapes.Portfolio]:
        """Portfolios, newest first."""
        return self._ask(
            list[shapes.Portfolio],
            "GET",
            "/api/v1/portfolios",
        )

    def add_portfolio(  # noqa: PLR0913  as many as the query has
        self,
        content: Content,
        *,
        file_name: str,
        name: str = "",
        as_of: dt.date | None = None,
        book: str = "",
        rule: Sequence[str] | None = None,
    ) -> shapes.Portfolio:
        """Send a table (the body is the file); it is worked out in the background."""
        return self._ask(
            shapes.Portfolio,
            "POST",
            "/api/v1/portfolios",
            query={"file_name": file_name, "name": name, "as_of": as_of, "book": book, "rule": rule},
            content=content,
        )

    def get_portfolio(
        self,
        key: str,
    ) -> shapes.Portfolio:
        """One portfolio and how far it is."""
        return self._ask(
            shapes.Portfolio,
            "GET",
            "/api/v1/portfolios/{key}",
            {"key": key},
        )

    def delete_portfolio(
        self,
        key: str,
    ) -> None:
        """Delete a portfolio with its answers; its upload goes too, unless another one was made of it."""
        self._send(
            "DELETE",
            "/api/v1/portfolios/{key}",
            {"key": key},
        )

    def get_answers(
        self,
        key: str,
        *,
        form: Literal["parquet", "jsonl"] = "parquet",
        where: Sequence[str] | None = None,
    ) -> Download:
        """The answers as Parquet or as JSON lines; `where=rule:status` (all of them) leaves some out."""
        return self._stream(
            "GET",
            "/api/v1/portfolios/{key}/answers",
            {"key": key},
            query={"form": form, "where": where},
        )

    def diff_portfolios(
        self,
        key: str,
        other: str,
        *,
        lang: str = "en",
    ) -> shapes.Moved:
        """Which answers of one portfolio are others in a second, and whether law, facts or time did it."""
        return self._ask(
            shapes.Moved,
            "GET",
            "/api/v1/portfolios/{key}/diff/{other}",
            {"key": key, "other": other},
            query={"lang": lang},
        )

    def reform_portfolio(
        self,
        key: str,
        change: shapes.Change,
    ) -> shapes.Reformed:
        """What changed numbers do to the enterprises of a portfolio."""
        return self._ask(
            shapes.Reformed,
            "POST",
            "/api/v1/portfolios/{key}/reform",
            {"key": key},
            shape=change,
        )
