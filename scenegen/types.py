"""The values that stages hand to each other, all frozen.

Conventions, stated here and nowhere else:

- Transforms read right to left: ``p_world = world_from_camera @ p_camera``.
- A camera is an OpenGL camera: +X right, +Y up, it looks along -Z.
- The world is right-handed with +Z up. Lengths are world units;
  `Capture.metres_per_unit` says what one is worth, where that is known.
- Pixel (0, 0) is the top left one and its centre lies at (0.5, 0.5); ``cx``, ``cy`` follow that.
- Quaternions are ``wxyz``.
- Colours are sRGB-encoded, in 0..255 as uint8 or in 0..1 as float.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Int16, UInt8

LensModel = Literal["PINHOLE", "OPENCV", "OPENCV_FISHEYE"]


@dataclass(frozen=True)
class Lens:
    """Intrinsics and distortion of a camera at one image size.

    ``model`` is OpenCV's: `OPENCV` takes k1, k2, k3 (radial) and p1, p2 (tangential),
    `OPENCV_FISHEYE` takes k1..k4, `PINHOLE` none. Unused coefficients are 0.
    Source: OpenCV, "Camera Calibration and 3D Reconstruction".
    """

    width_px: int
    height_px: int
    fl_x: float
    fl_y: float
    cx: float
    cy: float
    model: LensModel = "PINHOLE"
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    @property
    def pixel_angle(self) -> float:
        """Angle in radians that a pixel in the middle of the image spans."""
        return float(1.0 / np.sqrt(self.fl_x * self.fl_y))

    def scaled(self, width_px: int, height_px: int) -> Lens:
        """Return the same lens for the image resampled to ``width_px`` x ``height_px``."""
        sx, sy = width_px / self.width_px, height_px / self.height_px
        return Lens(
            width_px=width_px,
            height_px=height_px,
            fl_x=self.fl_x * sx,
            fl_y=self.fl_y * sy,
            cx=self.cx * sx,
            cy=self.cy * sy,
            model=self.model,
            k1=self.k1,
            k2=self.k2,
            k3=self.k3,
            k4=self.k4,
            p1=self.p1,
            p2=self.p2,
        )


@dataclass(frozen=True)
class Camera:
    """A lens at a pose."""

    lens: Lens
    world_from_camera: Float[np.ndarray, "4 4"]

    @property
    def position(self) -> Float[np.ndarray, "3"]:
        """Centre of projection in world units."""
        return self.world_from_camera[:3, 3]

    @property
    def forward(self) -> Float[np.ndarray, "3"]:
        """Unit viewing direction in the world."""
        return -self.world_from_camera[:3, 2]


@dataclass(frozen=True)
class Photo:
    """A posed photo of a capture; ``file`` is absolute, of the size that ``camera.lens`` states.

    ``mask`` is an image of the same size, black where the photo is to be ignored.
    """

    file: Path
    camera: Camera
    mask: Path | None = None

    @property
    def name(self) -> str:
        """File name, by which photos are sorted and reported."""
        return self.file.name


@dataclass(frozen=True)
class Capture:
    """Posed photos with the sparse points that their matches gave; photos are sorted by name.

    ``photos_total`` counts all photos that came in: also unusable and unposed ones, and those that
    a posed capture lists but lacks. ``metres_per_unit`` is None where nothing gave the scale.
    """

    photos: tuple[Photo, ...]
    points: Float32[np.ndarray, "point 3"]
    point_colors: UInt8[np.ndarray, "point 3"]
    photos_total: int
    metres_per_unit: float | None = None

    @property
    def positions(self) -> Float[np.ndarray, "photo 3"]:
        """Camera centres in world units."""
        return np.array([photo.camera.position for photo in self.photos]).reshape(-1, 3)


@dataclass(frozen=True)
class FieldShape:
    """Size of a hash-grid radiance field; fixes the shape of every parameter array.

    Source: Mueller et al., "Instant Neural Graphics Primitives" (2022), section 3.
    """

    levels: int = 8
    log2_table: int = 17
    features: int = 4
    coarsest: int = 16
    finest: int = 1024
    hidden: int = 32
    geometry: int = 15


@dataclass(frozen=True)
class Crop:
    """A box that stands upright in the world: what lies outside it is not shown.

    ``size`` is measured along the box's own axes, which are the world's turned about +Z by
    ``turn_deg``, counter-clockwise seen from above. Behind the box is one plain colour,
    ``background``, sRGB-encoded in 0..1; the field's `Field.background` where it is None.
    """

    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    turn_deg: float = 0.0
    background: tuple[float, float, float] | None = None

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """World directions of the box's axes, in columns."""
        c, s = np.cos(np.deg2rad(self.turn_deg)), np.sin(np.deg2rad(self.turn_deg))
        return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Placement:
    """How a trained scene stands in its world, and what of it is shown.

    The world is the frame that the scene was trained in, turned about its origin by ``rotation``, a
    unit quaternion. ``crop`` lies in the world.
    """

    rotation: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    crop: Crop | None = None

    @property
    def turn(self) -> Float[np.ndarray, "3 3"]:
        """``rotation`` as a matrix: world from the frame that the scene was trained in."""
        w, x, y, z = self.rotation
        k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        return np.eye(3) + 2.0 * (w * k + k @ k)


