from __future__ import annotations

import errno
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.error import OSError as FFmpegOSError

from scenegen.errors import OutputError, PublishError
from scenegen.publish.clip import publish_clip
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import Footage
from scenegen.types import Frame
from tests.publish import room
from tests.publish.room import room_footage

TINY = (64, 36)


class Died(BaseException):
    """Stands for the end of the process."""


def pictures(clip: Path) -> np.ndarray:
    with av.open(str(clip)) as container:
        return np.stack([frame.to_ndarray() for frame in container.decode(video=0)])


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def stopping(footage: Footage, at: int, error: BaseException) -> Footage:
    """Return the footage, except that rendering frame ``at`` fails."""

    def render(first: int) -> Iterator[Frame]:
        for frame in footage.render(first):
            if frame.index == at:
                raise error
            yield frame

    return replace(footage, render=render)


def counting(footage: Footage, rendered: list[int]) -> Footage:
    def render(first: int) -> Iterator[Frame]:
        for frame in footage.render(first):
            rendered.append(frame.index)
            yield frame

    return replace(footage, render=render)


def test_ctrl_c_keeps_the_finished_part(tmp_path: Path) -> None:
    footage, clip = room_footage(60, size=TINY), tmp_path / "clip.mp4"
    with pytest.raises(KeyboardInterrupt) as stop:
        publish_clip(stopping(footage, 50, KeyboardInterrupt()), clip, PublishConfig())
    assert str(stop.value) == (
        f"{clip}: interrupted; 50 of 60 frames are kept, run the same command again to continue"
    )
    assert not clip.exists()
    rendered: list[int] = []
    facts = publish_clip(counting(footage, rendered), clip, PublishConfig())
    assert rendered == list(range(50, 60))
    assert (facts.frames, facts.frames_reused) == (60, 50)
    assert facts.render_s_per_frame == facts.render_s / 10
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize(("name", "stops"), [("clip.mp4", (0, 23, 24, 49)), ("clip.gif", (24, 49))])
def test_wherever_rendering_stops_the_result_is_the_same(
    tmp_path: Path, name: str, stops: tuple[int, ...]
) -> None:
    footage = room_footage(50, size=(32, 18))
    whole = PublishConfig(frames=tmp_path / "whole")
    publish_clip(footage, tmp_path / f"whole_{name}", whole)
    for at in stops:
        clip, config = tmp_path / f"{at}_{name}", PublishConfig(frames=tmp_path / str(at))
        with pytest.raises(Died):
            publish_clip(stopping(footage, at, Died()), clip, config)
        assert not clip.exists()
        assert config.frames is not None
        assert not config.frames.exists()
        facts = publish_clip(footage, clip, config)
        assert facts.frames_reused == at
        assert clip.read_bytes() == (tmp_path / f"whole_{name}").read_bytes()
        assert contents(tmp_path / str(at)) == contents(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_death_at_any_rename_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    footage = room_footage(26, size=(32, 18))
    publish_clip(footage, tmp_path / "whole.mp4", PublishConfig(frames=tmp_path / "whole"))
    rename = os.replace
    # Four files a frame; 96 and 105 are the segments, then depth.json, the folder and the clip.
    for fatal in (1, 43, 95, 96, 97, 105, 106, 107, 108):
        clip = tmp_path / f"{fatal}.mp4"
        config = PublishConfig(frames=tmp_path / str(fatal))
        renames = iter(range(1000))

        def dying(source: Any, target: Any, fatal: int = fatal, renames: Any = renames) -> None:
            number = next(renames)
            if number == fatal and not after:
                raise Died
            rename(source, target)
            if number == fatal:
                raise Died

        monkeypatch.setattr(os, "replace", dying)
        with pytest.raises(Died):
            publish_clip(footage, clip, config)
        monkeypatch.setattr(os, "replace", rename)
        if not clip.exists():
            publish_clip(footage, clip, config)
        assert clip.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
        assert contents(tmp_path / str(fatal)) == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "change",
    [
        lambda footage: (replace(footage, fingerprint="other"), PublishConfig()),
        lambda footage: (replace(footage, fps=30.0), PublishConfig()),
        lambda _: (room_footage(59, size=TINY), PublishConfig()),
        lambda _: (room_footage(60, size=(96, 54)), PublishConfig()),
        lambda footage: (footage, PublishConfig(crf=30)),
    ],
    ids=["fingerprint", "fps", "count", "size", "crf"],
)
def test_other_settings_start_anew(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Footage], tuple[Footage, PublishConfig]],
) -> None:
    caplog.set_level(logging.INFO)
    footage, clip = room_footage(60, size=TINY), tmp_path / "clip.mp4"
    with pytest.raises(Died):
        publish_clip(stopping(footage, 50, Died()), clip, PublishConfig())
    changed, config = change(footage)
    facts = publish_clip(changed, clip, config)
    assert facts.frames_reused == 0
    assert caplog.messages == [
        f"{clip}: settings differ from the interrupted run; starting anew",
    ]
    publish_clip(changed, tmp_path / "fresh.mp4", config)
    assert clip.read_bytes() == (tmp_path / "fresh.mp4").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "fresh.mp4"]


