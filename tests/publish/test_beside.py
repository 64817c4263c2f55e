"""What is told beside a clip: the shares of every frame, and the clip that shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from scenegen.errors import OutputError
from scenegen.publish import clip as clips
from scenegen.publish.clip import Beside, publish_clip
from scenegen.publish.config import PublishConfig
from scenegen.publish.footage import Footage
from scenegen.publish.inks import COPIED_INK, MADE_UP_INK, overlay
from scenegen.types import Frame, Provenance
from tests.publish.room import room_footage

COUNT = 26


class Died(BaseException):
    """Stands for the end of the process."""


def told_footage(rendered: list[int] | None = None, stop: int = COUNT) -> Footage:
    """Frames of which ever more was copied; rendering dies at frame ``stop``."""
    plain = room_footage(COUNT, size=(32, 18))

    def render(first: int) -> Iterator[Frame]:
        for frame in plain.render(first):
            if frame.index == stop:
                raise Died
            if rendered is not None:
                rendered.append(frame.index)
            copied = np.full(frame.depth.shape, frame.index / COUNT, np.float32)
            shares = Provenance(copied, 1 - copied, 0 * copied, {"drift": 0.25})
            yield replace(frame, provenance=shares)

    return replace(plain, render=render)


def beside(folder: Path) -> Beside:
    return Beside(folder / "over.mp4")


def listed(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name != "whole")


ALL = ["clip.mp4", "clip.mp4.provenance.json", "over.mp4"]


def publish(folder: Path, footage: Footage, config: PublishConfig | None = None) -> None:
    publish_clip(footage, folder / "clip.mp4", config or PublishConfig(), beside=beside(folder))


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "whole"
    folder.mkdir()
    publish(folder, told_footage())
    assert listed(folder) == ALL
    return {name: (folder / name).read_bytes() for name in ALL}


def test_the_ledger_tells_of_every_frame(whole: dict[str, bytes]) -> None:
    told = json.loads(whole["clip.mp4.provenance.json"])
    assert [frame["frame"] for frame in told["frames"]] == list(range(COUNT))
    last = told["frames"][-1]
    assert last["copied"] == pytest.approx(25 / 26, abs=1e-4)
    assert last["turned_down"] == {"drift": 0.25}
    assert told["clip"]["copied"] == pytest.approx(12.5 / 26, abs=1e-3)


@pytest.mark.parametrize("stop", [1, 23, 25])
def test_wherever_it_stops_the_rest_is_the_same(
    tmp_path: Path, whole: dict[str, bytes], stop: int
) -> None:
    with pytest.raises(Died):
        publish(tmp_path, told_footage(stop=stop))
    rendered: list[int] = []
    publish(tmp_path, told_footage(rendered))
    assert rendered == list(range(stop, COUNT))
    for name, content in whole.items():
        assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[:-9],  # a line written half
        lambda lines: lines[:-1],  # a whole one without its end
        lambda lines: lines + b"\0\xff\0\0",
        lambda lines: lines + lines,  # frames that do not follow
    ],
)
def test_a_ledger_that_was_cut_short_goes_on(
    tmp_path: Path, whole: dict[str, bytes], spoil: object
) -> None:
    with pytest.raises(Died):
        publish(tmp_path, told_footage(stop=9))
    (lines,) = tmp_path.glob(".clip.mp4.provenance.json.*.partial/frames.jsonl")
    lines.write_bytes(spoil(lines.read_bytes()))  # pyright: ignore[reportCallIssue]
    publish(tmp_path, told_footage())
    for name, content in whole.items():
        assert (tmp_path / name).read_bytes() == content


def test_nothing_is_rendered_again_where_joining_was_stopped(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_: object) -> int:
        raise Died

    joined = clips.join_segments
    monkeypatch.setattr(clips, "join_segments", dying)
    with pytest.raises(Died):
        publish(tmp_path, told_footage())
    calls = iter(range(2))
    monkeypatch.setattr(
        clips, "join_segments", lambda *given: joined(*given) if next(calls) == 0 else dying()
    )
    with pytest.raises(Died):  # of the overlay it is joined, of the clip it is not
        publish(tmp_path, told_footage(stop=0))
    assert not set(ALL) & set(listed(tmp_path))
    monkeypatch.setattr(clips, "join_segments", joined)
    publish(tmp_path, told_footage(stop=0))
    assert listed(tmp_path) == ALL
    for name, content in whole.items():
        assert (tmp_path / name).read_bytes() == content


def test_an_overlay_that_is_in_the_way_is_told_before_anything_is_rendered(tmp_path: Path) -> None:
    (tmp_path / "over.mp4").touch()
    with pytest.raises(OutputError, match=r"over\.mp4: exists already"):
        publish(tmp_path, told_footage(stop=0))
    publish(tmp_path, told_footage(), PublishConfig(overwrite=True))
    with av.open(str(tmp_path / "over.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == COUNT
    same = Beside(tmp_path / "other.mp4")
    with pytest.raises(OutputError, match="is the clip itself"):
        publish_clip(told_footage(stop=0), tmp_path / "other.mp4", PublishConfig(), beside=same)


def test_a_clip_that_takes_the_place_of_a_refined_one_takes_its_ledger(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    del whole
    folder = tmp_path / "whole"
    plain, config = told_footage(), PublishConfig(overwrite=True)
    publish_clip(replace(plain, fingerprint="not refined"), folder / "clip.mp4", config)
    assert listed(folder) == ["clip.mp4", "over.mp4"]


def test_inks_say_what_a_pixel_is() -> None:
    grey = np.full((1, 2, 3), 128, np.uint8)
    one, none = np.array([[1, 0]], np.float32), np.zeros((1, 2), np.float32)
    shown = overlay(grey, Provenance(one, none, 1 - one)).astype(int)
    assert shown[0, 0].argmax() == np.argmax(COPIED_INK)
    assert shown[0, 1].argmax() == np.argmax(MADE_UP_INK)
