"""The scene that a studio shows, and how its world looks from a browser.

A browser gets the scene moved and scaled: the subject at the origin, the scene's size 3 units. Its
depths are fixed-point numbers up to 167, its gizmos and near planes are made for rooms, and a scene
may be a coin or a valley. Cameras of a browser look along +Z with +Y down, ours along -Z.
"""

from __future__ import annotations

import threading

import numpy as np
from jaxtyping import Float

from scenegen.path.location import Location
from scenegen.render.guided import PhotoGuide
from scenegen.types import Scene

SHOWN_SIZE = 3.0
"""Size of the scene in the browser's units."""

_FLIP = np.array([1.0, -1.0, -1.0])


class Stage:
    """A scene with what is asked of it again and again.

    ``like`` is a stage of the same world, whose place in the browser it keeps: if the scene stands
    otherwise now, it is turned about that place. Photos that guided it guide this one. One of a
    scene that is ``growing`` has its place by the ball that it trains in: what there is to see
    comes later. Raises `PathError` for a scene without photos.
    """

    def __init__(self, scene: Scene, like: Stage | None = None, growing: bool = False) -> None:
        self.scene, self.growing = scene, growing
        self.location = Location(scene)
        if like is not None:
            turn = scene.placement.turn @ like.scene.placement.turn.T
            self.centre, self.scale = turn @ like.centre, like.scale
        elif growing:
            self.centre = np.array(scene.field.centre, np.float64)
            self.scale = SHOWN_SIZE / scene.field.radius
        else:
            self.centre = np.array(self.location.subject, np.float64)
            self.scale = SHOWN_SIZE / self.location.size
        same = like is not None and like.scene.as_trained is scene.as_trained
        self.guide = like.guide.placed(scene.placement) if like and same else PhotoGuide(scene)
        self.guiding = like.guiding if like and same else threading.Lock()
        """Held by whoever uses ``guide``, whose caches are made for one."""
        self._warm = like._warm if like and same else threading.Event()

    @property
    def is_warm(self) -> bool:
        """Whether the photos are ready to guide frames."""
        return self._warm.is_set()

    def warm(self) -> None:
        """Find out how far the photos guide; that takes a while for a new scene.

        Raises `RenderError` for a photo that cannot be read.
        """
        with self.guiding:
            _ = self.guide.settings
        self._warm.set()

    def close(self) -> None:
        """Let what is being made ready end soon; nothing can be guided after that."""
        self.guide.give_up()

    def shown(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """Return points of the scene's world in the browser's."""
        return (points - self.centre) * self.scale

    def shown_pose(
        self, pose: Float[np.ndarray, "4 4"]
    ) -> tuple[Float[np.ndarray, "4"], Float[np.ndarray, "3"]]:
        """Return a camera-to-world matrix as the browser's quaternion wxyz and position."""
        from scipy.spatial.transform import Rotation

        turn = Rotation.from_matrix(pose[:3, :3] * _FLIP)
        return turn.as_quat(scalar_first=True), self.shown(pose[:3, 3])

    def pose(
        self, wxyz: Float[np.ndarray, "4"], position: Float[np.ndarray, "3"]
    ) -> Float[np.ndarray, "4 4"]:
        """Return the camera-to-world matrix of a browser's quaternion and position."""
        from scipy.spatial.transform import Rotation

        matrix = np.eye(4)
        turn = Rotation.from_quat(np.asarray(wxyz, np.float64), scalar_first=True)
        matrix[:3, :3] = turn.as_matrix() * _FLIP
        matrix[:3, 3] = np.asarray(position, np.float64) / self.scale + self.centre
        return matrix
