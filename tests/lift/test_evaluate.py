"""PSNR and SSIM against their definitions and scikit-image's known properties."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.errors import LiftError
from scenegen.lift.evaluate import evaluate, psnr_db, ssim_map
from scenegen.types import Scene


def test_psnr_of_a_known_error():
    image = np.zeros((4, 4, 3))
    assert psnr_db(image + 0.1, image) == pytest.approx(20.0)
    assert psnr_db(image, image) == 100.0


def test_ssim_is_one_for_equals_and_falls_with_noise():
    rng = np.random.default_rng(0)
    target = rng.random((40, 50, 3))
    assert ssim_map(target, target).mean() == pytest.approx(1.0)
    scores = [
        ssim_map(target + rng.normal(0, s, target.shape), target).mean() for s in (0.05, 0.1, 0.3)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.8


def test_ssim_of_flat_images_is_their_luminance_term():
    a, b = np.full((20, 20, 3), 0.4), np.full((20, 20, 3), 0.6)
    c1 = 0.01**2
    expected = (2 * 0.4 * 0.6 + c1) / (0.4**2 + 0.6**2 + c1)
    np.testing.assert_allclose(ssim_map(a, b), expected, rtol=1e-9)


def test_the_room_is_learned(room_scene: Scene):
    figures = evaluate(room_scene)
    assert figures["heldout_views"] == 3
    # An untrained field gives about 12 dB; the slowest machine seen reached 19 dB in 4 s.
    assert figures["heldout_psnr_db"] > 16
    assert 0 < figures["heldout_ssim"] <= 1


def test_without_held_out_photos_there_is_nothing_to_measure(room_scene: Scene):
    from dataclasses import replace

    with pytest.raises(LiftError) as error:
        evaluate(replace(room_scene, heldout=()))
    assert str(error.value) == (
        "the scene holds no photo out, expected one or more to measure against; "
        "lift it with --holdout-every 8"
    )
