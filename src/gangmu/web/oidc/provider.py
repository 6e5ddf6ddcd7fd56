"""Whom an installation trusts to say who somebody is, and what their claims mean here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a claim says: the first of `values` that it holds counts, or `otherwise` (empty: nothing)."""

    claim: tuple[str, ...]
    values: Mapping[str, str]
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """An issuer that is trusted, and what its claims mean here. The secret is never shown."""

    name: str
    label: Mapping[str, str]
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    institution: Meaning
    role: Meaning
    scopes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()  # where else than at the issuer its endpoints are
    acr: tuple[
        str, ...
    ] = ()  # how somebody must have been authenticated there (one of them); empty: not asked
