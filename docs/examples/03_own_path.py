"""A camera path of your own: from the first photo's place to the last one's, then a clip of it.

scenegen lift scenes/courtyard --output scene
python docs/examples/03_own_path.py scene own.gif
"""

import sys
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from scenegen import CameraPath, RenderConfig, load_scene, pipeline, write_camera_path


def main(folder: Path, clip: Path, frames: int = 12) -> None:
    """Move in a straight line between two photos and turn evenly on the way."""
    cameras = load_scene(folder).cameras
    ends = np.stack([cameras[0].world_from_camera, cameras[-1].world_from_camera])
    share = np.linspace(0, 1, frames)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, :3, :3] = Slerp([0, 1], Rotation.from_matrix(ends[:, :3, :3]))(share).as_matrix()
    poses[:, :3, 3] = ends[0, :3, 3] + share[:, None] * (ends[1, :3, 3] - ends[0, :3, 3])

    path = CameraPath(poses, fov_y_deg=np.full(frames, 55.0), fps=12.0, aspect=16 / 9)
    file = clip.with_suffix(".json")
    write_camera_path(path, file, width_px=320, height_px=180)
    pipeline.render(folder, clip, file, RenderConfig(width_px=320, height_px=180))
    print(f"{clip}: {frames} frames along {file}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
