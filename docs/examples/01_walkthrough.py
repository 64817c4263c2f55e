"""Photos, a video or a posed capture to a walkthrough clip.

python docs/examples/01_walkthrough.py scenes/courtyard clip.mp4
"""

import sys
from pathlib import Path

from scenegen import LiftConfig, PathConfig, RenderConfig, pipeline


def main(source: Path, clip: Path, budget_s: float = 60.0) -> None:
    """Make ``clip``, training for ``budget_s`` seconds."""
    settings = pipeline.Settings(
        lift=LiftConfig(budget_s=budget_s),
        path=PathConfig(seconds=2.0, width_px=480, height_px=270),
        render=RenderConfig(width_px=480, height_px=270),
    )
    made = pipeline.walkthrough(source, clip, settings)
    print(f"{len(made.capture.photos)} photos posed, {made.clip.frames} frames in {clip}")
    print(f"The scene is in {made.work.scene}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
