"""A path over its seconds: its height over what is below it, and the figures that can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.path.chart.paper import (
    BAD,
    FAINT,
    GOOD,
    HASTY,
    INK,
    LOW,
    PHOTO,
    POOR,
    WALL,
    Ink,
    Paper,
    runs,
)
from scenegen.path.check import FAST, NEAR, SEEN, TURN_DEG_S, PathCheck
from scenegen.path.location import Location
from scenegen.types import CameraPath

LEFT, RIGHT = 190.0, 24.0
"""Margins of the strips."""

_DEEPEST = 2.0
"""Sizes of the scene below the path beyond which the side view shows no ground."""

_MOST_ROOM = 0.5
"""Clearance beyond which it does not matter, in sizes of the scene."""


@dataclass(frozen=True)
class Strip:
    """Pixels of values over seconds: ``low`` lies at ``base``, ``high`` at ``top``."""

    seconds: float
    width: float
    top: float
    base: float
    low: float
    high: float

    def at(self, seconds: Float[np.ndarray, "n"], values: Float[np.ndarray, "n"]) -> np.ndarray:
        """Return pixels [n 2] of values, clipped to the strip."""
        share = np.clip((values - self.low) / max(self.high - self.low, 1e-12), 0.0, 1.0)
        x = LEFT + (self.width - LEFT - RIGHT) * seconds / self.seconds
        return np.stack([x, self.base - share * (self.base - self.top)], axis=1)


def side_strip(
    path: CameraPath, check: PathCheck, location: Location, width: float, top: float, base: float
) -> tuple[Strip, Float[np.ndarray, "look"], Float[np.ndarray, "look"]]:
    """Return the strip of the path's height, and the heights of what is below and above it.

    Where nothing is, these are infinite.
    """
    looks = path.world_from_camera[check.frames, :3, 3].astype(np.float64)
    down = np.tile([0.0, 0.0, -1.0], (len(looks), 1))
    below = looks[:, 2] - location.touching(looks, down)
    above = looks[:, 2] + location.touching(looks, -down)
    lowest, highest = float(looks[:, 2].min()), float(looks[:, 2].max())
    shown = below[below > lowest - _DEEPEST * location.size]
    floor = min(lowest - 0.05 * location.size, *shown) if len(shown) else lowest
    room = max(highest - floor, 0.2 * location.size)
    seconds = max(len(path) / path.fps, 1e-9)
    strip = Strip(seconds, width, top, base, floor - 0.1 * room, highest + 0.25 * room)
    return strip, below, above


def draw_side(
    paper: Paper,
    path: CameraPath,
    check: PathCheck,
    inks: list[Ink],
    location: Location,
    top: float,
    base: float,
) -> None:
    """Draw the height of the camera, and of the nearest photo, over what is below and above."""
    strip, below, above = side_strip(path, check, location, paper.width_px, top, base)
    seconds, heights = check.seconds, path.world_from_camera[:, 2, 3].astype(np.float64)
    shots = check.shots[check.frames]
    for edge, values in ((strip.low, below), (strip.high, above)):
        solid = np.isfinite(values) & (values > strip.low) & (values < strip.high)
        for first, end in runs(list(zip(solid, shots, strict=True))):
            if solid[first] and end - first > 1:
                part = slice(first, end)
                there = np.full(end - first, edge)
                outline = strip.at(seconds[part], values[part])
                back = strip.at(seconds[part], there)[::-1]
                paper.area(_spots(np.concatenate([outline, back])), LOW)
                paper.line(_spots(outline), WALL, 1)
    survey = location.survey
    nearest, _ = survey.nearest(path.world_from_camera[check.frames, :3, 3])
    for spot in _spots(strip.at(seconds, survey.positions[nearest, 2])):
        paper.disc(spot, PHOTO, 1.5)
    draw_curve(paper, strip.at(np.arange(len(path)) / path.fps, heights), check, inks, 3)
    over = (heights[check.frames] - below)[np.isfinite(below)]
    said = ["nothing below it"]
    if len(over):
        words = dict.fromkeys(location.length_words(length) for length in (over.min(), over.max()))
        said = [f"{' to '.join(words)} above", "what is below it"]
    _title(paper, "height of the camera", said, top)


def draw_curve(
    paper: Paper,
    spots: Float[np.ndarray, "frame 2"],
    check: PathCheck,
    inks: Sequence[Ink],
    wide: float,
) -> None:
    """Draw a line over all frames in their inks, which ends where the path cuts."""
    shots = check.shots
    for first, end in runs(list(zip(shots, inks, strict=True))):
        joined = end < len(spots) and shots[end] == shots[first]
        part = _spots(spots[first : end + joined])
        if len(part) > 1:
            paper.line(part, inks[first], wide)


def draw_strips(
    paper: Paper, path: CameraPath, check: PathCheck, location: Location, top: float, high: float
) -> None:
    """Draw a strip for each figure of the check, ``high`` pixels each, and the seconds below."""
    size, length = location.size, location.length_words
    speed, turn = float(check.speed.max()), float(check.turn_deg_s.max())
    room = np.minimum(check.clearance, _MOST_ROOM * size)
    blocked = check.near | check.crosses
    figures = (
        ("seen by photos", f"least {check.seen.min():.0%}", check.seen, 1.0, SEEN, POOR,
         check.seen < SEEN),
        ("nearest surface", f"least {_room_said(check, location)}", room, _MOST_ROOM * size,
         NEAR * size, BAD, blocked),
        ("speed", f"most {length(speed)} a second", check.speed, max(1.2 * FAST * size, speed),
         FAST * size, HASTY, check.speed > FAST * size),
        ("turn of the view", f"most {turn:.0f} degrees a second", check.turn_deg_s,
         max(1.2 * TURN_DEG_S, turn), TURN_DEG_S, HASTY, check.turn_deg_s > TURN_DEG_S),
    )  # fmt: skip
    place = np.clip(np.searchsorted(check.frames, np.arange(len(path)), "right") - 1, 0, None)
    seconds = max(len(path) / path.fps, 1e-9)
    for row, (name, said, values, most, limit, ink, bad) in enumerate(figures):
        begin = top + row * high
        strip = Strip(seconds, paper.width_px, begin + 8, begin + high - 6, 0.0, most)
        _title(paper, name, [said], begin + 4)
        ends = np.array([0.0, seconds])
        paper.line(_spots(strip.at(ends, np.full(2, limit))), FAINT, 1)
        paper.line(_spots(strip.at(ends, np.zeros(2))), FAINT, 1)
        inks = [ink if bad[look] else GOOD for look in place]
        curve = strip.at(np.arange(len(path)) / path.fps, _over_frames(check, values))
        draw_curve(paper, curve, check, inks, 2)
    _draw_seconds(paper, seconds, top + len(figures) * high)


def draw_cuts(paper: Paper, path: CameraPath, check: PathCheck, top: float, base: float) -> None:
    """Draw a line down all strips where the path cuts."""
    strip = Strip(max(len(path) / path.fps, 1e-9), paper.width_px, top, base, 0.0, 1.0)
    for frame in np.flatnonzero(check.cuts):
        x = float(strip.at(np.array([(frame + 0.5) / path.fps]), np.zeros(1))[0, 0])
        for y in np.arange(top, base, 8.0):
            paper.line([(x, float(y)), (x, float(min(y + 4, base)))], INK, 1)


def _over_frames(check: PathCheck, values: Float[np.ndarray, "look"]) -> Float[np.ndarray, "frame"]:
    """Return the values of looks between them as well, but not across cuts."""
    shots = check.shots
    out = np.interp(np.arange(len(shots)), check.frames, values)
    for shot in np.unique(shots):
        frames, own = np.flatnonzero(shots == shot), shots[check.frames] == shot
        if own.any():
            out[frames] = np.interp(frames, check.frames[own], values[own])
    return out


def _room_said(check: PathCheck, location: Location) -> str:
    least = float(check.clearance.min())
    return location.length_words(least) if np.isfinite(least) else "out of reach"


def _title(paper: Paper, name: str, said: Sequence[str], top: float) -> None:
    paper.words((14, top), name, 13)
    for row, line in enumerate(said):
        paper.words((14, top + 18 + 14 * row), line, 11)


def _draw_seconds(paper: Paper, seconds: float, top: float) -> None:
    every = max(1, round(seconds / 12))
    for second in range(0, int(seconds) + 1, every):
        x = LEFT + (paper.width_px - LEFT - RIGHT) * second / seconds
        paper.line([(x, top), (x, top + 4)], INK, 1)
        paper.words((x - 6, top + 5), f"{second} s", 11)


def _spots(pixels: Float[np.ndarray, "n 2"]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in pixels]
