"""A photo that was moved comes back; one that shows something else stays."""

from __future__ import annotations

import numpy as np
import pytest
from register import registered
from scipy.ndimage import gaussian_filter, map_coordinates


def _picture(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random((120, 160, 3))
    smooth = gaussian_filter(noise, (4, 4, 0))
    return ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_a_moved_photo_is_brought_back(seed: int) -> None:
    shown = _picture(seed)
    angle = np.radians(0.7)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    off = np.array([1.7, -2.3])
    rows, columns = np.mgrid[:120, :160]
    places = np.einsum("ij,jhw->ihw", turn, [rows, columns]) + off[:, None, None]
    channels = [map_coordinates(shown[..., c], places, order=1, mode="nearest") for c in range(3)]
    moved = np.stack(channels, -1)
    back, known, shift = registered(0.8 * moved, shown, np.ones((120, 160), np.float32))
    inner = np.s_[8:-8, 8:-8]
    before = np.abs(moved - shown)[inner].mean()
    assert np.abs(back / 0.8 - shown)[inner].mean() < 0.15 * before
    assert 1 < shift < 5
    assert 0.85 < known.mean() < 1


def test_a_photo_of_something_else_stays() -> None:
    photo, mask = _picture(0), np.ones((120, 160), np.float32)
    back, known, shift = registered(photo, _picture(1), mask)
    assert shift == 0
    np.testing.assert_array_equal(back, photo)
    np.testing.assert_array_equal(known, mask)


def test_a_photo_that_shows_too_little_stays() -> None:
    shown, mask = _picture(0), np.zeros((120, 160), np.float32)
    mask[:, :40] = 1
    back, known, shift = registered(np.roll(shown, 2, axis=1), shown, mask)
    assert shift == 0
    np.testing.assert_array_equal(back, np.roll(shown, 2, axis=1))
    np.testing.assert_array_equal(known, mask)
