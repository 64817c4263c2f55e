"""Settings of the path stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenegen.errors import PathError
from scenegen.path.formats.hints import Hints, RotationOrder


@dataclass(frozen=True)
class PathConfig:
    """How the automatic walkthrough moves and what it frames."""

    seconds: float = 8.0
    """Length of the clip in seconds."""

    fps: float = 24.0
    """Frames per second."""

    width_px: int = 960
    """Width of a frame in pixels; with the height it fixes the aspect."""

    height_px: int = 540
    """Height of a frame in pixels."""

    fov_deg: float | None = None
    """Vertical field of view in degrees; by default as wide as the photos cover."""

    safe_distance: float = 0.1
    """Least distance to any surface, as a share of the photos' median depth."""

    max_speed: float = 0.2
    """Fastest travel, in the photos' median depths per second."""

    max_turn_deg_s: float = 20.0
    """Fastest turn of the view in degrees per second."""

    ease_s: float = 0.0
    """Seconds over which the camera starts and comes to a stop; 0 keeps the speed constant."""

    normalised: Path | None = None
    """Camera paths are in that tool's own frame: the dataparser_transforms.json of a nerfstudio
    run, or the transforms.json that instant-ngp loaded."""

    rotation_order: RotationOrder = "ZXY"
    """Order of the turns in a Nuke .chan, read or written: Nuke's default is ZXY, Blender's XYZ."""

    metres_per_unit: float | None = None
    """Length of a unit of a USD file; by default as it states, and centimetres when written."""

    def __post_init__(self) -> None:
        positive = ("seconds", "fps", "width_px", "height_px", "max_speed", "max_turn_deg_s")
        for name in positive:
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                raise PathError(f"{name}: expected a number above 0, found {value}; change it")
        if round(self.seconds * self.fps) < 1:
            raise PathError(
                f"seconds: {self.seconds} s at {self.fps} fps is less than one frame; "
                "ask for more seconds"
            )
        if not 0 <= self.safe_distance < 1:
            raise PathError(
                f"safe_distance: expected 0 to 1 of the median depth, found {self.safe_distance}; "
                "change it"
            )
        if not 0 <= self.ease_s <= self.seconds / 2:
            raise PathError(
                f"ease_s: expected 0 to half of the {self.seconds} s, found {self.ease_s}; "
                "shorten it"
            )
        unit = self.metres_per_unit
        if unit is not None and not 1e-6 <= unit <= 1e6:
            raise PathError(
                f"metres_per_unit: expected 1e-6 to 1e6, found {unit}; "
                "write 0.01 for centimetres, 1 for metres"
            )
        if self.fov_deg is not None and not 1 <= self.fov_deg <= 150:
            raise PathError(
                f"fov_deg: expected 1 to 150 degrees vertically, found {self.fov_deg}; change it"
            )

    @property
    def hints(self) -> Hints:
        """What other tools' files leave open."""
        return Hints(
            self.aspect, self.fps, self.normalised, self.rotation_order, self.metres_per_unit
        )

    @property
    def frame_count(self) -> int:
        """Number of frames of the clip."""
        return round(self.seconds * self.fps)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width_px / self.height_px


@dataclass(frozen=True)
class CheckConfig:
    """What is done about a path's troubles before a frame of it is rendered."""

    fix: bool = False
    """Bend the path out of walls, and back to where the photos looked."""

    check_map: Path | None = None
    """Draw the path to this PNG: from above, its height, photos, what is wrong and when."""

    def __post_init__(self) -> None:
        if self.check_map is not None and self.check_map.suffix.lower() != ".png":
            raise PathError(
                f"check_map: expected a name that ends in .png, found {self.check_map}; rename it"
            )
