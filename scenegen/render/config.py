"""Options of the render stage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RenderConfig:
    """Size of the rendered frames."""

    width_px: int = 960
    """Width of a frame in pixels; even, if the output is an .mp4."""

    height_px: int = 540
    """Height of a frame in pixels; even, if the output is an .mp4."""
