"""A path seen from above, among the photos and the surfaces that they saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from scenegen.path.chart.paper import BAD, INK, LOW, PAPER, PHOTO, WALL, Ink, Paper, runs, width_of
from scenegen.path.check import PathCheck
from scenegen.path.location import Location
from scenegen.types import CameraPath

_RIM = 0.08
"""Space around the photos and the path, as a share of what they span."""

_RAYS = 60_000
_MOST_SIDE = 60
"""Rays by which surfaces are looked for, and most of them along a side of a photo."""

_AS_HIGH = 0.1
"""Surfaces are as high as the camera within so many sizes of the scene."""

_PHOTO_PX, _CAMERA_PX = 11.0, 22.0
_MOST_SECONDS = 24
"""Seconds that are written along a path; of longer ones every second, third, ..."""


@dataclass(frozen=True)
class Ground:
    """Where a world seen from above lies on paper, between ``top`` and ``base``.

    +X is to the right and +Y up, or +Y to the left and +X up, whichever leaves less paper empty.
    """

    middle: Float[np.ndarray, "2"]
    scale: float
    """Pixels a unit."""

    turned: bool
    width: float
    top: float
    base: float

    def at(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 2"]:
        """Return the pixels of world points."""
        flat = (points[:, :2] - self.middle) * self.scale
        across, up = (-flat[:, 1], flat[:, 0]) if self.turned else (flat[:, 0], flat[:, 1])
        return np.stack([self.width / 2 + across, (self.top + self.base) / 2 - up], axis=1)

    def heading(self, forward: Float[np.ndarray, "3"]) -> Float[np.ndarray, "2"]:
        """Return where on paper a direction of the world points, as long as it is level."""
        x, y = forward[:2]
        return np.array([-y, -x]) if self.turned else np.array([x, -y])

    def holds(self, spots: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """Return which pixels lie on this part of the paper."""
        inside = (spots > [2, self.top + 2]) & (spots < [self.width - 2, self.base - 2])
        return np.asarray(inside.all(axis=1))


def ground_of(
    path: CameraPath, location: Location, width: float, top: float, heights: tuple[float, float]
) -> Ground:
    """Return a ground that holds path, photos and subject, as high as it needs within limits."""
    places = [path.world_from_camera[:, :3, 3], location.survey.positions, location.subject[None]]
    around = np.concatenate(places)[:, :2]
    low, high = around.min(axis=0), around.max(axis=0)
    span = np.maximum(high - low, 0.2 * location.size)
    turned = bool(span[1] > 1.2 * span[0])
    wide, deep = (span[::-1] if turned else span) + 2 * _RIM * span.max()
    height = float(np.clip(width / wide * deep, *heights))
    scale = float(min(width / wide, height / deep))
    return Ground((low + high) / 2, scale, turned, width, top, top + height)


def draw_above(
    paper: Paper,
    ground: Ground,
    path: CameraPath,
    check: PathCheck,
    inks: list[Ink],
    location: Location,
) -> None:
    """Draw surfaces, photos, and the way with its seconds; ``inks`` has each frame's colour."""
    _draw_surfaces(paper, ground, path, location)
    for position, forward in zip(location.survey.positions, location.survey.forwards, strict=True):
        draw_camera(paper, ground.at(position[None])[0], ground.heading(forward), PHOTO, _PHOTO_PX)
    draw_subject(paper, ground.at(location.subject[None])[0])
    spots = ground.at(path.world_from_camera[:, :3, 3])
    _draw_way(paper, spots, check, inks)
    for trouble in check.troubles:
        if trouble.kind == "crossing":
            moment = trouble.start * path.fps
            draw_cross(paper, [np.interp(moment, np.arange(len(spots)), axis) for axis in spots.T])
    _draw_seconds(paper, ground, path, spots, inks)
    _draw_scale(paper, ground, location)


def draw_camera(
    paper: Paper,
    spot: Float[np.ndarray, "2"],
    heading: Float[np.ndarray, "2"],
    ink: Ink,
    length: float,
) -> None:
    """Draw a camera as a dot and the wedge into which it looks; straight down there is no wedge."""
    ahead, aside = length * heading, 0.5 * length * np.array([-heading[1], heading[0]])
    corners = [spot, spot + ahead + aside, spot + ahead - aside, spot]
    paper.line([(float(x), float(y)) for x, y in corners], ink, 1)
    paper.disc((float(spot[0]), float(spot[1])), ink, 2.0)


def draw_subject(paper: Paper, spot: Float[np.ndarray, "2"]) -> None:
    """Draw the plus that marks what the photos look at."""
    x, y = map(float, spot)
    for line in ([(x - 7, y), (x + 7, y)], [(x, y - 7), (x, y + 7)]):
        paper.line(line, INK, 2)


def draw_cross(paper: Paper, spot: list[float]) -> None:
    """Draw the cross that marks where a path meets a surface."""
    x, y = spot
    for ink, wide, arm in ((PAPER, 6, 9), (BAD, 3, 8)):
        for side in (-arm, arm):
            paper.line([(x - side, y - arm), (x + side, y + arm)], ink, wide)


