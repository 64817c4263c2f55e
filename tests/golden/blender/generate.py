"""Camera paths that Blender itself wrote, of the walk in `shots`.

    python -m tests.golden.blender.generate PYTHON [ADDONS]

PYTHON is one that has `bpy`, ADDONS what `tools/blender_cameras.py` says. The files here are of
Blender 4.5.15, its add-on io_anim_nuke_chan and the one of nerfstudio 1.1.5.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.golden.paths.generate import FPS, HEIGHT, WIDTH, opengl, square
from tests.path.formats.shots import shots
from tests.publish.room import MARKER, MARKER_RADIUS

HERE = Path(__file__).resolve().parent
TOOL = HERE.parents[2] / "tools" / "blender_cameras.py"


def walk() -> dict[str, object]:
    """Return the walk as the tool takes it."""
    return {
        "fps": FPS,
        "width": WIDTH,
        "height": HEIGHT,
        "marker": MARKER.tolist(),
        "radius": MARKER_RADIUS,
        "poses": [square(*opengl(shot)).tolist() for shot in shots()],
        "fovs": [shot.fov_y_deg for shot in shots()],
    }


def blender(python: Path, what: str, folder: Path, *words: str | Path) -> None:
    """Run the tool on the walk; ``folder`` takes its description."""
    (folder / "walk.json").write_text(json.dumps(walk()))
    command = [python, TOOL, what, folder / "walk.json", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=600)
    (folder / "walk.json").unlink()


if __name__ == "__main__":
    blender(Path(sys.argv[1]), "write", HERE, HERE, *sys.argv[2:])
