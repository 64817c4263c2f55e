"""A map of a path from above, with the photos, what they saw, and what is wrong, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from scenegen.path.check import NEAR, SEEN, PathCheck
from scenegen.path.location import Location
from scenegen.types import CameraPath

WIDTH_PX, MAP_PX, STRIP_PX = 1100, 820, 78
_FINE = 2
"""Everything is drawn so many times larger and then reduced, for smooth edges."""

_PAPER, _INK, _FAINT = (255, 255, 255), (40, 44, 52), (205, 209, 216)
_PHOTO, _POINT = (120, 132, 150), (188, 194, 204)
_GOOD, _POOR, _BAD = (38, 140, 86), (226, 150, 30), (206, 44, 44)
_MOST_POINTS = 20_000
_MOST_WORDS = 8


class _Sheet:
    """World coordinates seen from above, drawn onto an image."""

    def __init__(self, low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"], top: int) -> None:
        self.top = top
        self.base = top + MAP_PX
        height = self.base + 3 * STRIP_PX + 30
        self.image = Image.new("RGB", (WIDTH_PX * _FINE, height * _FINE), _PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.scale = float(min((WIDTH_PX - 80) / (high - low)[0], (MAP_PX - 80) / (high - low)[1]))
        self._middle = (low + high) / 2

    def at(self, points: Float[np.ndarray, "n 3"]) -> list[tuple[float, float]]:
        """Return the pixels of world points: +X to the right, +Y up."""
        flat = (points[:, :2] - self._middle) * self.scale * [1, -1]
        pixels = _FINE * (flat + np.array([WIDTH_PX / 2, self.top + MAP_PX / 2]))
        return [(float(x), float(y)) for x, y in pixels]

    def text(
        self,
        place: tuple[float, float],
        words: str,
        size: int = 13,
        ink: tuple[int, int, int] = _INK,
    ) -> None:
        """Write words with their top left corner at ``place``, in pixels of the finished map."""
        font = ImageFont.load_default(size * _FINE)
        self.draw.text((place[0] * _FINE, place[1] * _FINE), words, ink, font)


def draw_check(
    path: CameraPath, check: PathCheck, location: Location
) -> UInt8[np.ndarray, "h w 3"]:
    """Return the map of a path: photos, sparse points, the way coloured by what is wrong with it.

    Below it are strips over the seconds: how much photos saw, how near surfaces are, how fast the
    view turns.
    """
    positions = path.world_from_camera[:, :3, 3]
    survey = location.survey
    around = np.concatenate([positions, survey.positions, location.subject[None]])[:, :2]
    low, high = around.min(axis=0), around.max(axis=0)
    room = 0.08 * max(*(high - low), 0.2 * location.size)
    words = _words(check)
    sheet = _Sheet(low - room, high + room, 20 + 18 * len(words))
    _draw_points(sheet, location)
    for position, forward in zip(survey.positions, survey.forwards, strict=True):
        _draw_wedge(sheet, position, forward, _PHOTO, 9)
    _draw_way(sheet, path, check, location)
    _draw_legend(sheet, words, check, location)
    _draw_strips(sheet, path, check, location)
    width, height = sheet.image.size
    image = sheet.image.resize((width // _FINE, height // _FINE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def write_map(path: CameraPath, check: PathCheck, location: Location, file: Path) -> None:
    """Write the map as a PNG, atomically."""
    from io import BytesIO

    from scenegen.files import write_atomic

    buffer = BytesIO()
    Image.fromarray(draw_check(path, check, location)).save(buffer, "PNG", optimize=True)
    write_atomic(file, buffer.getvalue())


def _draw_points(sheet: _Sheet, location: Location) -> None:
    points = location.scene.points[:: max(1, len(location.scene.points) // _MOST_POINTS)]
    if len(points):
        sheet.draw.point(sheet.at(points), _POINT)
    x, y = sheet.at(location.subject[None])[0]
    arm = 7 * _FINE
    for line in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
        sheet.draw.line(line, _INK, 2 * _FINE)


def _draw_wedge(
    sheet: _Sheet,
    position: Float[np.ndarray, "3"],
    forward: Float[np.ndarray, "3"],
    ink: tuple[int, int, int],
    length: float,
) -> None:
    """Draw a camera as the triangle that it looks into."""
    x, y = sheet.at(position[None])[0]
    heading = np.arctan2(-forward[1], forward[0])
    reach = length * _FINE * float(np.hypot(*forward[:2]))
    tips = [
        (x + reach * np.cos(heading + side), y + reach * np.sin(heading + side))
        for side in (-0.5, 0.5)
    ]
    sheet.draw.line([(x, y), *tips, (x, y)], ink, _FINE)


def _inks(check: PathCheck) -> list[tuple[int, int, int]]:
    """Return the colour of the way at each look: bad where it hits something, poor where unseen."""
    bad = check.crosses | check.near
    inks = np.where(check.seen < SEEN, 1, 0)
    return [(_GOOD, _POOR, _BAD)[2 if hit else ink] for hit, ink in zip(bad, inks, strict=True)]


def _draw_way(sheet: _Sheet, path: CameraPath, check: PathCheck, location: Location) -> None:
    from scenegen.path.check import find_cuts

    places = sheet.at(path.world_from_camera[:, :3, 3])
    cuts = find_cuts(path.world_from_camera[:, :3, 3].astype(np.float64), location.size)
    inks = _inks(check)
    look = np.clip(np.searchsorted(check.frames, np.arange(len(path)), side="right") - 1, 0, None)
    for frame in range(len(path) - 1):
        if not cuts[frame]:
            sheet.draw.line([places[frame], places[frame + 1]], inks[look[frame]], 4 * _FINE)
    written: list[np.ndarray] = []
    for second in range(int(len(path) / path.fps) + 1):
        frame = min(round(second * path.fps), len(path) - 1)
        pose = path.world_from_camera[frame]
        _draw_wedge(sheet, pose[:3, 3], -pose[:3, 2], inks[look[frame]], 20)
        x, y = places[frame]
        spot = np.array([x / _FINE + 6, y / _FINE - 16])
        if all(np.abs(spot - other)[0] > 30 or np.abs(spot - other)[1] > 14 for other in written):
            sheet.text((float(spot[0]), float(spot[1])), f"{second} s", 11)
            written.append(spot)


def _words(check: PathCheck) -> list[str]:
    lines = [str(trouble) for trouble in check.troubles[:_MOST_WORDS]]
    more = len(check.troubles) - len(lines)
    return [*lines, *([f"and {more} more"] if more else [])] or ["nothing is wrong with this path"]


def _draw_legend(sheet: _Sheet, words: Sequence[str], check: PathCheck, location: Location) -> None:
    for row, line in enumerate(words):
        sheet.text((14, 12 + 18 * row), line[:150], 13, _BAD if check.troubles else _GOOD)
    step = 10.0 ** np.floor(np.log10(max(250 / sheet.scale, 1e-12)))
    step *= max(k for k in (1, 2, 5) if k * step * sheet.scale <= 250)
    x, y = WIDTH_PX - 30 - step * sheet.scale, sheet.base - 24
    bar = (x * _FINE, y * _FINE, (WIDTH_PX - 30) * _FINE, y * _FINE)
    sheet.draw.line(bar, _INK, 2 * _FINE)
    sheet.text((x, y - 20), location.length_words(step), 12)


def _draw_strips(sheet: _Sheet, path: CameraPath, check: PathCheck, location: Location) -> None:
    inks = _inks(check)
    length = location.length_words
    near = np.minimum(check.clearance, 0.5 * location.size)
    strips: Sequence[tuple[str, np.ndarray, float, float, str]] = (
        ("seen by photos", check.seen, 1.0, SEEN, f"least {check.seen.min():.0%}"),
        (
            "nearest surface",
            near,
            0.5 * location.size,
            NEAR * location.size,
            f"least {length(check.clearance.min())}",
        ),
        (
            "turn of the view",
            check.turn_deg_s,
            max(60.0, float(check.turn_deg_s.max())),
            45.0,
            f"most {check.turn_deg_s.max():.0f} degrees a second",
        ),
    )
    seconds = max(len(path) / path.fps, 1e-9)
    for row, (name, values, most, limit, words) in enumerate(strips):
        top = sheet.base + 8 + row * STRIP_PX
        base, left, wide, high = top + STRIP_PX - 22, 150, WIDTH_PX - 180, STRIP_PX - 26
        sheet.text((14, top + 10), name, 13)
        sheet.text((14, top + 28), words, 11)
        x = (left + wide * check.seconds / seconds) * _FINE
        y = (base - high * np.clip(values / most, 0, 1)) * _FINE
        for k in range(len(x) - 1):
            sheet.draw.line((x[k], y[k], x[k + 1], y[k + 1]), inks[k], 2 * _FINE)
        level = (base - high * limit / most) * _FINE
        sheet.draw.line((left * _FINE, level, (left + wide) * _FINE, level), _FAINT, _FINE)
        sheet.draw.line(
            (left * _FINE, base * _FINE, (left + wide) * _FINE, base * _FINE), _INK, _FINE
        )
    every = max(1, round(seconds / 12))
    for second in range(0, int(seconds) + 1, every):
        place = 150 + (WIDTH_PX - 180) * second / seconds
        sheet.text((place - 6, sheet.base + 3 * STRIP_PX - 4), f"{second} s", 11)
