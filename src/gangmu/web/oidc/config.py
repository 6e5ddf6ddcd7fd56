"""Which providers people may sign in through, read from a file that the administrator of the machine writes.

The file holds no secret: it says in which environment variable or file the secret is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gangmu.errors import GangmuError, Problem
from gangmu.rulebook import located
from gangmu.web.oidc.provider import Meaning, Provider
from gangmu.web.people import ROLES

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
MAX_FILE: Final = 1 << 20
NAME: Final = r"^[a-z0-9-]{1,40}$"  # it stands in addresses
_Short = Annotated[str, Field(min_length=1, max_length=300)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Secret(_Strict):
    env: _Short | None = None
    file: _Short | None = None

    @model_validator(mode="after")
    def _one(self) -> _Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("say `env` or `file`")
        return self


class _Meaning(_Strict):
    claim: _Short | Annotated[list[_Short], Field(min_length=1, max_length=8)]
    values: Annotated[dict[_Short, _Short], Field(min_length=1, max_length=200)]


class _Role(_Meaning):
    otherwise: _Short | None = None


class _Provider(_Strict):
    label: Annotated[dict[str, _Short], Field(max_length=2)] = {}
    issuer: _Short
    client_id: _Short
    secret: _Secret
    institution: _Short | _Meaning
    role: _Role
    scopes: Annotated[list[_Short], Field(max_length=20)] = []
    hosts: Annotated[list[_Short], Field(max_length=8)] = []
    acr: Annotated[list[_Short], Field(max_length=8)] = []


def read_providers(path: Path) -> tuple[Provider, ...]:
    """The providers of a file. Raises `GangmuError` with everything that is wrong in it."""
    try:
        text = path.read_bytes()[: MAX_FILE + 1].decode("utf-8")
    except (OSError, UnicodeError) as error:
        what = f"it cannot be read ({type(error).__name__})"
        raise GangmuError(Problem("file-unreadable", path.name, what, "a file in UTF-8")) from None
    node, problems = located.read_yaml(text, path.name)
    if not isinstance(node, located.Mapping):
        what = "it names no provider"
        raise GangmuError(
            problems or [Problem("providers-none", path.name, what, "a mapping", "see docs/web.md")]
        )
    found = [_provider(path.name, str(name), spec, problems) for name, spec in node.items()]
    if problems:
        raise GangmuError(problems)
    return tuple(one for one in found if one is not None)


def _provider(file: str, name: str, spec: located.Node, problems: list[Problem]) -> Provider | None:
    where = f"{file}: {name}"
    try:
        said = _Named.model_validate({"name": name, "said": spec}).said
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False)[:20]:
            place = ".".join(map(str, one["loc"][1:])) or "name"
            todo = "see docs/web.md"
            problems.append(Problem("provider-invalid", where, f"`{place}`: {one['msg']}", "", todo))
        return None
    wrong = list(_wrong(said, where))
    secret = _secret(said.secret, where, wrong)
    problems += wrong
    if wrong:
        return None
    institution = said.institution
    meant = Meaning((), {}, institution) if isinstance(institution, str) else _meaning(institution)
    role = said.role
    return Provider(
        name, said.label, said.issuer, said.client_id, secret, meant, _meaning(role, role.otherwise or ""),
        tuple(said.scopes), tuple(said.hosts), tuple(said.acr),
    )  # fmt: skip


class _Named(_Strict):
    name: Annotated[str, Field(pattern=NAME)]
    said: _Provider


def _meaning(said: _Meaning, otherwise: str = "") -> Meaning:
    claim = (said.claim,) if isinstance(said.claim, str) else tuple(said.claim)
    return Meaning(claim, said.values, otherwise)


def _wrong(said: _Provider, where: str) -> list[Problem]:
    """What a shape cannot say: roles that there are, addresses that nobody can listen to."""
    found: list[Problem] = []
    roles = [*said.role.values.values(), *([said.role.otherwise] if said.role.otherwise else [])]
    found += [
        Problem("role-unknown", where, f"`{role}` is no role", ", ".join(ROLES))
        for role in dict.fromkeys(roles)
        if role not in ROLES
    ]
    address = urlsplit(said.issuer)
    secured = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
    if not secured or not address.hostname or address.query or address.fragment:
        what = "the issuer is no https address"
        found.append(Problem("issuer-invalid", where, what, "https://...", "write it as the provider does"))
    found += [
        Problem("label-invalid", where, f"`{lang}` is no language here", "en, zh")
        for lang in said.label.keys() - {"en", "zh"}
    ]
    return found


def _secret(said: _Secret, where: str, problems: list[Problem]) -> str:
    """The secret from where it is; what is said about it never holds it."""
    if said.env is not None:
        secret, place = os.environ.get(said.env, ""), f"the environment variable {said.env}"
    else:
        place = "the file of the secret"
        try:
            secret = Path(said.file or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            secret = ""
    if not secret:
        what = f"{place} is empty or not there"
        problems.append(Problem("secret-missing", where, what, "the client's secret", "put it there"))
    return secret
