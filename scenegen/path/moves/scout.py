"""What every move needs of the place: lengths, targets, level rotations, and where to begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scenegen.errors import PathError
from scenegen.path.location import Location, View
from scenegen.path.script.values import Picked

Target = str | tuple[float, ...] | Picked


@dataclass(frozen=True)
class Scout:
    """A location as one shot asks it; ``where`` names the shot in messages.

    ``lens`` is the vertical field of view in degrees that the script states for all shots.
    """

    location: Location
    aspect: float
    where: str
    lens: float | None = None

    def length(self, value: float | str, word: str) -> float:
        """Return a length in world units."""
        return self.location.length(value, f"{self.where}.{word}")

    def point(self, target: Target, word: str, start: View | None = None) -> np.ndarray:
        """Return the point that a target names; ``start`` is what ``start`` means."""
        if target == "start":
            return self._start(start, word).position
        return self.location.point(target, f"{self.where}.{word}")

    def place(self, target: Target, word: str, start: View | None = None) -> np.ndarray:
        """Return the place that a target names for a camera."""
        if target == "start":
            return self._start(start, word).position
        return self.location.place(target, f"{self.where}.{word}")

    def photo(self, name: str, word: str) -> View:
        """Return the view of a photo."""
        view = self.location.view(self.location.photo(name, f"{self.where}.{word}"), self.aspect)
        return replace(view, fov_y_deg=self.lens or view.fov_y_deg)

    def ahead(self, view: View) -> np.ndarray:
        """Return the surface point in the middle of a view."""
        return self.location.surface(view.position[None], view.forward[None])[0]

    def toward(
        self, places: Callable[[np.ndarray], np.ndarray], point: np.ndarray
    ) -> Callable[[np.ndarray], np.ndarray]:
        """Return rotations that keep looking at ``point`` along a way."""

        def turns(shares: np.ndarray) -> np.ndarray:
            return self.location.aimed(point - places(shares))

        return turns

    def apart(self, start: View, point: np.ndarray, word: str) -> float:
        """Return the distance from a view to a point; raise `PathError` where there is none."""
        distance = float(np.linalg.norm(point - start.position))
        if distance < 1e-6 * self.location.size:
            raise PathError(
                f"{self.where}.{word}: expected a target away from the camera, found one at its "
                "very place; choose another target, or begin elsewhere"
            )
        return distance

    def _start(self, start: View | None, word: str) -> View:
        if start is None:
            raise PathError(
                f"{self.where}.{word}: 'start' means where the camera is when the shot begins, "
                "which this move does not know; name a photo or a point"
            )
        return start
