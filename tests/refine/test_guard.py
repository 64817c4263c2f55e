from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.refine.guard import CELL_PX, Guarded, guarded
from scenegen.refine.provenance import provenance
from scenegen.refine.sampler import Refined
from tests.refine.clips import clip

HOLE = (slice(16, 24), slice(24, 32))


def calm(count: int = 3) -> list[Refined]:
    """Frames that came back as they were rendered: a slope of grey on the wall, without photos."""
    frames = []
    for frame in clip(count, 32, 48, photos=0):
        x = frame.camera.position[0] + (np.arange(48) - 24) * 3.0 / 40
        grey = np.broadcast_to(0.5 + 0.1 * np.sin(x), (32, 48))
        rgb = np.repeat(grey[..., None], 3, axis=-1).astype(np.float32)
        rendered = replace(frame, rgb=rgb, field=rgb)
        shares = np.zeros((2, 32, 48), np.float32)
        shares[0] = 1.0
        frames.append(Refined(rendered, rgb.copy(), shares, np.zeros_like(rgb)))
    return frames


def test_what_is_as_it_was_rendered_passes() -> None:
    for made in guarded(calm()):
        assert made.fallback.max() == 0
        assert set(made.reasons.values()) == {0.0}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda patch: patch + np.array([0.2, 0.0, 0.0]), "drift"),
        (lambda patch: patch + 0.2 * (np.indices(patch.shape[:2]).sum(0) % 2 - 0.5)[..., None],
         "edges"),
    ],
)  # fmt: skip
def test_what_fails_a_check_is_put_back_and_told(spoil, reason: str) -> None:
    frame = calm(1)[0]
    spoilt = frame.rgb.copy()
    spoilt[HOLE] = spoil(spoilt[HOLE])
    made = next(guarded([replace(frame, rgb=spoilt.astype(np.float32))]))
    assert made.reasons[reason] == pytest.approx(CELL_PX**2 / (32 * 48), abs=1e-4)
    np.testing.assert_allclose(made.frame.rgb[HOLE], frame.rendered.rgb[HOLE], atol=1e-6)
    assert made.fallback[HOLE].min() == 1
    assert made.fallback[:, :8].max() < 0.01  # two cells away it has faded


@pytest.mark.parametrize("size", [(5, 6), (12, 19)])
def test_the_last_cells_are_checked_as_well(size: tuple[int, int]) -> None:
    grey = np.full((*size, 3), 0.5, np.float32)
    frame = replace(clip(1, *size, photos=0)[0], rgb=grey, field=grey)
    shares = np.zeros((2, *size), np.float32)
    spoilt = Refined(frame, grey.copy(), shares, np.zeros_like(grey))
    spoilt.rgb[-3:, -3:] = 1.0
    for one in guarded([spoilt, spoilt]):
        assert one.fallback.shape == size
        np.testing.assert_allclose(one.frame.rgb[-3:, -3:], frame.rgb[-3:, -3:], atol=1e-6)


def test_what_was_copied_from_a_photo_that_sees_a_part_of_a_cell_passes() -> None:
    plain = calm(1)[0]
    warps = clip(1, photos=1)[0].warps
    seen = np.zeros((1, 32, 48), np.float32)
    seen[:, :, :20] = 1.0
    photo = np.where(seen[..., None] > 0, plain.rgb + 0.2, plain.rgb).astype(np.float32)
    rendered = replace(plain.rendered, warps=replace(warps, rgb=photo, seen=seen))
    made = next(guarded([replace(plain, rendered=rendered, rgb=photo[0].copy())]))
    assert made.fallback.max() == 0


def test_a_flicker_that_no_single_frame_shows_is_put_back() -> None:
    frames = calm()
    lighter = replace(frames[1], rgb=(frames[1].rgb + 0.035).astype(np.float32))
    made = list(guarded([frames[0], lighter, frames[2]]))
    assert made[1].reasons == {"drift": 0.0, "unsteady": pytest.approx(0.9, abs=0.1), "edges": 0.0}
    assert made[1].fallback.mean() > 0.8


@given(st.integers(0, 2**31), st.booleans())
@settings(max_examples=25, deadline=None)
def test_provenance_adds_up_and_falls_back_to_the_render(seed: int, back: bool) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.random((4, 8, 8)).astype(np.float32)
    shares /= shares.sum(axis=0)
    rendered = clip(1, 8, 8)[0]
    made_up = rng.normal(0, 0.1, (8, 8, 3)).astype(np.float32)
    frame = Refined(rendered, rendered.rgb, shares, made_up)
    fallback = np.full((8, 8), float(back), np.float32)
    found = provenance(Guarded(frame, fallback, {"drift": float(back)}))
    assert not found.copied[:, :2].any()  # there the photos see nothing, and are the render
    parts = (found.copied, found.kept, found.made_up)
    np.testing.assert_allclose(sum(parts), 1.0, atol=1e-5)
    assert min(part.min() for part in parts) >= -1e-6
    if back:
        np.testing.assert_allclose(found.kept, 1.0)
