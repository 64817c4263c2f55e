"""Orders in which a camera may visit the photos, and smooth curves along them.

An order is a number ``u`` for each photo; a curve along it is a local linear regression of their
positions and viewing directions over ``u`` (Cleveland, "Robust Locally Weighted Regression", 1979),
so it runs through the middle of what the photos saw instead of through every shaky pose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

_AROUND = 2 * np.pi


@dataclass(frozen=True)
class Order:
    """A visiting order: ``u`` places photo ``photos[i]`` along it; the tour spans 0 to ``end``.

    A photo may come more than once, which closes a way around a subject.
    """

    photos: Int[np.ndarray, "stop"]
    u: Float[np.ndarray, "stop"]
    end: float


def orders(
    positions: Float[np.ndarray, "photo 3"],
    forwards: Float[np.ndarray, "photo 3"],
    depth: float,
    subject: Float[np.ndarray, "3"] | None,
) -> Iterator[Order]:
    """Yield the orders worth trying: as taken, shortest tour, main axes, around a subject.

    ``depth`` is the distance, in world units, that counts as much as a turn of one radian.
    """
    cost = np.linalg.norm(positions[:, None] - positions, axis=2) / depth
    cost = cost + np.arccos(np.clip(forwards @ forwards.T, -1.0, 1.0))
    taken = np.arange(len(positions))
    for visit in (taken, shortest_tour(cost)):
        steps = cost[visit[:-1], visit[1:]]
        u = np.concatenate([[0.0], np.cumsum(steps)])
        yield Order(visit, u, float(u[-1]))
    middle = positions - positions.mean(axis=0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    for axis in axes[:2]:
        u = middle @ axis
        yield Order(taken, u - u.min(), float(np.ptp(u)))
    if subject is not None and len(positions) > 3:
        yield _around(positions - subject)


def _around(arms: Float[np.ndarray, "photo 3"]) -> Order:
    """Return the order by angle around the vertical, opened at the widest gap.

    Where photos stand all around, the way goes on for half a turn more, so that a stretch of it may
    cross any angle.
    """
    angles = np.arctan2(arms[:, 1], arms[:, 0])
    visit = np.argsort(angles)
    gaps = np.diff(angles[visit], append=angles[visit[0]] + _AROUND)
    start = angles[np.roll(visit, -1 - int(gaps.argmax()))[0]]
    u = (angles - start + 1e-9) % _AROUND
    photos = np.arange(len(arms))
    if gaps.max() > np.deg2rad(60):
        return Order(photos, u, float(u.max()))
    turns = np.concatenate([u - _AROUND, u, u + _AROUND])
    return Order(np.tile(photos, 3), turns, 1.5 * _AROUND)


def shortest_tour(cost: Float[np.ndarray, "photo photo"]) -> Int[np.ndarray, "photo"]:
    """Return a short open tour through all photos: nearest neighbours, then 2-opt.

    Source: Croes, "A Method for Solving Traveling-Salesman Problems" (1958). A stop that costs
    nothing to reach stands for the open ends.
    """
    count = len(cost)
    padded = np.zeros((count + 1, count + 1))
    padded[:count, :count] = cost
    tour = [count, int(cost.sum(axis=1).argmax())]
    left = set(range(count)) - set(tour)
    while left:
        rest = np.array(sorted(left))
        tour.append(int(rest[padded[tour[-1], rest].argmin()]))
        left.remove(tour[-1])
    visit = np.array(tour)
    while _two_opt_pass(visit, padded):
        pass
    return visit[1:]


def _two_opt_pass(visit: Int[np.ndarray, "stop"], cost: Float[np.ndarray, "stop stop"]) -> bool:
    """Reverse stretches of the closed tour ``visit`` in place; return whether that shortened it."""
    better = False
    for i in range(len(visit) - 2):
        a, b = visit[i], visit[i + 1]
        ends = np.arange(i + 2, len(visit))
        c, d = visit[ends], np.append(visit, visit[0])[ends + 1]
        gain = cost[a, b] + cost[c, d] - cost[a, c] - cost[b, d]
        best = int(gain.argmax())
        if gain[best] > 1e-9:
            visit[i + 1 : ends[best] + 1] = visit[i + 1 : ends[best] + 1][::-1].copy()
            better = True
    return better


def regress(
    order: Order,
    values: Float[np.ndarray, "photo dim"],
    at: Float[np.ndarray, "n"],
    bandwidth: float,
) -> Float[np.ndarray, "n dim"]:
    """Return the local linear regression of the photos' ``values`` at places ``at`` of an order.

    ``bandwidth`` is the standard deviation of the window, in the unit of ``u``.
    """
    off = order.u - at[:, None]
    weight = np.exp(-0.5 * (off / bandwidth) ** 2) + 1e-12
    stops = values[order.photos]
    total = weight.sum(axis=1)
    mean = (weight * off).sum(axis=1) / total
    variance = (weight * off**2).sum(axis=1) / total - mean**2
    level = weight @ stops / total[:, None]
    tilt = (weight * (off - mean[:, None])) @ stops / total[:, None]
    # A window that holds one photo has no slope: the floor lets it fall to the plain mean.
    slope = tilt / (variance + 0.05 * bandwidth**2)[:, None]
    return level - mean[:, None] * slope


def common_subject(
    positions: Float[np.ndarray, "photo 3"], forwards: Float[np.ndarray, "photo 3"]
) -> tuple[Float[np.ndarray, "3"], float]:
    """Return the point that the photos look at, and how much they agree on it, 0 to 1.

    It is the point nearest to all optical axes in the sense of least squares; photos agree where it
    lies in front of them within 20 degrees of the axis.
    """
    across = np.eye(3) - forwards[:, :, None] * forwards[:, None, :]
    normal = across.sum(axis=0)
    spread = np.linalg.eigvalsh(normal)[0] / len(positions)
    right = np.einsum("pij,pj->i", across, positions)
    subject = np.linalg.lstsq(normal, right, rcond=1e-6)[0]
    arms = subject - positions
    cosine = (arms * forwards).sum(axis=1) / np.maximum(np.linalg.norm(arms, axis=1), 1e-12)
    agree = float((cosine > np.cos(np.deg2rad(20))).mean())
    # Nearly parallel axes meet nowhere in particular: 0.01 is a spread of about 6 degrees.
    return subject, float(np.clip((agree - 0.5) / 0.4, 0, 1) * np.clip(spread / 0.01 - 1, 0, 1))
