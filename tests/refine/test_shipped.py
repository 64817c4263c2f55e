"""What the shipped weights do to views of photos that neither they nor the scene have seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from refiner_measures import spectrum_ratio
from refiner_proofs import proofs

from scenegen.film_refiner import rendered
from scenegen.ingest.capture import load_capture
from scenegen.lift.config import LiftConfig
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.fit import lift
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import load_photo
from scenegen.refine.condition import Rendered
from scenegen.refine.sampler import refine_shot
from scenegen.refine.weights import load_refiner
from scenegen.render.field_pass import FieldFrame
from scenegen.render.frames import Pass
from scenegen.render.guided import PhotoGuide
from scenegen.types import Scene
from tests.rooms import room_photos

pytestmark = pytest.mark.slow
_DOWNSCALE = 3


@dataclass(frozen=True, eq=False)
class _View:
    """A view of a photo that was left out, before it is refined, and the photo."""

    frame: Rendered
    target: np.ndarray


@pytest.fixture(scope="module")
def fox(shared_scene: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Scene:
    config = LiftConfig(steps=1500, downscale=_DOWNSCALE, holdout_every=8)
    folder = tmp_path_factory.mktemp("shipped") / "fox"
    return lift(load_capture(shared_scene("fox")), folder, config)


@pytest.fixture(scope="module")
def views(fox: Scene) -> list[_View]:
    guide, found = PhotoGuide(fox), []
    for photo in fox.heldout[:3]:
        small = load_photo(photo, _DOWNSCALE)
        view = view_of(fox.field, small.camera)
        alone = FieldFrame(view.rgb, view.depth, view.opacity)
        frame = rendered(Pass(0, small.camera, alone, guide(small.camera, alone)), guide)
        found.append(_View(frame, small.rgb.astype(np.float32) / 255))
    return found


def test_refined_views_are_closer_to_the_photos_and_sharper(views: list[_View]) -> None:
    network, gains = load_refiner(), []
    for view in views:
        (refined,) = refine_shot([view.frame], network)
        before, after = (psnr_db(rgb, view.target) for rgb in (view.frame.rgb, refined.rgb))
        gains.append(after - before)
        sharp = [spectrum_ratio(rgb, view.target) for rgb in (view.frame.rgb, refined.rgb)]
        assert abs(np.log(sharp[1])) < abs(np.log(sharp[0]))
    assert np.mean(gains) > 0.1


def test_nothing_is_invented(fox: Scene, views: list[_View], tmp_path: Path) -> None:
    elsewhere = replace(fox, photos=load_capture(room_photos(tmp_path / "room", count=4)).photos)
    found = proofs(views[0].frame, views[0].target, elsewhere, load_refiner())
    assert found["clean_psnr_db"] >= 40
    assert found["copied_from_another_scene"] <= 0.05
    assert found["most_added_where_sure"] <= 1
    assert found["copied"] > 0.05