@dataclass(frozen=True, eq=False)
class Field:
    """A trained radiance field with what is needed to march rays through it.

    A world point enters the field as ``contract((turn.T @ p - centre) / radius)``: the unit ball
    keeps its shape and all of space outside fits into the ball of radius 2 (Barron et al.,
    "Mip-NeRF 360", 2022, eq. 10). ``turn`` is None for the identity. ``occupancy`` is the Chebyshev
    distance, in cells, to the nearest occupied cell of a cube of cells that spans [-2, 2]^3 of
    contracted space; 0 means occupied. ``step``, ``near`` and ``far`` are in units of ``radius``:
    the length of a marching step inside the unit ball, where a ray begins, and the ball in which it
    ends. What is behind everything has the colour sigmoid(sky @ Y(d)) in direction d, where Y are
    the real spherical harmonics of bands 0 to 3 and sky [3 16] is one of the ``parameters``;
    ``background`` is its mean, and the colour behind everything in scenes that have no sky. Rays
    see nothing outside the ``crop``.
    """

    shape: FieldShape
    centre: Float[np.ndarray, "3"]
    radius: float
    step: float
    near: float
    far: float
    parameters: Mapping[str, np.ndarray]
    occupancy: UInt8[np.ndarray, "z y x"]
    background: Float32[np.ndarray, "3"]
    turn: Float[np.ndarray, "3 3"] | None = None
    crop: Crop | None = None

    @property
    def whole(self) -> Field:
        """The field without its crop."""
        return self if self.crop is None else dataclasses.replace(self, crop=None)

    @property
    def sky(self) -> Float32[np.ndarray, "3 16"]:
        """The colour behind everything by direction: see ``parameters``, or else ``background``."""
        sky = self.parameters.get("sky") if self.crop is None else None
        if sky is None:
            plain = self.crop.background if self.crop is not None else None
            shown = np.clip(self.background if plain is None else plain, 1e-6, 1 - 1e-6)
            sky = np.zeros((3, 16), np.float32)
            sky[:, 0] = np.log(shown / (1 - shown)) / np.sqrt(0.25 / np.pi)
        return sky


