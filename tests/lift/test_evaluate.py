"""PSNR and SSIM against their definitions and scikit-image's known properties."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from scenegen.errors import LiftError
from scenegen.lift.evaluate import best_gain, evaluate, psnr_db, ssim_map
from scenegen.lift.measures import View, view_of
from scenegen.types import Camera, Field, Scene


def test_psnr_of_a_known_error():
    image = np.zeros((4, 4, 3))
    assert psnr_db(image + 0.1, image) == pytest.approx(20.0)
    assert psnr_db(image, image) == 100.0


def test_the_best_gain_undoes_exposure_and_white_balance():
    rng = np.random.default_rng(1)
    image, gain = rng.uniform(0.1, 0.6, (500, 3)), np.array([1.4, 1.0, 0.7])
    np.testing.assert_allclose(best_gain(image, image * gain), gain)
    noisy = image * gain + rng.normal(0, 0.05, image.shape)
    found = best_gain(image, noisy)
    least = psnr_db(image * found, noisy)
    for channel in range(3):
        for by in (0.98, 1.02):
            other = found.copy()
            other[channel] *= by
            assert psnr_db(image * other, noisy) < least
    np.testing.assert_array_equal(best_gain(np.zeros((4, 3)), image[:4]), np.ones(3))


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
    assert figures["heldout_matched_psnr_db"] >= figures["heldout_psnr_db"]


def test_matched_psnr_does_not_ask_for_the_exposure(
    room_scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """A field of another exposure and white balance is as good as it was, once matched."""
    module = importlib.import_module("scenegen.lift.evaluate")
    figures = evaluate(room_scene)
    scales = np.array([0.5, 0.6, 0.7], np.float32)

    def darker(field: Field, camera: Camera) -> View:
        view = view_of(field, camera)
        return replace(view, rgb=view.rgb * scales)

    monkeypatch.setattr(module, "view_of", darker)
    dark = evaluate(room_scene)
    assert dark["heldout_psnr_db"] < figures["heldout_psnr_db"] - 1
    expected = pytest.approx(figures["heldout_matched_psnr_db"], abs=2e-3)
    assert dark["heldout_matched_psnr_db"] == expected


def test_without_held_out_photos_there_is_nothing_to_measure(room_scene: Scene):
    with pytest.raises(LiftError) as error:
        evaluate(replace(room_scene, heldout=()))
    assert str(error.value) == (
        "the scene holds no photo out, expected one or more to measure against; "
        "lift it with --holdout-every 8"
    )
