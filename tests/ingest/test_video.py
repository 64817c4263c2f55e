"""Frames of videos: sharpest of each span, upright, none twice; damage is told."""

from __future__ import annotations

import logging
import math
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.video import extract_frames
from tests.ingest.pictures import scenery

WIDTH, HEIGHT, FPS = 160, 96, 10


def _pan(count: int, step: int = 4) -> list[np.ndarray]:
    """Return ``count`` frames of a camera that pans over a wide picture."""
    wide = scenery(1, WIDTH + step * count, HEIGHT)
    grain = np.random.default_rng(0).integers(0, 60, (*wide.shape[:2], 1), dtype=np.uint8)
    wide = (wide // 2 + grain).astype(np.uint8)
    return [wide[:, step * i : step * i + WIDTH] for i in range(count)]


def _blurred(frame: np.ndarray) -> np.ndarray:
    image = Image.fromarray(frame)
    return np.asarray(image.resize((WIDTH // 8, HEIGHT // 8)).resize((WIDTH, HEIGHT)))


def _write(file: Path, frames: list[np.ndarray]) -> Path:
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file


def _read(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image).astype(int)


def test_the_sharpest_frame_of_each_span_is_taken(tmp_path):
    frames = _pan(40)
    sharp = {3, 11, 24, 38}
    video = [frame if i in sharp else _blurred(frame) for i, frame in enumerate(frames)]
    file = _write(tmp_path / "pan.mp4", video)
    snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=4))
    assert [s.source for s in snapshots] == [
        "second 0.30", "second 1.10", "second 2.40", "second 3.80",
    ]  # fmt: skip
    assert [s.name for s in snapshots] == [f"frame_{i:05d}.jpg" for i in (1, 2, 3, 4)]
    for snapshot, index in zip(snapshots, sorted(sharp), strict=True):
        assert (snapshot.width_px, snapshot.height_px) == (WIDTH, HEIGHT)
        difference = np.abs(_read(snapshot.file) - frames[index]).mean()
        assert difference < 5  # worst seen 2.8


def test_a_camera_that_stands_still_gives_one_frame(tmp_path):
    pan = _pan(12)
    file = _write(tmp_path / "still.mp4", pan[:4] + [pan[4]] * 20 + pan[4:])
    snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=36))
    assert len(snapshots) == 12


def _turned(file: Path, degrees_clockwise: int) -> Path:
    """Set the matrix of the track header as phones do that are held upright."""
    angle = math.radians(degrees_clockwise)
    cos, sin = round(math.cos(angle)), round(math.sin(angle))
    matrix = struct.pack(">9i", *(v << 16 for v in (cos, sin, 0, -sin, cos, 0, 0, 0)), 1 << 30)
    plain = struct.pack(">9i", *(v << 16 for v in (1, 0, 0, 0, 1, 0, 0, 0)), 1 << 30)
    data = bytearray(file.read_bytes())
    at = data.index(plain, data.index(b"tkhd"))
    data[at : at + len(matrix)] = matrix
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_honoured(tmp_path, degrees):
    frames = _pan(3, step=20)
    upright = [np.rot90(frame, -degrees // 90) for frame in frames]
    file = _turned(_write(tmp_path / "v.mp4", frames), degrees)
    snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=3))
    assert len(snapshots) == 3
    for snapshot, expected in zip(snapshots, upright, strict=True):
        assert np.abs(_read(snapshot.file) - expected).mean() < 5  # worst seen 2.5


def _fails(file: Path, tmp_path: Path) -> str:
    with pytest.raises(IngestError) as error:
        extract_frames(file, tmp_path / "images", IngestConfig())
    return str(error.value)


def test_no_such_file(tmp_path):
    file = tmp_path / "v.mp4"
    assert _fails(file, tmp_path) == f"{file}: no such file; check the path"


def test_an_empty_file(tmp_path):
    file = tmp_path / "v.mp4"
    file.touch()
    assert _fails(file, tmp_path) == (
        f"{file}: expected a video, found an empty file (0 bytes); export it again as MP4 "
        "(H.264), or record it anew"
    )


def test_a_text_file(tmp_path):
    file = tmp_path / "v.mp4"
    file.write_text("no video " * 100)
    assert _fails(file, tmp_path).startswith(
        f"{file}: expected a video, found a file that is none or is damaged ("
    )


def test_sound_only(tmp_path):
    file = tmp_path / "v.m4a"
    with av.open(str(file), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert _fails(file, tmp_path) == (
        f"{file}: expected a video, found no picture track; export it again as MP4 (H.264), or "
        "record it anew"
    )


def test_a_video_of_one_view(tmp_path):
    file = _write(tmp_path / "v.mp4", _pan(1) * 8)
    assert _fails(file, tmp_path) == (
        f"{file}: expected at least 3 different frames, found 1 among 8; record 10 to 60 seconds "
        "while walking slowly past or around the subject"
    )


def test_a_video_that_breaks_off_gives_what_is_before(tmp_path):
    file = _write(tmp_path / "v.mkv", _pan(40))
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=40))
    assert 10 < len(snapshots) < 40


def test_damaged_frames_are_left_out_and_told(tmp_path, caplog):
    file = _write(tmp_path / "v.mp4", _pan(40))
    data = bytearray(file.read_bytes())
    middle = data.index(b"mdat") + (data.index(b"moov") - data.index(b"mdat")) // 2
    data[middle : middle + 9000] = bytes(9000)
    file.write_bytes(data)
    with caplog.at_level(logging.WARNING, "scenegen"):
        snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=40))
    assert 10 < len(snapshots) < 40
    assert "damaged frames left out; going on with the rest" in caplog.text


def test_an_mp4_without_its_index_is_damaged(tmp_path):
    file = _write(tmp_path / "v.mp4", _pan(10))
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    assert "found a file that is none or is damaged (" in _fails(file, tmp_path)


def test_real_phone_video(shared_scene, tmp_path):
    file = shared_scene("videos") / "stone_sign.mp4"
    snapshots = extract_frames(file, tmp_path / "images", IngestConfig(video_frames=20))
    assert len(snapshots) == 20
    seconds = [float(s.source.removeprefix("second ")) for s in snapshots]
    assert max(np.diff(seconds)) < 2 * 3.3 / 20
    assert {(s.width_px, s.height_px) for s in snapshots} == {(450, 800)}
