from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.errors import OutputError, PublishError
from scenegen.publish.clip import check_clip, publish_clip
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import Footage
from scenegen.types import Frame
from tests.publish.room import room_footage

TINY = (64, 36)


def read(file: Path) -> tuple[str, np.ndarray]:
    with Image.open(file) as image:
        return image.mode, np.asarray(image)


def test_every_frame_comes_out_as_it_went_in(tmp_path: Path) -> None:
    footage, frames = room_footage(3, size=TINY), tmp_path / "frames"
    publish_clip(footage, tmp_path / "clip.mp4", PublishConfig(frames=frames))
    for index, frame in enumerate(footage.render(0)):
        for name, mode, expected in [
            (f"rgb/{index:06}.png", "RGB", frame.rgb),
            (f"opacity/{index:06}.png", "L", np.full((36, 64), 255)),
            (f"depth/{index:06}.tiff", "F", frame.depth),
        ]:
            found_mode, pixels = read(frames / name)
            assert found_mode == mode
            np.testing.assert_array_equal(pixels, expected)
    assert sorted(str(file.relative_to(frames)) for file in frames.rglob("*.*")) == [
        "depth.json",
        *(f"depth/{index:06}.tiff" for index in range(3)),
        *(f"opacity/{index:06}.png" for index in range(3)),
        *(f"rgb/{index:06}.png" for index in range(3)),
    ]


def test_opacity_is_rounded_to_eight_bits(tmp_path: Path) -> None:
    opacity = np.linspace(0, 1, 256 * 4, dtype=np.float32).reshape(32, 32)

    def render(first: int) -> Iterator[Frame]:
        for index in range(first, 1):
            yield Frame(index, np.zeros((32, 32, 3), np.uint8), opacity, opacity)

    footage, frames = Footage(render, 1, 24.0, 32, 32, "ramp"), tmp_path / "frames"
    publish_clip(footage, tmp_path / "clip.mp4", PublishConfig(frames=frames))
    written = read(frames / "opacity/000000.png")[1] / 255
    assert np.abs(written - opacity).max() <= 0.5 / 255 + 1e-6


def test_depth_says_what_it_is(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    publish_clip(room_footage(1, size=TINY), tmp_path / "clip.mp4", PublishConfig(frames=frames))
    facts = json.loads((frames / "depth.json").read_text())
    assert len(facts.pop("fingerprint")) == 16
    assert facts == {
        "depth": {
            "meaning": "distance along the optical axis (z depth), not along the ray",
            "unit": "world units of the scene",
            "metres_per_unit": 0.5,
            "nothing_hit": 0.0,
            "format": "TIFF, one channel, 32-bit float",
        },
        "frames": 1,
        "fps": 24.0,
    }
    with Image.open(frames / "depth/000000.tiff") as image:
        description = image.getexif()[270]
    assert description == (
        "distance along the optical axis (z depth), not along the ray; "
        "world units of the scene; 0 where nothing was hit"
    )


def test_depth_is_the_distance_to_the_wall_ahead(tmp_path: Path) -> None:
    """The room's first camera stands at y = -1 and looks at the wall at y = 2, slightly up."""
    frames = tmp_path / "frames"
    footage = room_footage(1, size=(64, 64))
    publish_clip(footage, tmp_path / "clip.mp4", PublishConfig(frames=frames))
    depth = read(frames / "depth/000000.tiff")[1]
    # A row of pixels looks at one height of the wall, all at one distance along the axis.
    ahead = depth[24:40, 16:48]
    assert np.ptp(ahead, axis=1).max() < 1e-5
    slope = 0.1  # of the optical axis
    row = (32 - np.arange(24, 40) - 0.5) / 32 * np.tan(np.deg2rad(30))
    expected = 3 * np.sqrt(1 + slope**2) / (1 - slope * row)
    np.testing.assert_allclose(ahead[:, 0], expected, rtol=1e-6)


def test_frames_that_are_there_already_are_kept(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    config = PublishConfig(frames=frames)
    publish_clip(room_footage(3, size=TINY), tmp_path / "one.mp4", config)
    with pytest.raises(OutputError) as error:
        publish_clip(room_footage(4, size=TINY), tmp_path / "two.mp4", config)
    assert str(error.value) == (
        f"{frames}: exists already, expected a new name; "
        "pass --overwrite to replace it or choose another --output"
    )
    assert len(list(frames.glob("rgb/*"))) == 3
    replaced = PublishConfig(frames=frames, overwrite=True)
    publish_clip(room_footage(4, size=TINY), tmp_path / "two.mp4", replaced)
    assert len(list(frames.glob("rgb/*"))) == 4


def test_a_folder_of_anything_else_is_never_replaced(tmp_path: Path) -> None:
    frames = tmp_path / "photos"
    frames.mkdir()
    (frames / "mine.jpg").write_text("mine")
    with pytest.raises(OutputError) as error:
        check_clip(tmp_path / "clip.mp4", 64, 36, PublishConfig(frames=frames, overwrite=True))
    assert str(error.value) == (
        f"{frames}: expected a folder of frames to replace, found something else; "
        "choose another --frames folder"
    )
    assert (frames / "mine.jpg").read_text() == "mine"


def test_an_empty_folder_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    config = PublishConfig(frames=tmp_path / "frames", overwrite=True)
    publish_clip(room_footage(2, size=TINY), tmp_path / "clip.mp4", config)
    assert len(list(tmp_path.glob("frames/depth/*"))) == 2


@pytest.mark.parametrize("clip", ["frames/clip.mp4", "frames/a/clip.mp4"])
def test_a_clip_inside_the_frames_is_refused(tmp_path: Path, clip: str) -> None:
    config = PublishConfig(frames=tmp_path / "frames", overwrite=True)
    with pytest.raises(OutputError) as error:
        check_clip(tmp_path / clip, 64, 36, config)
    assert str(error.value) == (
        f"{tmp_path / clip}: lies in the --frames folder {tmp_path / 'frames'}, "
        "which is replaced as a whole; choose a folder beside the clip"
    )


def test_a_broken_index_of_frames_is_told(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "depth.json").write_text("{")
    with pytest.raises(PublishError, match="line 1, column 2: not valid JSON"):
        check_clip(tmp_path / "clip.mp4", 64, 36, PublishConfig(frames=frames))
