"""The shots of a path script. The docstrings of the fields are the language's manual.

Every move is a class with the fields of `Shot` and its own. A *relative* move begins where the shot
before it ended; an *absolute* one has a place of its own, to which the camera travels first unless
the join is a cut.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from scenegen.path.script.values import (
    Aperture,
    Degrees,
    Flag,
    FocalZoom,
    Focus,
    Fov,
    Length,
    Look,
    Number,
    Positive,
    PositiveLength,
    Share,
    Target,
    Vector,
    Words,
    Zoom,
)

Ease = Literal["none", "in", "out", "in-out"]


class Optics(Words):
    """What a lens does besides its field of view."""

    fov: Zoom | None = None
    """Vertical field of view in degrees; two of them zoom from the first to the second."""

    focal: FocalZoom | None = None
    """The same as a focal length in millimetres on film 36 mm wide."""

    focus: Focus | None = None
    """What is sharp: a target, or a distance."""

    aperture: Aperture | None = None
    """How shallow the focus is: ``f/2.8``, or the width of the lens as a length. 0 is all sharp."""

    @model_validator(mode="after")
    def _one_lens(self) -> Optics:
        if self.fov is not None and self.focal is not None:
            raise ValueError("either fov or focal: they say the same")
        return self


class Shot(Optics):
    """What every move takes.

    A move is ``absolute`` where it has a place of its own; it begins anywhere otherwise.
    """

    absolute: ClassVar[bool] = False

    seconds: Positive = 4.0
    """How long the shot takes."""

    ease: Ease = "none"
    """Where the camera gathers or loses speed; ``none`` keeps it constant."""

    join: Literal["smooth", "cut"] = "smooth"
    """How the shot begins: out of the motion of the one before it, or with a cut."""

    look: Look | None = None
    """What the camera keeps looking at instead; ``ahead`` is along the way."""

    shake: Share | None = None
    """How much the hand shakes, 0 to 1; by default as the script says."""


class Establish(Shot):
    """Show the whole place: from where most of it is in view, drifting slowly in."""

    absolute: ClassVar[bool] = True
    move: Literal["establish"]
    drift: Number = 0.06
    """How far it drifts in, as a share of the distance to the subject."""


class WalkthroughShot(Shot):
    """The automatic walkthrough: through what the photos saw, level, off all surfaces."""

    absolute: ClassVar[bool] = True
    move: Literal["walkthrough"]
    seconds: Positive = 8.0
    """How long the shot takes."""


class Orbit(Shot):
    """Go around something, looking at it."""

    move: Literal["orbit"]
    around: Target = "subject"
    """What to go around."""
    degrees: Degrees | None = None
    """How far around; above 0 the camera travels to its right. By default 90, or as far as the
    photos stand around it, on the side where they go farther."""
    height: Length = 0.0
    """How much higher it ends."""
    until: Positive = 1.0
    """Distance at the end, as a share of the distance at the beginning."""


class Arc(Shot):
    """Swing around what is in the middle of the picture."""

    move: Literal["arc"]
    degrees: Degrees = 30.0
    """How far around; above 0 the camera travels to its right."""
    height: Length = 0.0
    """How much higher it ends."""


class Dolly(Shot):
    """Travel ahead, level; below 0 back."""

    move: Literal["dolly"]
    distance: Length = 0.3
    """How far."""


class Truck(Shot):
    """Travel to the right; below 0 to the left."""

    move: Literal["truck"]
    distance: Length = 0.25
    """How far."""


class Pedestal(Shot):
    """Rise straight up; below 0 sink."""

    move: Literal["pedestal"]
    distance: Length = 0.2
    """How far."""


class Pan(Shot):
    """Turn to the right on the spot; below 0 to the left."""

    move: Literal["pan"]
    degrees: Degrees = 30.0
    """How far."""


class Tilt(Shot):
    """Turn up on the spot; below 0 down."""

    move: Literal["tilt"]
    degrees: Degrees = 15.0
    """How far."""


class Roll(Shot):
    """Lean the picture's top to the right; below 0 to the left."""

    move: Literal["roll"]
    degrees: Degrees = 15.0
    """How far."""


class Crane(Shot):
    """Rise, and travel ahead or back meanwhile, keeping the middle of the picture in view."""

    move: Literal["crane"]
    rise: Length = 0.3
    """How far up."""
    forward: Length = 0.0
    """How far ahead."""


class PushIn(Shot):
    """Go nearer to something."""

    move: Literal["push-in"]
    toward: Target = "subject"
    """What to go to."""
    until: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.6
    """Distance that is left at the end, as a share of that at the beginning."""


class PullOut(Shot):
    """Go away from something."""

    move: Literal["pull-out"]
    away_from: Target = "subject"
    """What to leave."""
    until: Annotated[float, Field(gt=1, strict=True)] = 1.3
    """Distance at the end, as a multiple of that at the beginning."""


