from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from scenegen.publish import gif
from scenegen.publish.clip import publish_clip
from scenegen.publish.config import PublishConfig
from tests.publish.room import room_footage


def pictures(file: Path) -> tuple[list[np.ndarray], list[int]]:
    """Frames as RGB, and for how many milliseconds each is shown."""
    frames, delays_ms = [], []
    with Image.open(file) as image:
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert("RGB"), float))
            delays_ms.append(frame.info["duration"])
    return frames, delays_ms


@pytest.mark.parametrize(
    ("count", "fps", "delays_ms"),
    [
        (6, 24.0, [80, 90, 80]),
        (5, 24.0, [80, 90, 40]),
        (4, 10.0, [100, 100, 100, 100]),
        (6, 29.97, [70, 60, 70]),
    ],
)
def test_a_gif_keeps_the_length_of_the_clip(
    tmp_path: Path, count: int, fps: float, delays_ms: list[int]
) -> None:
    clip = tmp_path / "clip.gif"
    facts = publish_clip(room_footage(count, fps, size=(64, 36)), clip, PublishConfig())
    frames, found_ms = pictures(clip)
    assert found_ms == delays_ms
    assert len(frames) == len(delays_ms)
    assert facts.frames == count
    assert [path.name for path in tmp_path.iterdir()] == ["clip.gif"]


def test_one_frame_makes_a_gif_too(tmp_path: Path) -> None:
    publish_clip(room_footage(1, size=(33, 19)), tmp_path / "clip.gif", PublishConfig())
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.size == (33, 19)


def test_a_gif_shows_the_frames(tmp_path: Path) -> None:
    footage, clip = room_footage(6, 12.0, size=(160, 90)), tmp_path / "clip.gif"
    publish_clip(footage, clip, PublishConfig())
    frames, _ = pictures(clip)
    for shown, source in zip(frames, footage.render(0), strict=True):
        assert shown.shape == (90, 160, 3)
        # Dithering leaves noise on pixels, none on the mean over a few of them.
        coarse = (shown - source.rgb).reshape(9, 10, 16, 10, 3).mean((1, 3))
        assert np.abs(coarse).max() < 6  # worst seen 2.9


def test_a_large_clip_is_scaled_down(tmp_path: Path) -> None:
    clip = tmp_path / "clip.gif"
    publish_clip(room_footage(2, size=(500, 301)), clip, PublishConfig())
    with Image.open(clip) as image:
        assert image.size == (480, 289)


def test_a_gif_that_is_too_large_to_share_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gif, "LARGE_MB", 0.001)
    publish_clip(room_footage(4, size=(160, 90)), tmp_path / "clip.gif", PublishConfig())
    assert caplog.messages == [
        "the GIF has 0 MB; an .mp4 of it would have a tenth or less",
    ]


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    told: list[tuple[str, float, float]] = []
    publish_clip(
        room_footage(30, size=(64, 36)),
        tmp_path / "clip.gif",
        PublishConfig(),
        lambda *report: told.append(report),
    )
    assert [done for _, done, _ in told] == list(range(1, 61))
    assert told[-1] == ("writing the GIF", 60, 60)
