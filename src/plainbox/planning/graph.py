"""Walks over graphs whose nodes are ids: depth first, knots, the shortest way round a knot.

Nothing here recurses: a chain of dependencies may be as long as a provider likes. Every answer
depends only on the order of what goes in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    Edges: TypeAlias = Callable[[str], Iterable[str]]


def depth_first(roots: Iterable[str], edges: Edges, seen: set[str] | None = None) -> list[str]:
    """The nodes that can be reached, each after those that its edges lead to.

    In a graph with cycles the edge that closes one is ignored. Nodes in `seen` are not entered;
    what is found is added to it.
    """
    seen = set() if seen is None else seen
    order: list[str] = []
    path: list[tuple[str, Iterator[str]]] = []
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path.append((root, iter(edges(root))))
        while path:
            node, targets = path[-1]
            for target in targets:
                if target not in seen:
                    seen.add(target)
                    path.append((target, iter(edges(target))))
                    break
            else:
                path.pop()
                order.append(node)
    return order


def knots(order: Sequence[str], edges: Edges) -> list[list[str]]:
    """The groups of nodes that can all reach each other, of a graph in depth-first order.

    Each begins with the node that the walk entered first. A graph without cycles has none.
    """
    place = {node: number for number, node in enumerate(order)}
    backwards: dict[str, list[str]] = {}
    loops: set[str] = set()
    acyclic = True
    for node in order:
        for target in edges(node):
            backwards.setdefault(target, []).append(node)
            acyclic = acyclic and place[target] < place[node]
            if target == node:
                loops.add(node)
    if acyclic:
        return []
    found = []
    seen: set[str] = set()
    for node in reversed(order):
        if node in seen:
            continue
        members = depth_first([node], lambda at: backwards.get(at, ()), seen)
        if len(members) > 1 or node in loops:
            found.append(members[::-1])
    return found


def way_round(start: str, within: Collection[str], edges: Edges) -> tuple[str, ...]:
    """The shortest way from a node back to itself through some nodes, both ends included."""
    inside = set(within)
    origin: dict[str, str] = {}
    queue = deque([start])
    while start not in origin:
        node = queue.popleft()
        for target in edges(node):
            if target in inside and target not in origin:
                origin[target] = node
                queue.append(target)
    return _retrace(start, origin)


def _retrace(start: str, origin: Mapping[str, str]) -> tuple[str, ...]:
    way = [start, origin[start]]
    while way[-1] != start:
        way.append(origin[way[-1]])
    return tuple(reversed(way))
