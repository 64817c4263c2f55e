"""Guiding frames by photos: native against the twin, and what must hold of either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.kernels.guiding import (
    MOST_GUIDES,
    Guided,
    GuidePhoto,
    GuideSettings,
    GuideView,
    guide,
    match,
    soft_render,
)
from tests.kernels.walls import LENSES, camera_at, photo_of, soft_view, truth

SETTINGS = GuideSettings()
BOTH = pytest.mark.parametrize("backend", ["native", "torch"])


def use(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setenv("SCENEGEN_BACKEND", backend)
    monkeypatch.setenv("SCENEGEN_DEVICE", "cpu")


def twins(monkeypatch: pytest.MonkeyPatch, view: GuideView, photos: list[GuidePhoto]):
    results = []
    for backend in ("native", "torch"):
        use(monkeypatch, backend)
        results.append(guide(view, photos, SETTINGS))
    return results


def mixed_photos() -> list[GuidePhoto]:
    """Photos through all lenses, near and far, one half masked, one behind something, one faint."""
    photos = [
        photo_of(camera_at(x, 0.3 * x, lens, yaw), index)
        for index, (x, lens, yaw) in enumerate(
            [(-0.4, LENSES[0], 3), (0.3, LENSES[1], -2), (0.8, LENSES[2], 8), (-1.2, LENSES[1], 9)]
        )
    ]
    masked = [level.copy() for level in photos[1].levels]
    for level in masked:
        level[:, : level.shape[1] // 2, 3] = 0
    photos[1] = replace(photos[1], levels=tuple(masked))
    hidden = photos[3].depth.copy()
    hidden[:60] *= 0.7
    photos[3] = replace(photos[3], depth=hidden)
    photos.append(photo_of(camera_at(0.1, 0.2), 9, gain=(1.1, 0.9, 1.0), share=0.4))
    return photos


@pytest.mark.parametrize("width", [1, 15, 16, 17, 47])
@pytest.mark.parametrize("model", [0, 1, 2])
def test_guiding_agrees_with_the_twin(
    monkeypatch: pytest.MonkeyPatch, width: int, model: int
) -> None:
    lens = LENSES[model].scaled(width, 31)
    view = soft_view(camera_at(0.05, 0.1, lens), wrong_depth=1.01)
    native, twin = twins(monkeypatch, view, mixed_photos())
    for name, found in vars(native).items():
        expected = getattr(twin, name)
        assert found.dtype == expected.dtype
        assert found.shape == expected.shape
        error = np.abs(found.astype(float) - expected)
        if name in ("count", "best"):
            assert (error == 0).mean() > 0.99, name
            continue
        # A photo on the brink of counting may count for one and not for the other.
        scale = {"angle": 10.0, "ratio": 1.0, "distance": 5.0}.get(name, 1.0)
        assert np.quantile(error, 0.98) < 2e-3 * scale, f"{name}: {np.quantile(error, 0.98)}"
        assert np.median(error) < 2e-4 * scale, f"{name}: {np.median(error)}"


@pytest.mark.parametrize("width", [1, 17, 32])
def test_matching_agrees_with_the_twin(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    view = soft_view(camera_at(0.05, 0.1, LENSES[0].scaled(width, 20)))
    factors = np.linspace(0.96, 1.04, 5, dtype=np.float32)
    costs = []
    for backend in ("native", "torch"):
        use(monkeypatch, backend)
        costs.append(match(view, mixed_photos(), factors, SETTINGS))
    assert costs[0].shape == (5, 20, width)
    assert np.abs(costs[0] - costs[1]).max() < 1e-4  # worst seen 1e-5, of up to 0.02
    if width > 1:  # one column over the whole wall sees no stripes
        assert costs[1].max() > 1e-4


@BOTH
def test_a_soft_render_becomes_sharp(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    use(monkeypatch, backend)
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    view = soft_view(camera)
    photos = [photo_of(camera_at(x), i) for i, x in enumerate((-0.3, 0.2, 0.5))]
    made = guide(view, photos, replace(SETTINGS, least=1.0, most=1.0))
    before = np.abs(view.rgb - truth(camera)).mean()
    after = np.abs(made.rgb - truth(camera)).mean()
    assert after < 0.5 * before  # 8 bits and a quarter of the photo's pixels
    assert (made.count[10:-10, 10:-10] == 3).all()
    assert (made.coverage[10:-10, 10:-10] > 0.9).all()
    np.testing.assert_allclose(made.ratio[10:-10, 10:-10], 0.5, rtol=0.04)
    middle = made.angle[22, 30]  # the photo at 0.2, five units away
    assert middle == pytest.approx(np.rad2deg(np.arctan(0.2 / 5)), abs=0.2)
    assert made.best[22, 30] == 1


@BOTH
def test_photos_mend_a_depth_that_is_off(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    use(monkeypatch, backend)
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    view = soft_view(camera, wrong_depth=1.03)
    photos = [photo_of(camera_at(x), i) for i, x in enumerate((-0.3, 0.2, 0.5))]
    exact = soft_view(camera).distance
    made = guide(view, photos, replace(SETTINGS, fusions=2))
    error = np.abs(made.distance / exact - 1)[5:-5, 5:-5]
    assert error.max() < 0.004


@BOTH
def test_no_photos_leave_the_field_as_it_is(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    use(monkeypatch, backend)
    view = soft_view(camera_at(0.0, lens=LENSES[0].scaled(20, 10)))
    away = photo_of(camera_at(40.0), 3)
    for photos in ([], [away]):
        made = guide(view, photos, SETTINGS)
        np.testing.assert_allclose(made.rgb, view.rgb, atol=1e-6)
        assert (made.best == -1).all()
        assert (made.count == 0).all()
        assert (made.coverage == 0).all()
        assert (made.angle == 180).all()


@BOTH
def test_exposures_are_undone(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    use(monkeypatch, backend)
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    view = soft_view(camera)
    plain = guide(view, [photo_of(camera_at(0.2))], SETTINGS)
    bright = guide(view, [photo_of(camera_at(0.2), gain=(1.4, 1.2, 0.8))], SETTINGS)
    assert np.abs(bright.rgb - plain.rgb).max() < 0.02  # of 8-bit rounding


@BOTH
def test_what_passes_through_a_photo_leaves_no_ghost(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    use(monkeypatch, backend)
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    view = soft_view(camera)
    photos = [photo_of(camera_at(x), i) for i, x in enumerate((-0.3, 0.2, 0.5))]
    levels = list(photos[1].levels)
    person = []
    for k, level in enumerate(levels):
        painted = level.copy()
        painted[:, 40 >> k : 80 >> k, :3] = 255
        person.append(painted)
    clean = guide(view, photos, SETTINGS)
    walked = guide(view, [photos[0], replace(photos[1], levels=tuple(person)), photos[2]], SETTINGS)
    inside = np.abs(walked.rgb - clean.rgb)[5:-5, 24:30]
    assert inside.max() < 0.1
    assert (walked.best[5:-5, 24:30] != 1).all()


def guided_by_one(x: float, depth_factor: float) -> Guided:
    """One photo guides, whose depth map is off by a factor."""
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    photo = photo_of(camera_at(x))
    return guide(
        soft_view(camera),
        [replace(photo, depth=photo.depth * np.float32(depth_factor))],
        replace(SETTINGS, fusions=0),
    )


@BOTH
def test_a_photo_that_sees_another_surface_does_not_count(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    use(monkeypatch, backend)
    shares = [guided_by_one(0.2, f).coverage[22, 30] for f in (1.0, 1.06, 1.08, 1.2, 0.8)]
    assert shares[0] > 0.95
    assert shares[0] > shares[1] > shares[2] > 0.0
    assert shares[3] == shares[4] == 0.0


def largest_step(steps: int, hard: bool) -> float:
    """How much a pixel changes at most from view to view, by photos of other exposure alone.

    The camera glides past seven photos; with ``hard``, each frame is offered its three nearest
    photos only, as a renderer without weights that fall to 0 would choose them.
    """
    lens = LENSES[0].scaled(24, 18)
    gains = [1 + 0.04 * i for i in range(7)]
    photos = [photo_of(camera_at(0.5 * i - 1.5), i, gain=(g, g, g)) for i, g in enumerate(gains)]
    equal = [replace(photo, gain=(1.0, 1.0, 1.0)) for photo in photos]
    settings = GuideSettings(nearest=8 if hard else 3, guard=10.0)
    shown = []
    for x in np.linspace(-0.3, 0.3, steps + 1):
        view = soft_view(camera_at(x, lens=lens))

        def nearest(photo: GuidePhoto, x: float = x) -> float:
            return abs(photo.camera.position[0] - x)

        few = sorted(range(7), key=lambda i: nearest(photos[i]))[: 3 if hard else 7]
        both = [guide(view, [offered[i] for i in few], settings) for offered in (photos, equal)]
        shown.append(both[0].rgb - both[1].rgb)  # the wall that glides by is in both
    return float(np.abs(np.diff(np.array(shown), axis=0)).max())


def test_nothing_jumps_when_photos_enter_and_leave() -> None:
    # What is continuous changes less from view to view where views lie closer; a jump stays.
    assert largest_step(400, hard=False) < 0.4 * largest_step(100, hard=False)
    assert largest_step(400, hard=True) > 0.8 * largest_step(100, hard=True)


@pytest.mark.parametrize("threads", ["2", "5"])
def test_any_number_of_threads_guides_the_same(
    monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    use(monkeypatch, "native")
    view, photos = soft_view(camera_at(0.05, lens=LENSES[0].scaled(47, 31))), mixed_photos()
    monkeypatch.setenv("SCENEGEN_THREADS", "1")
    expected = guide(view, photos, SETTINGS)
    monkeypatch.setenv("SCENEGEN_THREADS", threads)
    for name, found in vars(guide(view, photos, SETTINGS)).items():
        np.testing.assert_array_equal(found, getattr(expected, name))


def test_matching_finds_the_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "native")
    camera = camera_at(0.0, lens=LENSES[0].scaled(60, 45))
    photos = [photo_of(camera_at(x), i) for i, x in enumerate((-0.6, 0.4, 0.8))]
    factors = np.linspace(0.96, 1.04, 17, dtype=np.float32)
    cost = match(soft_view(camera, 1.02), photos, factors, SETTINGS).mean(axis=(1, 2))
    assert factors[cost.argmin()] == pytest.approx(1 / 1.02, abs=0.005)


def test_the_soft_render_averages_squares() -> None:
    rgb = np.arange(6 * 9 * 3, dtype=np.float32).reshape(6, 9, 3)
    soft = soft_render(rgb)
    assert soft.shape == (2, 3, 3)
    np.testing.assert_allclose(soft[0, 0], rgb[:4, :4].mean(axis=(0, 1)))
    np.testing.assert_allclose(soft[1, 2], (rgb[4, 8] + 3 * rgb[5, 8]) / 4)


def test_more_photos_than_the_kernels_take_are_refused() -> None:
    view = soft_view(camera_at(0.0, lens=LENSES[0].scaled(8, 8)))
    with pytest.raises(AssertionError):
        guide(view, [photo_of(camera_at(0.0))] * (MOST_GUIDES + 1), SETTINGS)
