from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.codec.codec import UnknownCodecError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from scenegen.errors import OutputError, PublishError
from scenegen.publish.clip import check_clip, publish_clip
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import ClipFacts, Footage
from scenegen.types import Frame
from tests.publish.room import MARKER, room_footage, room_path


def flat_footage(pictures: list[np.ndarray], fps: float = 24.0) -> Footage:
    height, width, _ = pictures[0].shape
    depth = np.zeros((height, width), np.float32)

    def render(first: int) -> Iterator[Frame]:
        for index in range(first, len(pictures)):
            yield Frame(index, pictures[index], depth, depth)

    return Footage(render, len(pictures), fps, width, height, fingerprint="pictures")


def planes(frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y, Cb and Cr as the decoder gives them."""
    stacked = np.asarray(frame.to_ndarray(), float)
    assert frame.format.name == "yuv420p"
    height, width = frame.height, frame.width
    chroma = stacked[height:].reshape(2, height // 2, width // 2)
    return stacked[:height], chroma[0], chroma[1]


def rgb709(frame: av.VideoFrame) -> np.ndarray:
    """Colours by the formulas of ITU-R BT.709-6, table 3 and 4, limited range."""
    y, cb, cr = planes(frame)
    y = (y - 16) / 219
    cb = np.kron((cb - 128) / 224, np.ones((2, 2)))
    cr = np.kron((cr - 128) / 224, np.ones((2, 2)))
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 1) * 255


def decoded(clip: Path) -> list[av.VideoFrame]:
    with av.open(str(clip)) as container:
        return list(container.decode(video=0))


def test_a_clip_is_what_players_expect(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    facts = publish_clip(room_footage(30, size=(160, 96)), clip, PublishConfig())
    with av.open(str(clip)) as container:
        assert "mp4" in container.format.name
        stream = container.streams.video[0]
        context = stream.codec_context
        assert context.name == "h264"
        assert context.pix_fmt == "yuv420p"
        assert (context.width, context.height) == (160, 96)
        assert context.color_primaries == ColorPrimaries.BT709
        assert context.color_trc == ColorTrc.BT709
        assert context.colorspace == Colorspace.ITU709
        assert context.color_range == ColorRange.MPEG
        assert stream.average_rate == 24
        assert stream.frames == 30
    data = clip.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "starts to play only when all is there"
    assert b"colrnclx" in data
    assert facts == ClipFacts(30, 0, 1.25, 160, 96, len(data) / 1e6, facts.render_s)
    assert facts.render_s_per_frame == facts.render_s / 30
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert clip.stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize("count", [1, 2, 23, 24, 25, 48, 61])
def test_joined_segments_are_one_video(tmp_path: Path, count: int) -> None:
    clip = tmp_path / "clip.mp4"
    publish_clip(room_footage(count, size=(64, 36)), clip, PublishConfig())
    frames = decoded(clip)
    assert len(frames) == count
    assert [frame.time for frame in frames] == pytest.approx(np.arange(count) / 24, abs=1e-9)
    assert [i for i, frame in enumerate(frames) if frame.key_frame] == list(range(0, count, 24))
    with av.open(str(clip)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        stream = container.streams.video[0]
        assert stream.average_rate == 24
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == Fraction(count, 24)
        decode_times = [packet.dts for packet in packets if packet.dts is not None]
        assert len(decode_times) == count
        assert (np.diff(decode_times) > 0).all()


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24.0, "24"),
        (23.976, "24000/1001"),
        (23.98, "24000/1001"),
        (29.97, "30000/1001"),
        (12.5, "25/2"),
        (60.0, "60"),
        (5.0, "5"),
        (1.0, "1"),
        (0.1, "1/10"),
    ],
)
def test_frame_rates_are_exact(tmp_path: Path, fps: float, rate: str) -> None:
    clip = tmp_path / "clip.mp4"
    facts = publish_clip(room_footage(50, fps, size=(64, 36)), clip, PublishConfig())
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == Fraction(rate)
        assert stream.time_base is not None
        tick = stream.time_base
        times = [(frame.pts or 0) * tick for frame in container.decode(stream)]
    assert times == [index / Fraction(rate) for index in range(50)]
    assert facts.seconds == float(50 / Fraction(rate))


def test_every_segment_shows_the_frames_that_were_rendered(tmp_path: Path) -> None:
    footage = room_footage(50)
    clip = tmp_path / "clip.mp4"
    publish_clip(footage, clip, PublishConfig())
    for source, shown in zip(footage.render(0), decoded(clip), strict=True):
        mse = np.mean((rgb709(shown) - source.rgb.astype(float)) ** 2)
        # Worst seen 34.2 dB (4:2:0 blurs the edges); a neighbouring frame gives 28.1 at most.
        assert 10 * np.log10(255**2 / mse) > 32


def test_colours_come_back(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    colours[0] = [[v, v, v] for v in (0, 16, 64, 128, 192, 235, 254, 255)]
    colours[1, :3] = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    colours[1, 3:6] = [(0, 255, 255), (255, 0, 255), (255, 255, 0)]
    picture = colours.repeat(32, 0).repeat(32, 1)
    clip = tmp_path / "clip.mp4"
    publish_clip(flat_footage([picture] * 3), clip, PublishConfig())
    for frame in decoded(clip):
        found = rgb709(frame)[16::32, 16::32]
        assert np.abs(found - colours).max() <= 3  # worst seen 1.4; BT.601 would be off by 40


def test_crf_trades_size_for_likeness(tmp_path: Path) -> None:
    sizes = []
    for crf in (0, 18, 40):
        clip = tmp_path / f"{crf}.mp4"
        publish_clip(room_footage(24), clip, PublishConfig(crf=crf))
        sizes.append(clip.stat().st_size)
    assert sizes[0] > 1.5 * sizes[1] > 1.5 * 1.5 * sizes[2]


def test_a_marker_lands_where_the_cameras_say(tmp_path: Path) -> None:
    size = (320, 180)
    clip = tmp_path / "clip.mp4"
    publish_clip(room_footage(40, size=size), clip, PublishConfig())
    path = room_path(40)
    errors = []
    for index, frame in enumerate(decoded(clip)):
        weight = np.clip(planes(frame)[0] - 150, 0, None)
        rows, columns = np.indices(weight.shape) + 0.5
        found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
        x, y, z, _ = np.linalg.inv(path.world_from_camera[index]) @ [*MARKER, 1]
        focal = size[1] / 2 / np.tan(np.deg2rad(path.fov_y_deg[index]) / 2)
        expected = np.array([size[0] / 2 - focal * x / z, size[1] / 2 + focal * y / z])
        errors.append(np.abs(found - expected).max())
    assert max(errors) < 0.3  # worst seen 0.18: the disc's edge is not antialiased


CASES = {
    "format": (
        "clip.avi",
        (960, 540),
        PublishConfig(),
        "{clip}: expected a name that ends in .mp4 or .gif, found '.avi'",
    ),
    "no format": (
        "clip",
        (960, 540),
        PublishConfig(),
        "{clip}: expected a name that ends in .mp4 or .gif, found ''",
    ),
    "odd size": (
        "clip.mp4",
        (961, 540),
        PublishConfig(),
        "{clip}: an .mp4 takes an even width and height of 2 to 16384 pixels, found 961x540; "
        "pass for example --width 960 --height 540",
    ),
    "large": (
        "clip.mp4",
        (20000, 1),
        PublishConfig(),
        "{clip}: an .mp4 takes an even width and height of 2 to 16384 pixels, found 20000x1; "
        "pass for example --width 16384 --height 2",
    ),
    "crf": (
        "clip.mp4",
        (960, 540),
        PublishConfig(crf=52),
        "{clip}: crf 52, expected 0 (lossless) to 51 (smallest); 18 is usual",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_encoded_is_told_before_rendering(tmp_path: Path, case: str) -> None:
    name, size, config, message = CASES[case]
    with pytest.raises(PublishError) as error:
        check_clip(tmp_path / name, *size, config)
    assert str(error.value) == message.format(clip=tmp_path / name)


def test_outputs_that_exist_are_kept(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_text("mine")
    with pytest.raises(OutputError) as error:
        publish_clip(room_footage(2), clip, PublishConfig())
    assert str(error.value) == (
        f"{clip}: exists already, expected a new name; "
        "pass --overwrite to replace it or choose another --output"
    )
    assert clip.read_text() == "mine"
    publish_clip(room_footage(2), clip, PublishConfig(overwrite=True))
    assert len(decoded(clip)) == 2


def test_a_folder_is_no_clip(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.mkdir()
    with pytest.raises(OutputError) as error:
        check_clip(clip, 960, 540, PublishConfig(overwrite=True))
    assert str(error.value) == f"{clip}: is a folder, expected the name of a clip; choose another"


def test_an_output_inside_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    clip = tmp_path / "file" / "clip.mp4"
    with pytest.raises(OutputError) as error:
        check_clip(clip, 960, 540, PublishConfig())
    assert str(error.value) == (
        f"{clip}: {tmp_path / 'file'} is not a folder that may be written to; "
        "choose another --output or change its permissions"
    )


def test_odd_sizes_are_fine_for_a_gif(tmp_path: Path) -> None:
    check_clip(tmp_path / "clip.gif", 961, 541, PublishConfig())


def test_missing_folders_are_made(tmp_path: Path) -> None:
    clip = tmp_path / "a" / "b: 100%" / "clip.MP4"
    publish_clip(room_footage(2), clip, PublishConfig())
    assert len(decoded(clip)) == 2


@pytest.mark.parametrize("fps", [0.0, -24.0, float("nan"), float("inf"), 1001.0])
def test_an_impossible_frame_rate_is_an_error(fps: float) -> None:
    with pytest.raises(PublishError) as error:
        room_footage(2, fps)
    assert str(error.value) == (
        f"camera path: {fps:g} frames a second, expected 0.01 to 1000; mend the fps of the path"
    )


def test_footage_that_ends_early_is_an_error(tmp_path: Path) -> None:
    footage = replace(room_footage(30), count=31)
    with pytest.raises(PublishError) as error:
        publish_clip(footage, tmp_path / "clip.mp4", PublishConfig())
    assert str(error.value) == "expected 31 frames, but the rendering ended after 30"
    assert not (tmp_path / "clip.mp4").exists()


def test_a_failing_encoder_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise UnknownCodecError("libx264")

    monkeypatch.setattr("av.container.OutputContainer.add_stream", refuse, raising=True)
    clip = tmp_path / "clip.mp4"
    with pytest.raises(PublishError) as error:
        publish_clip(room_footage(2), clip, PublishConfig())
    assert str(error.value) == (
        f"{clip}: the encoder failed (libx264); check `scenegen doctor`, and try another size"
    )