def test_only_partial_folders_of_the_same_output_are_discarded(tmp_path: Path) -> None:
    others = [".clip.mp4.partial", ".other.mp4.0123456789abcdef.partial", ".clip.mp4.notes.partial"]
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / ".clip.mp4.0123456789abcdef.partial").write_text("a file of the user's")
    publish_clip(room_footage(2, size=TINY), tmp_path / "clip.mp4", PublishConfig())
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*others, ".clip.mp4.0123456789abcdef.partial", "clip.mp4"}


@pytest.mark.parametrize("crf", [18, 30], ids=["same settings", "others"])
def test_two_runs_never_share_the_pieces_of_one_output(tmp_path: Path, crf: int) -> None:
    footage, clip = room_footage(30, size=TINY), tmp_path / "clip.mp4"
    messages = []

    def render(first: int) -> Iterator[Frame]:
        for frame in footage.render(first):
            if frame.index == 25:
                with pytest.raises(OutputError) as error:
                    publish_clip(footage, clip, PublishConfig(crf=crf))
                messages.append(str(error.value))
            yield frame

    publish_clip(replace(footage, render=render), clip, PublishConfig(crf=18))
    [message] = messages
    assert re.sub(r"[0-9a-f]{16}", "0123456789abcdef", message) == (
        f"{clip}: another scenegen is writing it, in "
        f"{tmp_path}/.clip.mp4.0123456789abcdef.partial; "
        "wait until that ends or choose another --output"
    )
    assert len(pictures(clip)) == 30
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("name", ["clip.mp4", "frames"])
def test_what_appeared_meanwhile_is_not_replaced(tmp_path: Path, name: str) -> None:
    footage, clip = room_footage(3, size=TINY), tmp_path / "clip.mp4"
    config = PublishConfig(frames=tmp_path / "frames")

    def render(first: int) -> Iterator[Frame]:
        for frame in footage.render(first):
            (tmp_path / name).write_text("of another program")
            yield frame

    with pytest.raises(OutputError) as error:
        publish_clip(replace(footage, render=render), clip, config)
    assert str(error.value) == (
        f"{tmp_path / name}: exists already, expected a new name; pass --overwrite to replace it "
        "or choose another --output (3 of 3 frames are kept)"
    )
    assert (tmp_path / name).read_text() == "of another program"
    (tmp_path / name).unlink()
    assert publish_clip(footage, clip, config).frames_reused == 3


