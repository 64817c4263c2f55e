"""Keeps a path off the surfaces of a scene: measured by rays, mended by pushing and pulling.

Where photos were taken is free space, whatever a badly trained field says there, so what cannot be
pushed clear is pulled back to the photos.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from scenegen.path.polyline import placed, way_of
from scenegen.path.survey import Distances, nearest_of

_DIRECTIONS = 42
_PUSHES = 16
_PULLS = 8
_PARTNERS = 16
"""Photos next to each photo to which a way may lead from it."""


def sphere(count: int) -> Float[np.ndarray, "count 3"]:
    """Return unit vectors spread evenly over the sphere (a Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    angle = np.pi * (1 + np.sqrt(5)) * index
    flat = np.sqrt(1 - z**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)


def probe(
    points: Float[np.ndarray, "n 3"], distances: Distances
) -> Float[np.ndarray, "n direction"]:
    """Return the distances from ``points`` to what surrounds them, along `sphere` directions."""
    directions = np.tile(sphere(_DIRECTIONS), (len(points), 1))
    origins = np.repeat(points, _DIRECTIONS, axis=0)
    return distances(origins, directions).reshape(len(points), _DIRECTIONS)


def clearance(points: Float[np.ndarray, "n 3"], distances: Distances) -> Float[np.ndarray, "n"]:
    """Return the distance from each point to the nearest surface, infinite in the open."""
    return probe(points, distances).min(axis=1)


def open_steps(keys: Float[np.ndarray, "key 3"], distances: Distances) -> Float[np.ndarray, "gap"]:
    """Return for each step from key to key the share of it, 0 to 1, that is before any surface."""
    steps = np.diff(keys, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    moved = lengths > 0
    share = np.ones(len(steps))
    if moved.any():
        ahead = distances(keys[:-1][moved], steps[moved] / lengths[moved, None])
        share[moved] = np.minimum(1.0, ahead / lengths[moved])
    return share


def clear(
    keys: Float[np.ndarray, "key 3"],
    photos: Float[np.ndarray, "photo 3"],
    distances: Distances,
    target: float,
) -> Float[np.ndarray, "key 3"]:
    """Return ``keys`` moved so that no surface is nearer than ``target`` and no step crosses one.

    ``photos`` are positions known to be free. Where a photo itself was taken closer to a surface,
    its own clearance is all that is asked of the keys near it. What cannot be met stays as near to
    the photos as was tried; measure it with `clearance` and `open_steps`.
    """
    anchors = photos[nearest_of(keys, photos)[0]]
    wanted = np.minimum(target, 0.9 * clearance(anchors, distances))
    for _ in range(_PUSHES):
        push = _push(probe(keys, distances), wanted)
        if not push.any():
            break
        keys = keys + _spread(push)
    if (open_steps(keys, distances) < 1).any():
        anchors = _way_around(keys, photos, distances)
    for _ in range(_PULLS):
        bad = clearance(keys, distances) < 0.95 * wanted
        crossing = open_steps(keys, distances) < 1
        bad[:-1] |= crossing
        bad[1:] |= crossing
        if not bad.any():
            break
        pull = np.minimum(1.0, 2 * _spread(bad[:, None].astype(np.float64)))
        keys = keys + 0.35 * pull * (anchors - keys)
    return keys


def _way_around(
    keys: Float[np.ndarray, "key 3"], photos: Float[np.ndarray, "photo 3"], distances: Distances
) -> Float[np.ndarray, "key 3"]:
    """Return as many places on the shortest way from photo to photo that crosses no surface.

    It leads from the photo nearest to the first key to the one nearest to the last; small steps are
    preferred, for a long one grazes corners. Where there is no such way: the photos nearest by.
    """
    from scipy.sparse.csgraph import dijkstra

    nearest, _ = nearest_of(keys, photos)
    ahead, behind = _near_pairs(photos)
    ways = np.stack([photos[ahead], photos[behind]])
    lengths = np.linalg.norm(ways[1] - ways[0], axis=1)
    unit = (ways[1] - ways[0]) / np.maximum(lengths, 1e-12)[:, None]
    free = distances(ways[0], unit) >= lengths
    cost = np.zeros((len(photos), len(photos)))
    cost[ahead[free], behind[free]] = lengths[free] ** 2 + 1e-12
    _, before = dijkstra(cost, directed=False, indices=nearest[0], return_predecessors=True)
    stops = [int(nearest[-1])]
    while stops[-1] != nearest[0]:
        if before[stops[-1]] < 0:
            return photos[nearest]
        stops.append(int(before[stops[-1]]))
    route = photos[stops[::-1]]
    way = way_of(route)
    return placed(np.linspace(0.0, way[-1], len(keys)), way, route)


def _near_pairs(
    photos: Float[np.ndarray, "photo 3"],
) -> tuple[Int[np.ndarray, "pair"], Int[np.ndarray, "pair"]]:
    """Return each photo with its nearest ones, and with those at doubling distances in order.

    Small steps are preferred, so hardly any other pair could be part of a way; and the rays that
    look whether pairs see each other grow with the photos, not with their square.
    """
    from scipy.spatial import KDTree

    count = len(photos)
    place = np.arange(count)
    partners = min(_PARTNERS + 1, count)
    near = np.asarray(KDTree(photos).query(photos, partners)[1])
    steps = [2**k for k in range(count.bit_length())]
    pairs = np.concatenate(
        [
            np.stack([np.repeat(place, partners), near.ravel()]),
            *(np.stack([place[:-step], place[step:]]) for step in steps if step < count),
        ],
        axis=1,
    )
    pairs = np.unique(np.sort(pairs[:, pairs[0] != pairs[1]], axis=0), axis=1)
    return pairs[0], pairs[1]


def _push(
    near: Float[np.ndarray, "key direction"], wanted: Float[np.ndarray, "key"]
) -> Float[np.ndarray, "key 3"]:
    """Return how far each key has to go to stay off what is nearer than wanted, and whereto."""
    lacking = np.clip(wanted[:, None] - near, 0.0, None)
    away = -lacking @ sphere(near.shape[1])
    length = np.linalg.norm(away, axis=1, keepdims=True)
    return away / np.maximum(length, 1e-12) * lacking.max(axis=1, keepdims=True)


def _spread(values: Float[np.ndarray, "key dim"]) -> Float[np.ndarray, "key dim"]:
    """Return ``values`` shared with neighbouring keys, so that a mended path stays smooth."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, sigma=1.0, axis=0, mode="nearest")
