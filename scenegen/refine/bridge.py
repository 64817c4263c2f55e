"""The bridge from a clean frame to its render, on which the refiner walks back.

Notation: ``x0`` is the clean frame, ``y`` the render, ``z`` standard normal noise, and t in [0, 1]
the place on the bridge:

    x_t = x0 + eta(t) (y - x0) + kappa sqrt(eta(t)) z

At t = 1 it is the render with noise of standard deviation kappa, at 0 the clean frame. ``kappa``
differs from pixel to pixel: little where the render is opaque, much in its holes.

Source: Yue, Wang, Loy, "ResShift: Efficient Diffusion Model for Image Super-resolution by Residual
Shifting" (2023), equations 1 to 7, in continuous time; noise mixed by opacity is that of the
study in the design notes. The way back keeps the noise that it set out with, which is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Array = TypeVar("Array")
"""A NumPy array or a PyTorch tensor; the bridge is the same for both."""


@dataclass(frozen=True)
class Bridge:
    """How noise and render come in along the bridge."""

    eta_least: float = 1e-3
    """eta at t = 0: not quite the clean frame, so that its logarithm is finite."""
    power: float = 0.5
    """eta grows geometrically in t^power: below 1 the render comes in early."""
    kappa_seen: float = 0.15
    """Standard deviation of the noise where the render is opaque, colours being 0..1."""
    kappa_hole: float = 1.0
    """And where it is empty."""

    def eta(self, t: Array) -> Array:
        """Return the share of the render at places ``t`` of the bridge, from 0 to 1."""
        return self.eta_least ** (1 - t**self.power)  # pyright: ignore

    def kappa(self, opacity: Array) -> Array:
        """Return the noise's standard deviation where the render has an ``opacity`` in 0..1."""
        return self.kappa_seen + (self.kappa_hole - self.kappa_seen) * (1 - opacity) ** 2  # pyright: ignore

    def at(self, clean: Array, render: Array, noise: Array, kappa: Array, eta: Array) -> Array:
        """Return ``x_t`` where the bridge has ``eta``; ``noise`` is standard normal."""
        return clean + eta * (render - clean) + kappa * eta**0.5 * noise  # pyright: ignore

    def times(self, steps: int) -> list[float]:
        """Return the places that ``steps`` denoising steps begin at, from 1 down."""
        return np.linspace(1.0, 0.0, steps + 1)[:-1].tolist()
