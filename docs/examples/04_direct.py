"""A script for the camera, written in Python: rendered, and kept as the file that it could be.

scenegen lift scenes/courtyard --output scene
python docs/examples/04_direct.py scene directed.gif
"""

import sys
from pathlib import Path

from scenegen import RenderConfig, pipeline
from scenegen.path.script.read import write_script
from scenegen.path.script.schema import Script, Shake
from scenegen.path.script.shots import Arc, Establish, Orbit, PushIn


def main(folder: Path, clip: Path, seconds: float = 8.0) -> None:
    """Show the place, go around its subject in three swings, and end near it."""
    swings = [Arc(move="arc", degrees=degrees, seconds=seconds / 8) for degrees in (10, -20, 15)]
    script = Script(
        fps=12,
        shake=Shake(amount=0.2, seed=1),
        shots=(
            Establish(move="establish", seconds=seconds / 8),
            *swings,
            Orbit(move="orbit", degrees=20, height=0.05, seconds=seconds / 4, ease="in-out"),
            PushIn(move="push-in", until=0.8, seconds=seconds / 4, ease="out", fov=40),
        ),
    )
    note = clip.with_suffix(".yaml")
    write_script(script, note)
    facts = pipeline.render(folder, clip, note, RenderConfig(width_px=320, height_px=180))
    print(f"{clip}: {facts.frames} frames of {len(script.shots)} shots, which are in {note}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
