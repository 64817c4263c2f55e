"""What training clips go through: each change keeps what it must, and harms what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scenegen.lift.evaluate import psnr_db
from scenegen.refine.batches import (
    BatchConfig,
    Batches,
    completed,
    under,
    with_foreign_photos,
    with_render,
    worn,
)
from scenegen.refine.grade import PHRASES, Grade
from scenegen.refine.pairs import Pair, Part, read_pair, write_pair
from tests.refine.clips import clip


def pair(seed: int = 0, height: int = 32, width: int = 48) -> Pair:
    rng = np.random.default_rng(seed)
    frames = tuple(clip(5, height, width))
    target = rng.random((5, height, width, 3)).astype(np.float32)
    trusted = np.ones((5, height, width), np.float32)
    trusted[:, :4] = 0
    return Pair(frames, target, trusted)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{index}.safetensors" for index in range(3)]
    for index, file in enumerate(made):
        write_pair(pair(index), file)
    return made


def test_a_batch_is_the_same_whatever_was_drawn_before(files: list[Path]) -> None:
    config = BatchConfig(clips=3, frames=3, crop=16)
    vectors = np.eye(len(PHRASES), 384, dtype=np.float32)
    before = Batches(files, config, 5, vectors)
    again = [before(step) for step in range(4)][-1]
    anew = Batches(files, config, 5, vectors)(3)
    for one, other in zip(again.given, anew.given, strict=True):
        torch.testing.assert_close(one.frame, other.frame)
        torch.testing.assert_close(one.photos, other.photos)
    assert again.text is not None
    assert anew.text is not None
    torch.testing.assert_close(again.text, anew.text)
    assert again.target[0].shape == (3, 3, 16, 16)


def test_a_clean_render_is_the_target_where_that_counts() -> None:
    clip_pair = pair()
    made = with_render(clip_pair, clip_pair.target)
    for frame, old, clean in zip(made.frames, clip_pair.frames, clip_pair.target, strict=True):
        np.testing.assert_array_equal(frame.rgb[4:], clean[4:])
        np.testing.assert_array_equal(frame.field[4:], clean[4:])
        np.testing.assert_array_equal(frame.rgb[:4], old.rgb[:4])


@pytest.mark.parametrize("seed", range(6))
def test_worn_frames_are_worse_and_alike(seed: int) -> None:
    clean = np.tile(pair(7).target[:1], (3, 1, 1, 1))
    made = worn(clean, np.random.default_rng(seed))
    assert made.shape == clean.shape
    assert psnr_db(made, clean) < 30
    np.testing.assert_allclose(made[0], made[2], atol=1e-6)  # it does not flicker


def test_foreign_photos_claim_to_see_all() -> None:
    own, other = pair(0), pair(1)
    counts = set()
    for seed in range(8):
        made = with_foreign_photos(own, other, np.random.default_rng(seed))
        first, changed = made.frames[0].warps, []
        for at in range(2):
            if not np.array_equal(first.rgb[at], own.frames[0].warps.rgb[at]):
                changed.append(at)
        counts.add(len(changed))
        for frame in made.frames:
            for at in changed:
                np.testing.assert_array_equal(frame.warps.rgb[at], first.rgb[at])
                # It is a picture of the other scene, perhaps rolled.
                np.testing.assert_array_equal(
                    np.sort(first.rgb[at], axis=None), np.sort(other.target[2], axis=None)
                )
                assert frame.warps.seen[at].min() == 1
    assert counts == {1, 2}


def test_a_part_of_a_clip_is_that_part_of_the_whole(files: list[Path]) -> None:
    whole = read_pair(files[0])
    part = read_pair(files[0], Part(slice(1, 4), slice(8, 24), slice(16, 48)))
    window = np.s_[..., 8:24, 16:48]
    np.testing.assert_array_equal(part.target, whole.target[1:4, 8:24, 16:48])
    np.testing.assert_array_equal(part.trusted, whole.trusted[1:4][window])
    assert len(part.frames) == 3
    for one, all_of_it in zip(part.frames, whole.frames[1:4], strict=True):
        np.testing.assert_array_equal(one.rgb, all_of_it.rgb[8:24, 16:48])
        np.testing.assert_array_equal(one.depth, all_of_it.depth[window])
        np.testing.assert_array_equal(one.warps.rgb, all_of_it.warps.rgb[:, 8:24, 16:48])
        np.testing.assert_array_equal(one.warps.seen, all_of_it.warps.seen[window])
        # A pixel of the window looks where the same pixel of the whole does.
        lens, own = one.camera.lens, all_of_it.camera.lens
        assert (lens.cx + 16, lens.cy + 8, lens.fl_x) == (own.cx, own.cy, own.fl_x)
        assert (lens.width_px, lens.height_px) == (32, 16)


def test_what_is_not_known_is_no_part_of_a_worn_render() -> None:
    """Where a target is not known it is black: blurred, that would be seen beside it."""
    own = pair()
    black = replace(own, target=np.where(own.trusted[..., None] > 0, own.target, 0))
    grey = replace(own, target=np.where(own.trusted[..., None] > 0, own.target, 0.5))
    one, other = (completed(each) for each in (black, grey))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one[:, 4:], own.target[:, 4:])
    np.testing.assert_array_equal(one[2, :4], own.frames[2].rgb[:4])


def test_a_graded_clip_has_its_target_graded_alike() -> None:
    own = pair()
    same = with_render(own, own.target)
    made = under(same, Grade(exposure=-0.5, warmth=0.3, haze=0.4, contrast=0.2))
    for frame, clean in zip(made.frames, made.target, strict=True):
        np.testing.assert_allclose(frame.rgb[4:], clean[4:], atol=1e-6)
    assert np.abs(made.target - own.target).mean() > 0.05
