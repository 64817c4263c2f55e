"""The map as a picture: what is wrong in words, the path from above, a key, the path over time."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from scenegen.files import check_output, fingerprint, write_atomic
from scenegen.path.chart.above import (
    draw_above,
    draw_camera,
    draw_cross,
    draw_subject,
    ground_of,
)
from scenegen.path.chart.paper import (
    BAD,
    GOOD,
    HASTY,
    INK,
    LOW,
    PHOTO,
    POOR,
    TROUBLE,
    WALL,
    Ink,
    Paper,
    fitted,
    width_of,
)
from scenegen.path.chart.strips import draw_cuts, draw_side, draw_strips
from scenegen.path.check import FAST, SEEN, TURN_DEG_S, PathCheck
from scenegen.path.location import Location
from scenegen.types import CameraPath

WIDTH_PX = 1100
ABOVE_PX = (260.0, 720.0)
"""Least and greatest height of the part seen from above."""

KEY_PX, SIDE_PX, STRIP_PX = 52, 120, 58
_LINE_PX = 18
_KEY = "scenegen.path_map"
"""Under which a PNG has the fingerprint of the path that it shows."""

_MOST_WORDS = 8


def draw_check(
    path: CameraPath, check: PathCheck, location: Location
) -> UInt8[np.ndarray, "h w 3"]:
    """Return the map of a path, coloured by what is wrong with it.

    From the top: the troubles in words; photos, surfaces and the way from above; what the colours
    and signs mean; the height of the way over what is below it; and how much photos saw, how near
    surfaces are, how fast the camera travels and turns, second by second.
    """
    words = _words(check)
    top = 20 + _LINE_PX * len(words)
    ground = ground_of(path, location, WIDTH_PX, top, ABOVE_PX)
    key = ground.base + 8
    side = key + KEY_PX
    strips = side + SIDE_PX + 12
    paper = Paper(WIDTH_PX, round(strips + 4 * STRIP_PX + 28))
    for row, (line, ink) in enumerate(words):
        paper.words((14, 10 + _LINE_PX * row), fitted(line, 13, WIDTH_PX - 28), 13, ink)
    inks = inks_of(path, check, location)
    draw_above(paper, ground, path, check, inks, location)
    _draw_key(paper, key)
    draw_cuts(paper, path, check, side, strips + 4 * STRIP_PX)
    draw_side(paper, path, check, inks, location, side, side + SIDE_PX)
    draw_strips(paper, path, check, location, strips, STRIP_PX)
    return paper.finished()


def check_map_output(file: Path, overwrite: bool) -> None:
    """Raise `OutputError` unless a map may become ``file``.

    One that is a map already is let pass: it may be that of the same path, by a command that was
    stopped. `write_map` looks.
    """
    check_output(file, overwrite or _key_of(file) is not None)


def write_map(
    path: CameraPath, check: PathCheck, location: Location, file: Path, overwrite: bool = False
) -> None:
    """Write the map as a PNG, atomically; raise `OutputError`, also for one of another path."""
    poses = np.ascontiguousarray(path.world_from_camera, np.float32).tobytes()
    key = fingerprint(location.scene.fingerprint, poses, path.fov_y_deg.astype("f4").tobytes())
    check_output(file, overwrite or _key_of(file) == key)
    facts = PngInfo()
    facts.add_text(_KEY, key)
    buffer = BytesIO()
    image = Image.fromarray(draw_check(path, check, location))
    image.save(buffer, "PNG", optimize=True, pnginfo=facts)
    write_atomic(file, buffer.getvalue())


def _key_of(file: Path) -> str | None:
    """Return which path a map shows; None for what is no map."""
    try:
        with Image.open(file) as image:
            return image.info.get(_KEY)
    except OSError:
        return None


def inks_of(path: CameraPath, check: PathCheck, location: Location) -> list[Ink]:
    """Return the colour of the way at every frame: what hits something is worst, then unseen."""
    hasty = (check.speed > FAST * location.size) | (check.turn_deg_s > TURN_DEG_S)
    grave = np.select([check.crosses | check.near, check.seen < SEEN, hasty], [3, 2, 1], 0)
    looks = np.searchsorted(check.frames, np.arange(len(path)), side="right") - 1
    return [(GOOD, HASTY, POOR, BAD)[grave[look]] for look in looks]


def _words(check: PathCheck) -> list[tuple[str, Ink]]:
    lines = [(str(trouble), TROUBLE[trouble.kind]) for trouble in check.troubles[:_MOST_WORDS]]
    more = len(check.troubles) - len(lines)
    if more:
        lines.append((f"and {more} more", INK))
    return lines or [("nothing is wrong with this path", GOOD)]


def _draw_key(paper: Paper, top: float) -> None:
    """Write what the colours and signs mean, in two rows."""
    right = np.array([1.0, 0.0])

    def bar(ink: Ink) -> Callable[[np.ndarray], None]:
        return lambda at: paper.line([(at[0] - 8, at[1]), (at[0] + 8, at[1])], ink, 4)

    def block(ink: Ink) -> Callable[[np.ndarray], None]:
        return lambda at: paper.disc((float(at[0]), float(at[1])), ink, 6)

    rows: tuple[tuple[tuple[Callable[[np.ndarray], None], str], ...], ...] = (
        (
            (bar(GOOD), "the way, seen and clear"),
            (bar(POOR), "photos saw less than half"),
            (bar(HASTY), "too fast, or turns too fast"),
            (bar(BAD), "a surface is too near"),
            (lambda at: draw_cross(paper, list(map(float, at))), "passes through a surface"),
        ),
        (
            (lambda at: draw_camera(paper, at - [6, 0], right, PHOTO, 11), "photo"),
            (lambda at: draw_camera(paper, at - [10, 0], right, GOOD, 20), "camera, each second"),
            (lambda at: draw_subject(paper, at), "what the photos look at"),
            (block(WALL), "surface as high as the camera"),
            (block(LOW), "surface above or below it"),
        ),
    )
    for row, signs in enumerate(rows):
        x, y = 24.0, top + 12 + 22 * row
        for draw, said in signs:
            draw(np.array([x, y]))
            paper.words((x + 18, y - 8), said, 12)
            x += 18 + width_of(said, 12) + 32
