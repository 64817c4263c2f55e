"""A scene as a director speaks of it: its subject, its size, its photos, its metres.

What a path script leaves to the place it is played at is asked here: a script knows no scene.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.path.framing import aim, aim_steep, is_steep
from scenegen.path.script.values import Picked, split_length, split_stop
from scenegen.path.survey import Distances, Survey, field_distances, frame_rays
from scenegen.path.tour import common_subject
from scenegen.path.vantage import Vantage, find_vantage
from scenegen.types import Camera, Scene

_TOUCH = 1e-4
"""Where rays begin that look for what a camera touches, in radii of the field."""

_UNTRAINED = 0.05
"""Most of the space before a lens, in sizes of the scene, in which no surface is believed."""

_AGREED = 0.8
"""Agreement of the photos from which the point that they look at is a subject."""

_ONE_SIDED = 0.5
"""Mean of the directions to the subject from which the photos stand on one side of it."""

_FARTHEST = 3.0
"""Sizes of the scene beyond which nothing is a subject: the end of a street is none."""

_SEEN_RAYS = 5
"""Rays a side by which it is asked what a photo saw."""


@dataclass(frozen=True)
class View:
    """Where a camera is, how it is turned (camera to world), and how wide it sees."""

    position: Float[np.ndarray, "3"]
    rotation: Float[np.ndarray, "3 3"]
    fov_y_deg: float

    @property
    def forward(self) -> Float[np.ndarray, "3"]:
        """Unit viewing direction."""
        return -self.rotation[:, 2]


class Location:
    """The place where a script is played.

    ``distances`` measures how far rays go; by default they are traced through the scene's field.
    ``best`` is the view that shows the place best, where that is known: its point is the subject.
    Raises `PathError` for a scene without photos.
    """

    def __init__(
        self, scene: Scene, distances: Distances | None = None,
        best: Vantage | None = None,
    ) -> None:  # fmt: skip
        if not scene.photos:
            raise PathError(
                "the scene has no posed photos, by which a script finds its subject and its size, "
                "expected at least 1; lift the capture again"
            )
        self.scene = scene
        # A crop hides and moves nothing: units, the subject and what photos saw stay what they are.
        sights = distances or field_distances(scene.field.whole)
        self.survey = Survey(scene.cameras, sights, scene.points)
        self.steep = is_steep(self.survey.forwards)
        self._vantages: dict[tuple[float, float | None], Vantage] = {}
        self._given = distances
        self._best = best

    @property
    def size(self) -> float:
        """The unit of plain numbers in scripts: the photos' median distance to what they see."""
        return self.survey.depth

    @cached_property
    def touching(self) -> Distances:
        """Distances along rays that meet also what is at their very beginning.

        Rays of photos and frames begin farther out, for what fills the air right before a photo's
        lens was never trained. A surface is thus not believed within `untrained` of a photo.
        """
        if self._given is not None:
            return self._given
        measured = field_distances(self.scene.field, _TOUCH)

        def distances(
            origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
        ) -> Float[np.ndarray, "n"]:
            reach = measured(origins, directions)
            hit = np.flatnonzero(np.isfinite(reach))
            met = origins[hit] + reach[hit, None] * directions[hit]
            apart, _ = self._photo_tree.query(met)
            reach[hit[apart < self.untrained]] = np.inf
            return reach

        return distances

    @property
    def untrained(self) -> float:
        """Distance from a photo, in world units, up to which its own rays trained nothing."""
        field = self.scene.field
        return min(field.near * field.radius, _UNTRAINED * self.size)

    @cached_property
    def _photo_tree(self) -> Any:
        from scipy.spatial import KDTree

        return KDTree(self.survey.positions)

    @cached_property
    def subject(self) -> Float[np.ndarray, "3"]:
        """What the photos look at.

        Unless it is known, the point nearest to all their axes, where they agree on one and stand
        around it. Otherwise the middle of what they see in their centres: from one side, axes meet
        behind it.
        """
        if self._best is not None:
            return self._best.point
        survey = self.survey
        point, agreed = common_subject(survey.positions, survey.forwards)
        arms = point - survey.positions
        arms = arms / np.maximum(np.linalg.norm(arms, axis=1, keepdims=True), 1e-12)
        if agreed >= _AGREED and np.linalg.norm(arms.mean(axis=0)) < _ONE_SIDED:
            return point
        reach = survey.distances(survey.positions, survey.forwards)
        reach = np.minimum(reach, np.where(np.isfinite(reach), _FARTHEST, 1.0) * self.size)
        seen = survey.positions + reach[:, None] * survey.forwards
        apart = np.linalg.norm(seen[:, None] - seen, axis=2).sum(axis=1)
        return seen[int(apart.argmin())]

    @cached_property
    def seen(self) -> Float[np.ndarray, "point 3"]:
        """Surface points that the photos saw, spread over their frames."""
        rays = frame_rays(1.0, 1.0, _SEEN_RAYS, _SEEN_RAYS)
        across = rays[:, :2] / -rays[:, 2:] / np.abs(rays[:, 0] / rays[:, 2]).max()
        directions = []
        for camera in self.survey.cameras:
            lens = camera.lens
            tangent = 0.8 * across * [lens.width_px / lens.fl_x / 2, lens.height_px / lens.fl_y / 2]
            local = np.concatenate([tangent, -np.ones((len(tangent), 1))], axis=1)
            local /= np.linalg.norm(local, axis=1, keepdims=True)
            directions.append(local @ camera.world_from_camera[:3, :3].T)
        origins = np.repeat(self.survey.positions, len(across), axis=0)
        return self.surface(origins, np.concatenate(directions))

    @cached_property
    def heading(self) -> Float[np.ndarray, "3"]:
        """Where the top of a frame points that looks straight down: as in most photos, or +Y."""
        tops = np.array([camera.world_from_camera[:3, 1] for camera in self.survey.cameras])
        mean = tops.mean(axis=0) * [1, 1, 0]
        length = float(np.linalg.norm(mean))
        return mean / length if length > 0.5 else np.array([0.0, 1.0, 0.0])

    def aimed(self, looks: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3 3"]:
        """Return level rotations that look along ``looks``, of any length."""
        unit = looks / np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-12)
        return aim_steep(unit, self.heading) if self.steep else aim(unit, unit, False)

    def vantage(self, aspect: float, lens: float | None = None) -> Vantage:
        """Return the view that shows the whole place best, with a lens (degrees) or its own."""
        key = (aspect, lens)
        if self._best is not None:
            view = self._best.view
            return replace(self._best, view=replace(view, fov_y_deg=lens or view.fov_y_deg))
        if key not in self._vantages:
            self._vantages[key] = find_vantage(self, aspect, lens)
        return self._vantages[key]

    def surface(
        self, origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n 3"]:
        """Return what rays meet; where they meet nothing, the point one size of the scene away."""
        reach = self.survey.distances(origins, directions)
        return origins + np.where(np.isfinite(reach), reach, self.size)[:, None] * directions

    def length(self, value: float | str, where: str) -> float:
        """Return a length of a script in world units; raise `PathError` for unknown metres."""
        number, unit = split_length(value)
        if unit == "size":
            return number * self.size
        if unit == "unit":
            return number
        return number / self._metres(f"{where}: {value!r}", "a plain number, in sizes of the scene")

    def length_words(self, value: float) -> str:
        """Return a length in world units in words: in metres where they are known."""
        metres = self.scene.metres_per_unit
        return f"{value:.2g} units" if metres is None else f"{value * metres:.2g} m"

    def aperture(self, value: float | str, focal_mm: float, where: str) -> float:
        """Return the width of a lens in world units; ``f/N`` needs the scene's metres."""
        stop = split_stop(value)
        if stop is None:
            return self.length(value, where)
        metres = self._metres(f"{where}: {value!r}", "the lens's width, such as 0.02")
        return focal_mm / 1000 / stop / metres

    def point(self, target: str | tuple[float, ...] | Picked, where: str) -> np.ndarray:
        """Return the point that a target names.

        For a photo it is what the photo shows in its middle. Raises `PathError` for unknown photos.
        """
        if isinstance(target, Picked):
            return self._picked(target, where)
        if not isinstance(target, str):
            return np.array(target, np.float64)
        if target == "subject":
            return self.subject
        camera = self.photo(target.removeprefix("photo:"), where)
        return self.surface(camera.position[None], camera.forward[None])[0]

    def place(self, target: str | tuple[float, ...] | Picked, where: str) -> np.ndarray:
        """Return the place that a target names for a camera: that of a photo, or the point."""
        if isinstance(target, str) and target.startswith("photo:"):
            return np.array(self.photo(target.removeprefix("photo:"), where).position, np.float64)
        return self.point(target, where)

    def photo(self, name: str, where: str) -> Camera:
        """Return the camera of a photo; raise `PathError` where the scene has none of that name.

        ``first``, ``last`` and ``25%`` are places among the photos, which every scene has.
        """
        for photo in self.scene.photos:
            if name in (photo.name, photo.file.stem):
                return photo.camera
        share = {"first": 0.0, "last": 100.0}.get(name)
        if re.fullmatch(r"\d{1,3}(\.\d+)?%", name):
            share = float(name[:-1])
        if share is not None and share <= 100:
            return self.scene.photos[round(share / 100 * (len(self.scene.photos) - 1))].camera
        names = [photo.name for photo in self.scene.photos]
        near = difflib.get_close_matches(name, names, 1, 0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {names[0]!r} to {names[-1]!r}"
        raise PathError(f"{where}: the scene has no photo {name!r}; {hint}")

    def view(self, camera: Camera, aspect: float) -> View:
        """Return a photo's view: its place, its direction held level, its height in the frame."""
        rotation = self.aimed(camera.forward[None])[0]
        lens = camera.lens
        upright = abs(camera.world_from_camera[2, 1]) >= abs(camera.world_from_camera[2, 0])
        down, across = lens.height_px / lens.fl_y, lens.width_px / lens.fl_x
        if not upright:
            down, across = across, down
        half = min(down, across / aspect) / 2
        fov = float(np.clip(2 * np.degrees(np.arctan(half)), 10.0, 75.0))
        return View(np.array(camera.position, np.float64), rotation, fov)

    def _picked(self, picked: Picked, where: str) -> np.ndarray:
        from scenegen.kernels.rays import undistort

        camera = self.photo(picked.photo, where)
        column, row = picked.pixel
        lens = camera.lens
        width, height = lens.width_px, lens.height_px
        if not (0 <= column <= width and 0 <= row <= height):
            raise PathError(
                f"{where}: expected a pixel inside the photo's {width} x {height}, "
                f"found {column:g}, {row:g}; correct it"
            )
        u, v = (column - lens.cx) / lens.fl_x, (row - lens.cy) / lens.fl_y
        ray = undistort(lens, np.array([u]), np.array([v]))[0] * [1, -1, -1]
        direction = camera.world_from_camera[:3, :3] @ ray / np.linalg.norm(ray)
        return self.surface(camera.position[None], direction[None])[0]

    def _metres(self, where: str, instead: str) -> float:
        if self.scene.metres_per_unit is None:
            raise PathError(
                f"{where}: the scene's scale in metres is not known; write {instead}, "
                "or lift the capture again with --known-length"
            )
        return self.scene.metres_per_unit
