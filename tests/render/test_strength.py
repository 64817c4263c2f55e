"""How far photos may stand in for the field, by photos that are left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenegen.kernels.guiding import GuidePhoto, GuideSettings, GuideView, guide
from scenegen.render.guided import PhotoGuide
from scenegen.render.photo_depths import field_view
from scenegen.render.sources import Pyramids
from scenegen.render.strength import (
    ASKED,
    LEAST,
    best_strength,
    guide_strength,
    left_out,
    scaled,
    trial,
)
from scenegen.types import Scene


@pytest.fixture
def scene(room_scene: Scene, tmp_path: Path) -> Scene:
    return replace(room_scene, folder=tmp_path)


def test_what_leads_half_way_too_far_is_taken_back(scene: Scene) -> None:
    view, target, counts = left_out(scene, 0, Pyramids(scene.photos))
    error = target - view.rgb

    def strength(*scales: float) -> float:
        return best_strength([trial(view, target, counts, view.rgb + s * error) for s in scales])

    assert strength(1.0) == 1.0
    assert strength(3.0) == pytest.approx(1.5 / 3, abs=1e-3)
    assert strength(2.5, 2.5) == pytest.approx(1.5 / 2.5, abs=1e-3)
    assert strength(-1.0) == strength(9.0) == LEAST
    assert strength(0.0) == 1.0  # nothing changes, whatever the strength
    assert best_strength([]) == 1.0


def test_masked_pixels_do_not_count(scene: Scene) -> None:
    view, target, counts = left_out(scene, 0, Pyramids(scene.photos))
    assert (counts == 1).all()
    wrong = target.copy()
    wrong[:, :20] = 1 - wrong[:, :20]
    counts[:, :20] = 0
    guided = view.rgb + 2 * (target - view.rgb)
    told = trial(view, wrong, counts, guided)
    assert best_strength([told]) == pytest.approx(0.75, abs=1e-3)


def test_a_left_out_photo_and_its_view_are_the_same_picture(scene: Scene) -> None:
    """Of a trained field the photo's own render comes closest where the two are lined up."""
    view, target, _ = left_out(scene, 2, Pyramids(scene.photos))
    off = {
        shift: float(np.square(np.roll(target, shift, 1) - view.rgb)[:, 8:-8].mean())
        for shift in (-2, -1, 0, 1, 2)
    }
    assert min(off, key=off.__getitem__) == 0


def test_the_photo_that_is_left_out_helps_nobody(scene: Scene) -> None:
    asked: list[int] = []
    guides = PhotoGuide(scene)

    def sources(view: GuideView) -> list[GuidePhoto]:
        found = guides.photos_for(view)
        own = [
            photo.index
            for photo in found
            if np.array_equal(photo.camera.world_from_camera, view.camera.world_from_camera)
        ]
        asked.extend(own)
        # It would make the view perfect; only the others are asked.
        return [photo for photo in found if photo.index in own]

    strength = guide_strength(scene, sources, GuideSettings(), Pyramids(scene.photos))
    assert len(asked) == min(ASKED, len(scene.photos))
    assert strength == 1.0  # with no other photo nothing changes


def test_photos_in_wrong_places_lose_their_say(scene: Scene) -> None:
    good = PhotoGuide(scene)

    def astray(view: GuideView) -> list[GuidePhoto]:
        return [replace(p, levels=turned(p)) for p in good.photos_for(view)]

    loose = replace(GuideSettings(), guard=1e3)
    pyramids = Pyramids(scene.photos)
    assert guide_strength(scene, astray, loose, pyramids) < 0.6


def turned(photo: GuidePhoto) -> tuple[np.ndarray, ...]:
    """The photo with its rows and columns turned round by a third."""
    return tuple(
        np.ascontiguousarray(np.roll(level, (len(level) // 3, len(level[0]) // 3), (0, 1)))
        for level in photo.levels
    )


def test_it_is_kept_with_the_scene_and_made_again_when_damaged(scene: Scene) -> None:
    expected = PhotoGuide(scene).settings
    assert scene.folder is not None
    file = scene.folder / "depths" / "strength.json"
    good = file.read_text()
    assert PhotoGuide(scene).settings == expected
    for damage in ("", "[]", good.replace('"made_from": "', '"made_from": "x'), good[:-9]):
        file.write_text(damage)
        assert PhotoGuide(scene).settings == expected
        assert file.read_text() == good
    assert PhotoGuide(replace(scene, folder=None)).settings == expected


def test_stated_settings_are_taken_as_they_are(scene: Scene) -> None:
    stated = replace(GuideSettings(), most=0.3)
    assert PhotoGuide(scene, stated).settings is stated


def test_strength_scales_the_mix_with_the_field(scene: Scene) -> None:
    view = field_view(scene.field, scene.heldout[0].camera)
    photos = PhotoGuide(scene).photos_for(view)
    whole = guide(view, photos, GuideSettings()).rgb
    half = guide(view, photos, scaled(GuideSettings(), 0.5)).rgb
    inside = (whole > 0) & (whole < 1)
    np.testing.assert_allclose(
        (half - view.rgb)[inside], 0.5 * (whole - view.rgb)[inside], atol=1e-5
    )
    none = guide(view, photos, scaled(GuideSettings(), 0.0)).rgb
    np.testing.assert_allclose(none, view.rgb, atol=1e-6)
