"""What is kept of enterprises, by those of one institution."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from gangmu.web.api.access import REFUSALS, known, visit_of
from gangmu.web.api.shapes import Changed, EnterpriseShape, NewEnterprise
from gangmu.web.intake import checked
from gangmu.web.site import Site
from gangmu.web.store.database import in_utc

Key = Annotated[str, Path(max_length=36, pattern="^[0-9a-f-]{36}$")]


def routes(site: Site) -> APIRouter:
    """The routes over one site."""
    router = APIRouter(tags=["keeping"], responses=REFUSALS)

    @router.get("/enterprises", operation_id="list_enterprises")
    def enterprises(
        request: Request,
        search: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[EnterpriseShape]:
        """Enterprises, last changed first."""
        with known(visit_of(site, request)).desk() as desk:
            return [_shape(one) for one in desk.enterprises(search, after)]

    @router.post("/enterprises", operation_id="add_enterprise", status_code=201)
    def add(new: NewEnterprise, request: Request) -> EnterpriseShape:
        """Keep an enterprise."""
        book = site.book(new.book)
        with known(visit_of(site, request)).desk() as desk:
            key = desk.add_enterprise(new.name, book.name, checked(new.tables, book))
            return _shape(desk.enterprise(key))

    @router.get("/enterprises/{key}", operation_id="get_enterprise")
    def one(key: Key, request: Request) -> EnterpriseShape:
        """One enterprise with its facts."""
        with known(visit_of(site, request)).desk() as desk:
            return _shape(desk.enterprise(key))

    @router.put("/enterprises/{key}", operation_id="save_enterprise")
    def save(key: Key, changed: Changed, request: Request) -> EnterpriseShape:
        """Replace the facts of a version."""
        with known(visit_of(site, request)).desk() as desk:
            book = site.book(desk.enterprise(key)["book"])
            desk.save_facts(key, checked(changed.tables, book), changed.version)
            return _shape(desk.enterprise(key))

    @router.delete("/enterprises/{key}", operation_id="delete_enterprise", status_code=204)
    def drop(key: Key, request: Request) -> None:
        """Delete an enterprise and its versions."""
        with known(visit_of(site, request)).desk() as desk:
            desk.drop_enterprise(key)

    return router


def _shape(row: Any) -> EnterpriseShape:  # noqa: ANN401  a record
    names = ("id", "name", "book", "version")
    shown = {name: row[name] for name in names}
    return EnterpriseShape(**shown, changed=in_utc(row["changed"]), tables=row.get("facts"))
