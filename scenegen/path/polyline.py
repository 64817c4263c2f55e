"""Directions, and ways that lead from place to place on straight lines."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def unit(vectors: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    """Return vectors at length 1; those of none stay 0."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def way_of(places: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    """Return how long the way to each place is, 0 for the first."""
    return np.append(0.0, np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1)))


def placed(
    wanted: Float[np.ndarray, "n"],
    way: Float[np.ndarray, "stop"],
    stops: Float[np.ndarray, "stop dim"],
) -> Float[np.ndarray, "n dim"]:
    """Return what lies at ``wanted`` lengths of a way, between its stops evenly."""
    return np.stack([np.interp(wanted, way, axis) for axis in stops.T], axis=1)