class DollyZoom(Shot):
    """Travel and zoom against each other: the target keeps its size, all else swells or shrinks."""

    move: Literal["dolly-zoom"]
    toward: Target = "subject"
    """What keeps its size."""
    until: Positive = 0.7
    """Distance at the end, as a share of that at the beginning; above 1 it travels back."""

    @model_validator(mode="after")
    def _no_zoom(self) -> DollyZoom:
        if self.fov is not None or self.focal is not None:
            raise ValueError("neither fov nor focal: the move itself zooms")
        return self


class Spiral(Shot):
    """Go around something in a spiral."""

    move: Literal["spiral"]
    around: Target = "subject"
    """What to go around."""
    degrees: Degrees | None = None
    """How far around; above 0 the camera travels to its right. By default 360, or as far as the
    photos stand around it, on the side where they go farther."""
    until: Positive = 0.7
    """Distance at the end, as a share of that at the beginning."""
    height: Length = 0.1
    """How much higher it ends."""
    seconds: Positive = 12.0
    """How long the shot takes."""


class FlyThrough(Shot):
    """Fly through waypoints, at constant speed, looking along the way."""

    absolute: ClassVar[bool] = True
    move: Literal["fly-through"]
    waypoints: Annotated[tuple[Target, ...], Field(min_length=2)]
    """Where it passes: places of photos, or points. ``start`` is where the camera is."""
    seconds: Positive = 6.0
    """How long the shot takes."""


class FollowThePhotos(Shot):
    """Go where the photographer went, and look where they looked, without their shaking."""

    absolute: ClassVar[bool] = True
    move: Literal["follow-the-photos"]
    first: str | None = None
    """File name of the photo it begins at; the first one by default."""
    last: str | None = None
    """File name of the photo it ends at; the last one by default."""
    smooth: Share = 0.15
    """Width of the window that smooths the way, as a share of it; 0 passes through every photo."""
    seconds: Positive = 8.0
    """How long the shot takes."""


class Turntable(Shot):
    """Show something from all sides: an even turn around it at the photos' height and distance."""

    absolute: ClassVar[bool] = True
    move: Literal["turntable"]
    around: Target = "subject"
    """What to go around."""
    degrees: Degrees | None = None
    """How far around; above 0 the camera travels to its right. By default as far as the photos
    stand around it, 360 where they leave no wide gap."""
    radius: PositiveLength | None = None
    """Distance, level; by default that of the photos which are about as high."""
    height: Length | None = None
    """Height above the target; by default that of the photos, lower, middle or upper ones, from
    where it was seen best."""
    seconds: Positive = 10.0
    """How long the shot takes."""


class Key(Words):
    """A keyframe: a photo's place and view, a position with a look, or a whole pose."""

    photo: str | None = None
    """File name of the photo whose place and view it takes."""
    position: Vector | None = None
    """Where the camera is, in the scene's world."""
    look: Target | None = None
    """What it looks at; needed with ``position`` unless there is a ``rotation``."""
    rotation: tuple[Number, Number, Number, Number] | None = None
    """Camera to world, as a quaternion wxyz; the camera looks along its -Z, +Y is up."""
    at: Annotated[float, Field(ge=0, strict=True)] | None = None
    """Second of the shot at which it is passed; for all keys of a shot or for none."""
    fov: Fov | None = None
    """Vertical field of view in degrees."""

    @model_validator(mode="after")
    def _whole(self) -> Key:
        if (self.photo is None) == (self.position is None):
            raise ValueError("a photo, or a position: one of the two")
        if self.photo is not None and self.rotation is not None:
            raise ValueError("no rotation with a photo, which has its own; use look to change it")
        if self.position is not None and (self.look is None) == (self.rotation is None):
            raise ValueError("look or rotation with a position: one of the two")
        return self


class Keyframes(Shot):
    """Pass exactly through keyframes: at constant speed, or at their own times."""

    absolute: ClassVar[bool] = True
    move: Literal["keyframes"]
    keys: Annotated[tuple[Key, ...], Field(min_length=1)]
    """The keyframes in their order."""
    closed: Flag = False
    """Return to the first key."""
    seconds: Positive = 6.0
    """How long the shot takes; keys that have times end it at the last of them."""

    @model_validator(mode="after")
    def _timed(self) -> Keyframes:
        times = [key.at for key in self.keys if key.at is not None]
        if times and len(times) != len(self.keys):
            raise ValueError("at: for all keys or for none")
        if any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError("keys in the order of their times, no two at the same; sort them")
        if times and times[0] != 0:
            raise ValueError("the first key at 0")
        return self


class Hold(Shot):
    """Stay."""

    move: Literal["hold"]
    seconds: Positive = 2.0
    """How long the shot takes."""


AnyShot = Annotated[
    Establish
    | WalkthroughShot
    | Orbit
    | Arc
    | Dolly
    | Truck
    | Pedestal
    | Pan
    | Tilt
    | Roll
    | Crane
    | PushIn
    | PullOut
    | DollyZoom
    | Spiral
    | FlyThrough
    | FollowThePhotos
    | Turntable
    | Keyframes
    | Hold,
    Field(discriminator="move"),
]

MOVES: dict[str, type[Shot]] = {
    get_args(kind.model_fields["move"].annotation)[0]: kind
    for kind in get_args(get_args(AnyShot)[0])
}
"""The moves by their names."""
