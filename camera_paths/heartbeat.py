"""A breathing camera, written in Python: little arcs whose swing dies away, as a pulse does.

A script may be a program: what it leaves in ``script`` is played.
"""

from scenegen.path.script.schema import Script
from scenegen.path.script.shots import Arc, Establish, Hold

swings = [16, -28, 22, -16, 8, -2]
script = Script(
    shots=(
        Establish(move="establish", seconds=1.5),
        *(Arc(move="arc", degrees=swing, seconds=1.5, ease="in-out") for swing in swings),
        Hold(move="hold", seconds=1),
    )
)
