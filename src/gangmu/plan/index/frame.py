"""The tree of an index as arrays know it: its indicators in order, and its groups from the bottom up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gangmu.plan.index.population import Floats
from gangmu.rulebook.model import Element, Index

TOP = ""  # the index itself


@dataclass(frozen=True, slots=True)
class Group:
    """A group and what it is made of; `weights` are as the page gives them."""

    name: str
    children: tuple[str, ...]
    weights: Floats


@dataclass(frozen=True, slots=True)
class Frame:
    """`leaves` in the order of the page; `groups` with every group after those that it contains."""

    leaves: tuple[Element, ...]
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The indicators by name."""
        return tuple(one.name for one in self.leaves)

    @property
    def signs(self) -> Floats:
        """1 for an indicator of which more is better, -1 for the others."""
        return np.array([1.0 if one.direction == "up" else -1.0 for one in self.leaves])

    def under(self, name: str) -> tuple[str, ...]:
        """The indicators under a group (or the indicator itself), in the order of the page."""
        children = {group.name: group.children for group in self.groups}
        if name not in children:
            return (name,)
        return tuple(leaf for child in children[name] for leaf in self.under(child))


def frame_of(body: Index) -> Frame:
    """The frame of an index."""
    inside: dict[str, list[Element]] = {TOP: []}
    for one in body.elements:
        if not one.leaf:
            inside[one.name] = []
    for one in body.elements:
        inside[one.parent].append(one)
    groups: list[Group] = []

    def add(name: str) -> None:
        for one in inside[name]:
            if not one.leaf:
                add(one.name)
        weights = np.array([float(one.weight) for one in inside[name]])
        groups.append(Group(name, tuple(one.name for one in inside[name]), weights))

    add(TOP)
    return Frame(tuple(one for one in body.elements if one.leaf), tuple(groups))
