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
_COMPARED = 512
"""Sets of at most this many looks are compared all with all: 16 kFLOP a pair."""
_TREES = 4


def choose_pairs(
    descriptors: Sequence[UInt8[np.ndarray, "feature 128"]],
    ordered: bool,
    matching: Matching,
    reach: int = 1,
) -> list[Pair]:
    """Return the pairs of photos ``(i, j)``, i < j, that are worth comparing.

    A sequence is compared within a window, at doubling distances (COLMAP's "quadratic overlap")
    and with the few photos elsewhere that look alike, which closes loops. A large unordered set
    is compared with what looks alike. ``reach`` multiplies how many are taken. Unless ``matching``
    is exhaustive there are at most 30 pairs a photo times ``reach``, whatever the number of photos.
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
    pairs: set[Pair] = set()
    for i, others in enumerate(_candidates(looks)):
        likeness = np.where(np.abs(others - i) <= apart, -np.inf, looks[others] @ looks[i])
        for at in np.argsort(-likeness, kind="stable")[:neighbours]:
            if np.isfinite(likeness[at]):
                j = int(others[at])
                pairs.add((min(i, j), max(i, j)))
    return pairs


def _candidates(looks: Float32[np.ndarray, "photo word"]) -> list[Int[np.ndarray, "other"]]:
    """Return, for each photo, the photos that may look most alike, sorted: all of a small set.

    Of a large set, those that share a leaf with it in one of a few random trees, so that the work
    grows with the number of photos and not with its square. Source: Dasgupta and Freund, "Random
    projection trees and low dimensional manifolds" (2008); planes between two samples.
    """
    everything = np.arange(len(looks))
    if len(looks) <= _COMPARED:
        return [everything] * len(looks)
    rng = np.random.default_rng(0)
    leaves: list[list[Int[np.ndarray, "other"]]] = [[] for _ in looks]
    for _ in range(_TREES):
        open_sets = [everything]
        while open_sets:
            members = open_sets.pop()
            if len(members) <= _COMPARED // _TREES:
                for i in members:
                    leaves[i].append(members)
                continue
            a, b = looks[rng.choice(members, 2, replace=False)]
            order = np.argsort(looks[members] @ (a - b), kind="stable")
            open_sets += [np.sort(half) for half in np.array_split(members[order], 2)]
    return [np.unique(np.concatenate(shared)) for shared in leaves]


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
