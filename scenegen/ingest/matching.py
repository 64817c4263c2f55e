"""Which photos are compared with which: never all with all for many photos, unless asked.

Comparing costs about 0.05 s a pair, so 300 photos all with all would take most of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int, UInt8

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
_POOL = 20_000
_ROUNDS = 8


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
    rng = np.random.default_rng(0)
    samples = [
        d[np.sort(rng.permutation(len(d))[:_SAMPLES])].astype(np.float32) for d in descriptors
    ]
    vocabulary = _vocabulary(np.concatenate(samples), rng)
    looks = np.zeros((len(samples), *vocabulary.shape), np.float32)
    for photo, sample in enumerate(samples):
        if len(sample):
            nearest = _nearest(sample, vocabulary)
            look = np.zeros(vocabulary.shape, np.float32)
            np.add.at(look, nearest, sample - vocabulary[nearest])
            looks[photo] = look
    looks /= np.linalg.norm(looks, axis=2, keepdims=True) + 1e-9
    looks = looks.reshape(len(samples), -1)
    return looks / (np.linalg.norm(looks, axis=1, keepdims=True) + 1e-9)


def _vocabulary(
    pool: Float32[np.ndarray, "n 128"], rng: np.random.Generator
) -> Float32[np.ndarray, "word 128"]:
    """Return words that stand for the descriptors of ``pool``: Lloyd's k-means."""
    pool = pool[:: max(1, len(pool) // _POOL)]
    words = pool[np.sort(rng.permutation(len(pool))[:_WORDS])]
    for _ in range(_ROUNDS if len(pool) else 0):
        nearest = _nearest(pool, words)
        count = np.bincount(nearest, minlength=len(words))[:, None]
        total = np.stack([pool[nearest == word].sum(0) for word in range(len(words))])
        words = np.where(count > 0, total / np.maximum(count, 1), words).astype(np.float32)
    return words


def _nearest(
    points: Float32[np.ndarray, "n 128"], words: Float32[np.ndarray, "word 128"]
) -> Int[np.ndarray, "n"]:
    """Return the index of the word nearest to each point."""
    return ((words**2).sum(1) - 2 * points @ words.T).argmin(1)