def test_what_a_kill_left_half_written_is_swept_away(tmp_path: Path) -> None:
    footage, frames = room_footage(30, size=TINY), tmp_path / "frames"
    with pytest.raises(Died):
        publish_clip(
            stopping(footage, 25, Died()), tmp_path / "clip.mp4", PublishConfig(frames=frames)
        )
    [of_clip] = tmp_path.glob(".clip.mp4.*.partial")
    [of_frames] = tmp_path.glob(".frames.*.partial")
    (of_clip / ".000000.mov.x1y2").write_bytes(b"half")
    (of_clip / "clip.mp4").write_bytes(b"half")
    (of_frames / "rgb" / ".000025.png.x1y2").write_bytes(b"half")
    publish_clip(footage, tmp_path / "clip.mp4", PublishConfig(frames=frames))
    assert len(pictures(tmp_path / "clip.mp4")) == 30
    assert {name.rsplit("/")[-1][0] for name in contents(frames)} == {"0", "d"}


def test_a_full_disk_is_told_and_keeps_the_finished_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    footage, clip = room_footage(60, size=TINY), tmp_path / "clip.mp4"
    sync, syncs = os.fsync, iter(range(100))

    def full(handle: int) -> None:
        if next(syncs) == 49:  # of the second segment, after 48 frames and the first
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError) as error:
        publish_clip(footage, clip, PublishConfig())
    [partial] = tmp_path.iterdir()
    assert str(error.value) == (
        f"{partial / '000024.mov'}: the disk is full; free some space and run the command again "
        "(48 of 60 frames are kept)"
    )
    assert sorted(path.name for path in partial.iterdir()) == [
        "000000.mov",
        *(f"{index:06}.png" for index in range(24, 48)),
    ]
    assert publish_clip(footage, clip, PublishConfig()).frames_reused == 48


def test_a_disk_that_fills_up_while_joining_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    footage, clip = room_footage(30, size=TINY), tmp_path / "clip.mp4"

    def refuse(*_: Any) -> None:
        raise FFmpegOSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("scenegen.publish.clip.join_segments", refuse)
        with pytest.raises(OutputError) as error:
            publish_clip(footage, clip, PublishConfig())
    assert str(error.value) == (
        f"{clip}: the disk is full; free some space and run the command again "
        "(30 of 30 frames are kept)"
    )
    assert not clip.exists()
    assert publish_clip(footage, clip, PublishConfig()).frames_reused == 30


def test_a_damaged_segment_is_told(tmp_path: Path) -> None:
    footage, clip = room_footage(30, size=TINY), tmp_path / "clip.mp4"
    with pytest.raises(Died):
        publish_clip(stopping(footage, 29, Died()), clip, PublishConfig())
    [partial] = tmp_path.iterdir()
    (partial / "000000.mov").write_bytes(b"not a video")
    with pytest.raises(PublishError) as error:
        publish_clip(footage, clip, PublishConfig())
    assert str(error.value) == (
        f"{partial / '000000.mov'}: expected a piece of the clip, found a damaged file; "
        f"delete the folder {partial} and run the command again"
    )


@pytest.mark.slow
def test_killed_again_and_again_the_clip_is_the_same(tmp_path: Path) -> None:
    count, crf = 180, 20
    publish_clip(
        room_footage(count), tmp_path / "whole.mp4", PublishConfig(tmp_path / "whole", crf)
    )
    clip, frames = tmp_path / "clip.mp4", tmp_path / "frames"
    command = [sys.executable, room.__file__, str(clip), str(count), str(crf), "0.02", str(frames)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    waits = np.random.default_rng(7)
    progress = []
    for _ in range(8):
        process = subprocess.Popen(command, env=environment)
        wait_until_rendering(process, tmp_path)
        time.sleep(waits.uniform(0, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if clip.exists():  # also where the kill came between the last rename and the exit
            break
        progress.append(len(list(tmp_path.glob(".clip.mp4.*.partial/0*.mov"))))
    assert len(progress) >= 3, "too few kills fell into the render to show anything"
    assert progress == sorted(progress)
    if not clip.exists():
        subprocess.run(command, env=environment, check=True)
    np.testing.assert_array_equal(pictures(clip), pictures(tmp_path / "whole.mp4"))
    assert contents(frames) == contents(tmp_path / "whole")
    assert not list(tmp_path.glob(".*"))


def wait_until_rendering(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and not any(folder.glob(".clip.mp4.*.partial")):
        assert time.monotonic() < until
        time.sleep(0.005)
