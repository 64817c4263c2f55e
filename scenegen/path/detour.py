"""A way around what a path passes through: the shortest one through a cloud of free places.

Places are scattered around the path and the photos' own are added; a ray from place to place says
whether one can go there (a probabilistic roadmap: Kavraki et al., 1996).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.check import NEAR
from scenegen.path.clearance import clearance, open_steps, sphere
from scenegen.path.location import Location
from scenegen.path.polyline import placed, way_of

_SPREADS = (0.08, 0.18, 0.35, 0.7, 1.2)
"""How far from the path places are scattered, in sizes of the scene."""

_SCATTERED = 20
_MOST_STATIONS = 24
_PARTNERS = 14
_STRAY = 1.5
"""How much longer a step counts that lies a size of the scene from the path or the photos."""

_TIGHT = 4.0
"""And one where surfaces are near."""


def detour(places: Float[np.ndarray, "key 3"], location: Location) -> Float[np.ndarray, "key 3"]:
    """Return how far each key has to move so that no step passes through a surface.

    Zero where the way is open; also where no way around was found.
    """
    moves = np.zeros_like(places)
    room = clearance(places, location.touching)
    closed = open_steps(places, location.touching) < 1
    if not closed.any():
        return moves
    nodes, touch = _nodes(places, location)
    free = room > NEAR * location.size
    for first, last in _spans(closed, free):
        route = _route(places[first], places[last], nodes, touch, location)
        if route is not None:
            moves[first : last + 1] = _paced(route, places[first : last + 1])
            moves[first : last + 1] -= places[first : last + 1]
    return moves


def _spans(closed: Bool[np.ndarray, "gap"], free: Bool[np.ndarray, "key"]) -> list[tuple[int, int]]:
    """Return the last free key before and the first one after every closed stretch of steps.

    A shot that begins or ends within a wall is led from, or to, where it is.
    """
    spans: list[tuple[int, int]] = []
    for gap in np.flatnonzero(closed):
        if spans and gap < spans[-1][1]:
            continue
        ahead = np.flatnonzero(free[gap + 1 :] & np.append(~closed[gap + 1 :], True))
        behind = np.flatnonzero(free[: gap + 1])
        first = int(behind[-1]) if len(behind) else 0
        last = int(gap + 1 + ahead[0]) if len(ahead) else len(free) - 1
        spans.append((first, last))
    return spans


def _nodes(
    places: Float[np.ndarray, "key 3"], location: Location
) -> tuple[Float[np.ndarray, "node 3"], Float[np.ndarray, "node"]]:
    """Return places around the path with enough room, the photos' own, and how near surfaces are.

    That is 0 for ample room and 1 for none. Photos are free whatever the field says there.
    """
    stations = places[:: max(1, len(places) // _MOST_STATIONS)]
    offsets = np.concatenate([sphere(_SCATTERED) * far for far in _SPREADS]) * location.size
    cloud = (stations[:, None] + offsets).reshape(-1, 3)
    room = clearance(cloud, location.touching)
    cloud, room = cloud[room > NEAR * location.size], room[room > NEAR * location.size]
    photos = location.survey.positions
    nodes = np.concatenate([cloud, photos])
    room = np.concatenate([room, np.full(len(photos), 3 * NEAR * location.size)])
    return nodes, np.clip(1 - room / (4 * NEAR * location.size), 0.0, 1.0)


def _route(
    begin: Float[np.ndarray, "3"],
    end: Float[np.ndarray, "3"],
    nodes: Float[np.ndarray, "node 3"],
    touch: Float[np.ndarray, "node"],
    location: Location,
) -> Float[np.ndarray, "stop 3"] | None:
    """Return the best way from ``begin`` to ``end``, or None where there is none."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    spots = np.concatenate([begin[None], end[None], nodes])
    tight = np.concatenate([[0.0, 0.0], touch])
    one, other = _pairs(spots, location)
    steps = spots[other] - spots[one]
    lengths = np.linalg.norm(steps, axis=1)
    stray = _stray(spots, begin, end, location)
    cost = lengths * (1 + _STRAY * (stray[one] + stray[other]) / 2)
    cost *= 1 + _TIGHT * np.maximum(tight[one], tight[other])
    graph = coo_matrix((cost + 1e-12, (one, other)), (len(spots), len(spots))).tocsr()
    _, before = dijkstra(graph, directed=False, indices=0, return_predecessors=True)
    stops = [1]
    while stops[-1] != 0:
        if before[stops[-1]] < 0:
            return None
        stops.append(int(before[stops[-1]]))
    return spots[stops[::-1]]


def _stray(
    spots: Float[np.ndarray, "n 3"],
    begin: Float[np.ndarray, "3"],
    end: Float[np.ndarray, "3"],
    location: Location,
) -> Float[np.ndarray, "n"]:
    """Return how far spots lie from the straight way and from the photos, in sizes of the scene."""
    along = end - begin
    share = np.clip((spots - begin) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    aside = np.linalg.norm(spots - begin - share[:, None] * along, axis=1)
    return (aside + location.survey.nearest(spots)[1]) / location.size


def _pairs(
    spots: Float[np.ndarray, "n 3"], location: Location
) -> tuple[Int[np.ndarray, "pair"], Int[np.ndarray, "pair"]]:
    """Return pairs of near spots between which no surface lies."""
    from scipy.spatial import KDTree

    partners = min(_PARTNERS + 1, len(spots))
    near = np.asarray(KDTree(spots).query(spots, partners)[1])
    pairs = np.stack([np.repeat(np.arange(len(spots)), partners), near.ravel()])
    pairs = np.unique(np.sort(pairs[:, pairs[0] != pairs[1]], axis=0), axis=1)
    steps = spots[pairs[1]] - spots[pairs[0]]
    lengths = np.linalg.norm(steps, axis=1)
    apart = lengths > 1e-9 * location.size
    pairs, steps, lengths = pairs[:, apart], steps[apart], lengths[apart]
    open_ = location.touching(spots[pairs[0]], steps / lengths[:, None]) >= lengths
    return pairs[0, open_], pairs[1, open_]


def _paced(
    route: Float[np.ndarray, "stop 3"], places: Float[np.ndarray, "key 3"]
) -> Float[np.ndarray, "key 3"]:
    """Return the route at the shares of its way at which the keys are of theirs."""
    own, way = way_of(places), way_of(route)
    share = own / own[-1] if own[-1] > 0 else np.linspace(0.0, 1.0, len(own))
    return placed(share * way[-1], way, route)