def _draw_surfaces(paper: Paper, ground: Ground, path: CameraPath, location: Location) -> None:
    side = int(min(_MOST_SIDE, max(1, np.sqrt(_RAYS / len(location.survey.cameras)))))
    points = np.concatenate([location.survey.surfaces(side), location.scene.points])
    spots = ground.at(points)
    heights = path.world_from_camera[:, 2, 3]
    room = _AS_HIGH * location.size
    as_high = (points[:, 2] > heights.min() - room) & (points[:, 2] < heights.max() + room)
    shown = ground.holds(spots)
    for which, ink in ((shown & ~as_high, LOW), (shown & as_high, WALL)):
        if which.any():
            paper.dust(spots[which], ink)


def _draw_way(
    paper: Paper, spots: Float[np.ndarray, "frame 2"], check: PathCheck, inks: list[Ink]
) -> None:
    """Draw what is well first, so that it hides no trouble; between cuts there is no way."""
    shots = check.shots
    parts = runs(list(zip(shots, inks, strict=True)))
    worth = [BAD, *sorted(set(inks) - {BAD})]
    for first, end in sorted(parts, key=lambda part: -worth.index(inks[part[0]])):
        joined = end < len(spots) and shots[end] == shots[first]
        way = [(float(x), float(y)) for x, y in spots[first : end + joined]]
        if len(way) > 1:
            paper.line(way, inks[first], 4)


def _draw_seconds(
    paper: Paper,
    ground: Ground,
    path: CameraPath,
    spots: Float[np.ndarray, "frame 2"],
    inks: list[Ink],
) -> None:
    """Draw the camera every second, and write the seconds beside the way where there is room."""
    every = max(1, round(len(path) / path.fps / _MOST_SECONDS))
    seconds = range(0, int((len(path) - 1) / path.fps) + 1, every)
    stops: list[list[int]] = []
    covered = [spots]
    for second in seconds:
        frame = round(second * path.fps)
        heading = ground.heading(-path.world_from_camera[frame, :3, 2])
        draw_camera(paper, spots[frame], heading, inks[frame], _CAMERA_PX)
        covered.append(spots[frame] + np.linspace(0.2, 1.0, 4)[:, None] * _CAMERA_PX * heading)
        if stops and np.linalg.norm(spots[frame] - spots[round(stops[-1][0] * path.fps)]) < 6:
            stops[-1].append(second)
        else:
            stops.append([second])
    written: list[np.ndarray] = []
    for stop in stops:
        said = f"{stop[0]} s" if len(stop) == 1 else f"{stop[0]} to {stop[-1]} s"
        spot = spots[round(stop[0] * path.fps)]
        box = _free_box(spot, width_of(said, 12), np.concatenate(covered), written)
        if box is not None:
            paper.words((float(box[0]), float(box[1])), said, 12)
            written.append(box)


def _free_box(
    spot: Float[np.ndarray, "2"],
    wide: float,
    covered: Float[np.ndarray, "n 2"],
    written: list[np.ndarray],
) -> Float[np.ndarray, "4"] | None:
    """Return left, top, right and bottom of words beside a spot that hide the least of ``covered``.

    None where other words are everywhere.
    """
    boxes = []
    for x, y in ((10, -18), (10, 4), (-10 - wide, -18), (-10 - wide, 4), (-wide / 2, 10)):
        box = np.array([spot[0] + x, spot[1] + y, spot[0] + x + wide, spot[1] + y + 14])
        if not any(_meet(box, other) for other in written):
            boxes.append(box)
    hidden = [((covered > box[:2]) & (covered < box[2:])).all(axis=1).sum() for box in boxes]
    return boxes[int(np.argmin(hidden))] if boxes else None


def _meet(one: Float[np.ndarray, "4"], other: Float[np.ndarray, "4"]) -> bool:
    return bool((one[:2] < other[2:] + 3).all() and (other[:2] < one[2:] + 3).all())


def _draw_scale(paper: Paper, ground: Ground, location: Location) -> None:
    """Draw a bar of a round length, in metres where these are known, and the axes."""
    unit = location.scene.metres_per_unit or 1.0
    longest = 240 / ground.scale * unit
    step = 10.0 ** np.floor(np.log10(longest))
    step *= max(k for k in (1, 2, 5) if k * step <= longest)
    right, y = ground.width - 24, ground.base - 14
    left = float(right - step / unit * ground.scale)
    paper.line([(left, y), (right, y)], INK, 2)
    paper.words((left, y - 20), location.length_words(step / unit), 12)
    corner = np.array([22.0, ground.base - 16])
    for name, axis in (("x", [1.0, 0, 0]), ("y", [0, 1.0, 0])):
        tip = corner + 26 * ground.heading(np.array(axis)) + ([26, 0] if ground.turned else 0)
        foot = corner + ([26, 0] if ground.turned else 0)
        paper.line([tuple(map(float, foot)), tuple(map(float, tip))], INK, 1)  # pyright: ignore[reportArgumentType]
        paper.words((float(tip[0]) + 3, float(tip[1]) - 14), name, 11)
