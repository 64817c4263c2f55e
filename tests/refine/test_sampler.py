from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from scenegen.refine.condition import PHOTOS, Rendered, blinded, filled
from scenegen.refine.heads import LITTLE, SURE
from scenegen.refine.network import Refiner
from scenegen.refine.sampler import refine_shot
from scenegen.refine.temporal import REACH, windowed
from tests.refine.clips import SMALL, clip, network


@pytest.mark.parametrize("steps", [1, 2])
def test_a_frame_is_what_shares_of_its_sources_and_something_made_up_add_up_to(steps: int) -> None:
    for made in refine_shot(clip(), network(), steps):
        np.testing.assert_allclose(made.shares.sum(axis=0), 1.0, atol=1e-5)
        frame = made.rendered
        sources = np.stack([frame.rgb, frame.field, *frame.warps.rgb])
        # Where a photo sees nothing its share is none, whatever its colours are.
        assert made.shares[2:, :, : frame.size[1] // 4].max() < 1e-4
        mixed = (made.shares[..., None] * sources).sum(axis=0) + made.made_up
        np.testing.assert_allclose(made.rgb, mixed.clip(0, 1), atol=2e-3)


def test_little_is_made_up_where_the_render_is_sure_and_a_photo_sees_it() -> None:
    made = next(refine_shot(clip(), network()))
    frame = made.rendered
    sure = (frame.opacity > SURE) & (frame.warps.seen.max(axis=0) > 0.99)
    assert np.abs(made.made_up[sure]).max() <= 1.001 * LITTLE
    assert np.abs(made.made_up[~sure]).max() > 0.1


def test_an_untrained_network_all_but_gives_the_render_back() -> None:
    torch.manual_seed(0)
    made = next(refine_shot(clip(1), Refiner(SMALL).eval()))
    assert made.shares[0].min() > 0.9


@pytest.mark.parametrize("steps", [1, 3])
def test_frames_come_as_soon_as_what_they_attend_to_is_there(steps: int) -> None:
    asked: list[int] = []

    def frames() -> Iterator[Rendered]:
        for index, frame in enumerate(clip(40, 16, 16)):
            asked.append(index)
            yield frame

    stream = refine_shot(frames(), network(), steps)
    next(stream)
    # Two frames ahead for the places of surfaces in them, and two in each layer of each step.
    assert len(asked) == 1 + REACH + steps * SMALL.layers * REACH
    assert 1 + sum(1 for _ in stream) == 40


def test_a_frame_depends_on_the_frames_around_it_and_on_no_others() -> None:
    frames = clip(12, 16, 32)
    reach = REACH + SMALL.layers * REACH
    changed = [*frames[:-1], replace(frames[-1], rgb=1 - frames[-1].rgb)]
    one, other = (list(refine_shot(each, network())) for each in (frames, changed))
    same = [np.array_equal(a.rgb, b.rgb) for a, b in zip(one, other, strict=True)]
    assert all(same[: 11 - reach])
    assert not any(same[11 - SMALL.layers * REACH :])


def test_sides_that_fit_no_grid_come_back_as_they_were() -> None:
    frames = clip(3, 21, 35)
    for made, frame in zip(refine_shot(frames, network()), frames, strict=True):
        assert made.rgb.shape == (21, 35, 3)
        assert made.rendered is frame


def test_the_same_seed_gives_the_same_pixels_and_gradients_stay_off() -> None:
    first, again, other = (
        next(refine_shot(clip(2), network(), seed=seed)).rgb for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert torch.is_grad_enabled()


def test_without_photos_a_frame_is_refined_as_well() -> None:
    made = next(refine_shot(clip(1, photos=0), network()))
    assert np.isfinite(made.rgb).all()


def test_photos_that_are_lacking_change_nothing_where_there_are_none() -> None:
    (frame,) = clip(1, photos=0)
    one, other = (next(refine_shot([each], network())) for each in (frame, filled(frame)))
    np.testing.assert_allclose(one.rgb, other.rgb, atol=5e-4)  # worst seen 4e-5: sums of four
    assert len(other.shares) == 2 + PHOTOS
    assert not other.shares[2:].any()


def test_a_network_without_photos_is_shown_none() -> None:
    (frame,) = clip(1)
    blind = Refiner(replace(SMALL, photos=0))
    blind.load_state_dict(network().state_dict())
    made = next(refine_shot([frame], blind.eval()))
    other = next(refine_shot([blinded(frame, np.zeros(2, bool))], network()))
    np.testing.assert_array_equal(made.rgb, other.rgb)
    assert not made.shares[2:].any()


def test_windows_hold_the_frames_around_each() -> None:
    assert list(windowed([1, 2, 3, 4])) == [
        {0: 1, 1: 2, 2: 3},
        {-1: 1, 0: 2, 1: 3, 2: 4},
        {-2: 1, -1: 2, 0: 3, 1: 4},
        {-2: 2, -1: 3, 0: 4},
    ]
    assert list(windowed([])) == []
