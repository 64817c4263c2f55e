"""Which photos are compared with which: never all with all for many photos, unless asked.

Comparing costs about 0.05 s a pair, so 300 photos all with all would take most of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float32, UInt8

Pair = tuple[int, int]
Matching = Literal["auto", "sequential", "exhaustive"]

EXHAUSTIVE_UP_TO = 60
"""Unordered sets of at most this many photos are compared all with all."""

WINDOW = 10
"""Each photo of a sequence is compared with this many that follow it."""

_LOOP_NEIGHBOURS = 4
_NEIGHBOURS = 20
_WORDS = 64
_SAMPLES = 400


def choose_pairs(
    descriptors: Sequence[UInt8[np.ndarray, "feature 128"]],
    ordered: bool,
    matching: Matching,
    reach: int = 1,
) -> list[Pair]:
    """Return the pairs of photos ``(i, j)``, i < j, that are worth comparing.

    A sequence is compared within a window, at doubling distances (COLMAP's "quadratic overlap")
    and with the few photos elsewhere that look alike, which closes loops. A large unordered set
    is compared with what looks alike. ``reach`` multiplies how many are taken.
    """
    count = len(descriptors)
    sequential = matching == "sequential" or (matching == "auto" and ordered)
    everything = not sequential and count <= EXHAUSTIVE_UP_TO * reach
    if matching == "exhaustive" or everything or count <= WINDOW * reach + 1:
        return [(i, j) for i in range(count) for j in range(i + 1, count)]
    window = WINDOW * reach if sequential else 2
    neighbours = (_LOOP_NEIGHBOURS if sequential else _NEIGHBOURS) * reach
    pairs = sequential_pairs(count, window)
    looks = global_descriptors(descriptors)
    return sorted(pairs | alike_pairs(looks, neighbours, window))


def sequential_pairs(count: int, window: int) -> set[Pair]:
    """Return pairs of a sequence up to ``window`` apart and at distances that are powers of 2."""
    steps = set(range(1, window + 1)) | {2**k for k in range(count.bit_length())}
    return {(i, i + step) for step in steps for i in range(count - step)}


def alike_pairs(looks: Float32[np.ndarray, "photo word"], neighbours: int, apart: int) -> set[Pair]:
    """Return the pairs of each photo with the ``neighbours`` that look most alike.

    Photos at most ``apart`` places away in the sequence are not counted among them.
    """
    place = np.arange(len(looks))
    pairs: set[Pair] = set()
    for i, look in enumerate(looks):
        likeness = np.where(np.abs(place - i) <= apart, -np.inf, looks @ look)
        for j in np.argsort(-likeness, kind="stable")[:neighbours]:
            if np.isfinite(likeness[j]):
                pairs.add((min(i, int(j)), max(i, int(j))))
    return pairs


def global_descriptors(
    descriptors: Sequence[UInt8[np.ndarray, "feature 128"]],
) -> Float32[np.ndarray, "photo look"]:
    """Return a unit vector for each photo whose dot products tell how alike two photos look.

    VLAD with a vocabulary from the capture itself, intra-normalised
    (Jegou et al. 2010; Arandjelovic and Zisserman, "All about VLAD", 2013).
    """
    from scipy.cluster.vq import kmeans2

    rng = np.random.default_rng(0)
    samples = [
        d[np.sort(rng.permutation(len(d))[:_SAMPLES])].astype(np.float32) for d in descriptors
    ]
    pool = np.concatenate(samples)
    words = min(_WORDS, max(1, len(pool) // 8))
    start = pool[np.sort(rng.permutation(len(pool))[:words])]
    vocabulary, _ = kmeans2(pool[:: max(1, len(pool) // 20_000)], start, iter=8, minit="matrix")
    looks = np.zeros((len(samples), words, 128), np.float32)
    for look, sample in zip(looks, samples, strict=True):
        distance = (vocabulary**2).sum(1) - 2 * sample @ vocabulary.T
        nearest = distance.argmin(1)
        np.add.at(look, nearest, sample - vocabulary[nearest])
    looks /= np.linalg.norm(looks, axis=2, keepdims=True) + 1e-9
    looks = looks.reshape(len(samples), -1)
    return looks / (np.linalg.norm(looks, axis=1, keepdims=True) + 1e-9)
