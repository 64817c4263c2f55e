"""Frames of a scene as arrays: colour, depth and opacity, for a program of your own.

scenegen lift scenes/courtyard --output scene
python docs/examples/02_frames.py scene
"""

import sys
from pathlib import Path

import numpy as np

from scenegen import PathConfig, RenderConfig, load_scene, plan_walkthrough, render_path


def main(folder: Path) -> None:
    """Render a quarter of a second of the automatic walkthrough and say what was seen."""
    scene = load_scene(folder)
    path = plan_walkthrough(scene, PathConfig(seconds=0.25, width_px=160, height_px=90))
    for frame in render_path(scene, path, RenderConfig(width_px=160, height_px=90)):
        hit = frame.depth > 0
        depth = np.median(frame.depth[hit]) if hit.any() else np.nan
        print(
            f"frame {frame.index}: mean colour {frame.rgb.mean(axis=(0, 1)).round()}, "
            f"median depth {depth:.2f} units, {frame.opacity.mean():.0%} opaque"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
