"""The pages by their addresses: what is shown (`PAGES`, JSON beside), what is done (`ACTIONS`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.responses import Response

from gangmu.web.pages import (
    accounts,
    comparing,
    elsewhere,
    firms,
    moves,
    portfolios,
    programs,
    reading,
    rulebooks,
    tracking,
)
from gangmu.web.site import View, Visit

PAGES: Final[Mapping[str, Callable[[Visit], View | Response]]] = {
    "/": tracking.home,
    "/plan": tracking.plan,
    "/plan/download": tracking.download,
    "/provinces": tracking.provinces,
    "/provinces/{name}": tracking.index,
    "/provinces/{name}/compare": tracking.units,
    "/tasks": reading.tasks,
    "/tasks/{task}": reading.task,
    "/rulebook": reading.rulebook,
    "/rulebook/{page:path}": reading.page,
    "/rules/{name:path}": reading.rule,
    "/rulebooks": rulebooks.listing,
    "/rulebooks/{key}": rulebooks.one,
    "/enterprises": firms.listing,
    "/due": moves.ahead,
    "/due/calendar": moves.ahead_calendar,
    "/enterprises/{key}": firms.form,
    "/enterprises/{key}/why/{rule}": firms.why,
    "/enterprises/{key}/changes": moves.changes,
    "/enterprises/{key}/channels": firms.channels,
    "/enterprises/{key}/due": moves.falls_due,
    "/enterprises/{key}/download": firms.download,
    "/enterprises/{key}/calendar": moves.calendar,
    "/portfolios": portfolios.listing,
    "/portfolios/{key}": portfolios.overview,
    "/portfolios/{key}/rows/{row:int}": portfolios.drill,
    "/portfolios/{key}/download": portfolios.download,
    "/compare": comparing.compare,
    "/template": firms.template,
    "/api": programs.page,
    "/sign-in": accounts.sign_in_form,
    "/sign-in/{provider}": elsewhere.leave,
    "/sign-in/{provider}/done": elsewhere.come_back,
    "/account": accounts.account,
    "/people": accounts.people,
    "/audit": accounts.audit,
}
ACTIONS: Final[Mapping[str, Callable[[Visit], Awaitable[Response]]]] = {
    "/enterprises": firms.create,
    "/enterprises/{key}": firms.save,
    "/enterprises/{key}/answers": firms.enter,
    "/enterprises/{key}/discard": firms.discard,
    "/enterprises/{key}/delete": firms.delete,
    "/rulebooks": rulebooks.add,
    "/rulebooks/{key}/delete": rulebooks.delete,
    "/portfolios": portfolios.upload,
    "/portfolios/{key}/delete": portfolios.delete,
    "/sign-in": accounts.sign_in,
    "/sign-out": accounts.sign_out,
    "/account/tokens": accounts.make_token,
    "/account/tokens/{key}": accounts.close_token,
    "/account/password": accounts.change_password,
    "/account/sessions": accounts.end_sessions,
    "/account/template": accounts.keep_memo,
    "/people": accounts.add_person,
    "/people/{key}": accounts.set_active,
    "/people/{key}/password": accounts.new_password,
}
