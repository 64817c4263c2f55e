"""The moves of the language: each turns a shot, and the view it begins with, into a motion.

One module holds moves of one kind: `travel` along a line, `turn` on the spot, `around` something,
`along` what the photos or waypoints give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scenegen.path.location import View
from scenegen.path.motion import Motion
from scenegen.path.moves import along, around, travel, turn
from scenegen.path.moves.scout import Scout
from scenegen.path.script import shots

Maker = Callable[[Any, View, Scout], Motion]
"""Makes the motion of a shot that begins, unless it has a place of its own, with a view."""

MAKERS: Mapping[type[shots.Shot], Maker] = {
    shots.Establish: along.establish,
    shots.WalkthroughShot: along.walkthrough,
    shots.Orbit: around.orbit,
    shots.Arc: around.arc,
    shots.Dolly: travel.dolly,
    shots.Truck: travel.truck,
    shots.Pedestal: travel.pedestal,
    shots.Pan: turn.pan,
    shots.Tilt: turn.tilt,
    shots.Roll: turn.roll,
    shots.Crane: travel.crane,
    shots.PushIn: travel.push_in,
    shots.PullOut: travel.pull_out,
    shots.DollyZoom: travel.dolly_zoom,
    shots.Spiral: around.spiral,
    shots.FlyThrough: along.fly_through,
    shots.FollowThePhotos: along.follow_the_photos,
    shots.Turntable: around.turntable,
    shots.Keyframes: along.keyframes,
    shots.Hold: travel.hold,
}

assert set(MAKERS) == set(shots.MOVES.values())