@dataclass(frozen=True)
class Scene:
    """A radiance field with the photos it was trained from.

    ``heldout`` are the photos that did not train. ``exposures`` says how bright each of ``photos``
    is beside the field: channel by channel a photo is exp(exposure) times what the field shows;
    zeros unless stated. ``facts`` are the figures of the training run, under the names that reports
    use. ``folder`` is where the scene was read from, None for one that is in memory alone.
    ``unplaced`` is the scene as it was trained, where this one is turned or cropped as
    ``placement`` says; None where it is that itself.
    """

    field: Field
    photos: tuple[Photo, ...]
    heldout: tuple[Photo, ...]
    points: Float32[np.ndarray, "point 3"]
    fingerprint: str
    metres_per_unit: float | None = None
    facts: Mapping[str, float | int | str] = dataclasses.field(default_factory=dict)
    exposures: Float32[np.ndarray, "photo 3"] = None  # pyright: ignore[reportAssignmentType]
    folder: Path | None = None
    placement: Placement = dataclasses.field(default_factory=Placement)
    unplaced: Scene | None = None

    def __post_init__(self) -> None:
        if self.exposures is None:
            object.__setattr__(self, "exposures", np.zeros((len(self.photos), 3), np.float32))

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Cameras of the photos that trained."""
        return tuple(photo.camera for photo in self.photos)

    @property
    def as_trained(self) -> Scene:
        """The scene before it was turned and cropped."""
        return self if self.unplaced is None else self.unplaced


@dataclass(frozen=True)
class LensWork:
    """What a real lens and shutter do to a path's frames.

    ``focus_distance`` lies along the optical axis, in world units; ``aperture`` is the width of the
    lens in world units, 0 for a pinhole. ``shutter`` is the share of a frame's time for which it
    is exposed, from that frame's moment on, 0 for an instant.
    """

    focus_distance: Float[np.ndarray, "frame"]
    aperture: Float[np.ndarray, "frame"]
    shutter: float = 0.0


@dataclass(frozen=True)
class CameraPath:
    """A camera for every frame of a clip, with square pixels and no distortion."""

    world_from_camera: Float[np.ndarray, "frame 4 4"]
    fov_y_deg: Float[np.ndarray, "frame"]
    fps: float
    aspect: float
    """Width over height."""
    lens_work: LensWork | None = None
    """Depth of field and motion blur; None where all is sharp."""
    cuts: tuple[int, ...] | None = None
    """Frames that begin another shot, in order; None where nobody has said."""

    def __len__(self) -> int:
        return len(self.world_from_camera)

    def camera(self, index: int, width_px: int, height_px: int) -> Camera:
        """Camera of frame ``index`` at an image size in pixels."""
        fl = 0.5 * height_px / np.tan(np.deg2rad(self.fov_y_deg[index]) / 2)
        lens = Lens(width_px, height_px, fl, fl, width_px / 2, height_px / 2)
        return Camera(lens, self.world_from_camera[index])


@dataclass(frozen=True)
class Evidence:
    """What the photos that trained a scene say about each pixel of a frame.

    ``photos`` counts those that see the pixel's surface, out of the dozen that the frame asks.
    ``angle_deg`` is the smallest angle at the surface between the frame's ray and a photo's, 180
    where no photo sees it; ``resolution`` the smallest size of a photo's pixel on the surface over
    that of the frame's (1 is as fine, 2 half as fine), 1e6 where none does. ``agreement`` in 0..1
    says how well the photos agree in colour: 1 for equals or a single one, 0 where there is none.
    ``best_photo`` is the place in `Scene.photos` of the one that counts most, -1 for none, and
    ``coverage`` in 0..1 how far photos may stand in for the field. ``depth`` is that of the frame
    with the photos' own depths fused in, 0 where nothing was hit; ``opacity`` is the frame's.
    """

    photos: UInt8[np.ndarray, "h w"]
    angle_deg: Float32[np.ndarray, "h w"]
    resolution: Float32[np.ndarray, "h w"]
    agreement: Float32[np.ndarray, "h w"]
    best_photo: Int16[np.ndarray, "h w"]
    coverage: Float32[np.ndarray, "h w"]
    depth: Float32[np.ndarray, "h w"]
    opacity: Float32[np.ndarray, "h w"]


@dataclass(frozen=True, eq=False)
class Warps:
    """Photos as a frame's camera would see their surfaces, each by itself; as many as help most.

    ``rgb`` is sRGB-encoded, in 0..1, with the frame's own exposure; ``seen`` in 0..1 says how
    surely each photo sees the pixel's surface, and as far as it does not ``rgb`` is the frame's
    own. ``angle_deg`` is between the frame's ray and the photo's, 180 where the photo sees nothing,
    ``resolution`` the size of its pixel on the surface over that of the frame's, 1e6 there.
    ``share`` in 0..1 is how much each counts for the whole frame, and ``photos`` are their places
    in `Scene.photos`, -1 for one that stands in for a photo that is lacking.
    """

    photos: tuple[int, ...]
    rgb: Float32[np.ndarray, "photo h w 3"]
    seen: Float32[np.ndarray, "photo h w"]
    angle_deg: Float32[np.ndarray, "photo h w"]
    resolution: Float32[np.ndarray, "photo h w"]
    share: Float32[np.ndarray, "photo"]


@dataclass(frozen=True, eq=False)
class Provenance:
    """Where each pixel of a refined frame comes from: shares that add up to 1, all in 0..1.

    ``copied`` comes from photos that were warped into the frame, ``kept`` from the render, which
    has its own `Evidence`, and ``made_up`` from the network alone. ``turned_down`` says which share
    of the frame each check put back to the render, by the check's name.
    """

    copied: Float32[np.ndarray, "h w"]
    kept: Float32[np.ndarray, "h w"]
    made_up: Float32[np.ndarray, "h w"]
    turned_down: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def figures(self) -> dict[str, float]:
        """Return the mean shares of the frame."""
        names = ("copied", "kept", "made_up")
        return {name: round(float(getattr(self, name).mean()), 4) for name in names}


@dataclass(frozen=True)
class Frame:
    """A rendered frame.

    ``depth`` is the distance along the optical axis in world units, of the surface that carries
    the median of the transmittance, 0 where nothing was hit; ``opacity`` is in 0..1. ``evidence``
    is None where no photos guided it, ``provenance`` where it was not refined.
    """

    index: int
    rgb: UInt8[np.ndarray, "h w 3"]
    depth: Float32[np.ndarray, "h w"]
    opacity: Float32[np.ndarray, "h w"]
    evidence: Evidence | None = None
    provenance: Provenance | None = None
