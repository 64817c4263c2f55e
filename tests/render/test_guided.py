"""Frames guided by photos: sources, depth maps, evidence, and who may never be a source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.errors import OutputError, RenderError
from scenegen.kernels.guiding import GuideSettings
from scenegen.lift.evaluate import psnr_db
from scenegen.lift.measures import view_of
from scenegen.lift.pixels import load_pixels
from scenegen.render.config import RenderConfig
from scenegen.render.evidence import check_evidence_folder, read_evidence, recorded
from scenegen.render.field_pass import FieldFrame
from scenegen.render.frames import render_fingerprint, render_path
from scenegen.render.guided import PhotoGuide
from scenegen.render.photo_depths import field_view
from scenegen.render.sources import CACHE_BYTES, MOST_PHOTOS, Pyramids, choose, first_level
from scenegen.types import Camera, CameraPath, Evidence, Lens, Photo, Scene

SMALL = RenderConfig(width_px=48, height_px=32)


@pytest.fixture
def path(room_scene: Scene) -> CameraPath:
    poses = np.stack([photo.camera.world_from_camera for photo in room_scene.photos[2:5]])
    return CameraPath(poses, np.full(len(poses), 50.0), fps=24.0, aspect=1.5)


@pytest.fixture
def scene(room_scene: Scene, tmp_path: Path) -> Scene:
    """The room with a folder of its own, so that depth maps are made anew."""
    return replace(room_scene, folder=tmp_path)


def guided_frame(guide: PhotoGuide, camera: Camera) -> FieldFrame:
    view = view_of(guide.scene.field, camera)
    return guide(camera, FieldFrame(view.rgb, view.depth, view.opacity))


def test_photos_sharpen_what_was_held_out(scene: Scene) -> None:
    guide, before, after = PhotoGuide(scene, GuideSettings()), [], []
    for photo in load_pixels(scene.heldout):
        target = photo.rgb.astype(np.float32) / 255
        before.append(psnr_db(view_of(scene.field, photo.camera).rgb, target))
        after.append(psnr_db(guided_frame(guide, photo.camera).rgb, target))
    assert np.mean(after) > np.mean(before) + 0.1  # seen: 0.26; at this size a photo is soft itself


def test_a_held_out_photo_is_never_a_source(scene: Scene) -> None:
    # Unreadable photos cannot have been a source; and guiding at their cameras names others only.
    blind = [replace(p, file=p.file.with_name("held out, gone.png")) for p in scene.heldout]
    guide = PhotoGuide(replace(scene, heldout=tuple(blind)))
    known = {photo.file for photo in scene.photos}
    assert not known & {photo.file for photo in scene.heldout}
    for photo in scene.heldout:
        view = field_view(scene.field, photo.camera)
        asked = guide.photos_for(view)
        assert {scene.photos[source.index].file for source in asked} <= known
        expected = guided_frame(PhotoGuide(scene), photo.camera).rgb
        np.testing.assert_array_equal(guided_frame(guide, photo.camera).rgb, expected)


def test_a_frame_depends_on_no_frame_before_it(scene: Scene, path: CameraPath) -> None:
    whole = list(render_path(scene, path, SMALL))
    tiny = PhotoGuide(scene, cache_bytes=1)
    for first in range(3):
        for guide in (None, tiny, PhotoGuide(replace(scene, folder=None))):
            rest = list(render_path(scene, path, SMALL, first, guide=guide))
            for ours, theirs in zip(rest, whole[first:], strict=True):
                np.testing.assert_array_equal(ours.rgb, theirs.rgb)
                assert ours.evidence is not None
                assert theirs.evidence is not None
                np.testing.assert_array_equal(ours.evidence.depth, theirs.evidence.depth)


def test_plain_leaves_the_photos_out(scene: Scene, path: CameraPath) -> None:
    plain = list(render_path(scene, path, replace(SMALL, plain=True)))
    guided = list(render_path(scene, path, SMALL))
    assert all(frame.evidence is None for frame in plain)
    assert all(frame.evidence is not None for frame in guided)
    assert any((a.rgb != b.rgb).any() for a, b in zip(plain, guided, strict=True))


def test_the_fingerprint_tells_what_guides(scene: Scene, path: CameraPath) -> None:
    moved = scene.photos[1].camera.world_from_camera.copy()
    moved[0, 3] += 1e-9
    photo = replace(scene.photos[1], camera=Camera(scene.photos[1].camera.lens, moved))
    brighter = scene.exposures.copy()
    brighter[0] += 0.01
    others = [
        scene,
        replace(scene, photos=(scene.photos[0], photo, *scene.photos[2:])),
        replace(scene, photos=scene.photos[1:], exposures=scene.exposures[1:]),
        replace(scene, exposures=brighter),
    ]
    prints = [render_fingerprint(other, path, SMALL) for other in others]
    plain = [render_fingerprint(other, path, replace(SMALL, plain=True)) for other in others]
    assert len({*prints, *plain}) == len(prints) + 1
    assert render_fingerprint(replace(scene, folder=None), path, SMALL) == prints[0]


def test_depth_maps_are_kept_and_damage_is_mended(scene: Scene) -> None:
    guide = PhotoGuide(scene)
    expected = guide.depths.of(3)
    assert scene.folder is not None
    file = scene.folder / "depths" / "00003.safetensors"
    good = file.read_bytes()
    np.testing.assert_array_equal(PhotoGuide(scene).depths.of(3), expected)
    for damage in (good[:100], b"", good[:-2000]):
        file.write_bytes(damage)
        np.testing.assert_array_equal(PhotoGuide(scene).depths.of(3), expected)
        assert file.read_bytes() == good
    other = replace(scene, fingerprint="of another field")
    other_guide = PhotoGuide(other)
    other_guide.depths.of(3)
    assert file.read_bytes() != good  # not taken for its own


def test_a_folder_that_may_not_be_written_to_is_no_failure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    expected = PhotoGuide(replace(scene, folder=None)).depths.of(0)
    monkeypatch.setattr("scenegen.files.tempfile.mkstemp", refuse)
    np.testing.assert_array_equal(PhotoGuide(scene).depths.of(0), expected)
    assert scene.folder is not None
    assert not list(scene.folder.glob("depths/*"))


def test_a_photo_that_is_gone_is_named(scene: Scene, path: CameraPath) -> None:
    gone = tuple(replace(p, file=Path("/nowhere/1.png")) for p in scene.photos)
    with pytest.raises(RenderError) as error:
        list(render_path(replace(scene, photos=gone), path, SMALL))
    assert str(error.value).startswith(
        "/nowhere/1.png: expected a photo of the scene, found none that can be decoded "
    )
    assert str(error.value).endswith("restore the file, or pass --plain to render without photos")


def lens(width: int, height: int) -> Lens:
    return Lens(width, height, float(width), float(width), width / 2, height / 2)


@pytest.fixture
def stripes(tmp_path: Path) -> list[Photo]:
    rng = np.random.default_rng(0)
    photos = []
    for i in range(3):
        file = tmp_path / f"{i}.png"
        Image.fromarray(rng.integers(0, 256, (41, 70, 3), dtype=np.uint8)).save(file)
        photos.append(Photo(file, Camera(lens(70, 41), np.eye(4))))
    return photos


def test_pyramids_average_and_stay_within_their_limit(stripes: list[Photo]) -> None:
    pyramids = Pyramids(stripes, limit_bytes=20_000)
    levels = pyramids.of(0, 0)
    assert [level.shape for level in levels[:3]] == [(41, 70, 4), (21, 35, 4), (11, 18, 4)]
    assert (levels[0][..., 3] == 255).all()
    mean = levels[0][:2, :2].reshape(-1, 4).mean(axis=0)
    np.testing.assert_allclose(levels[1][0, 0], mean, atol=1)
    for index in (1, 2, 0, 1, 2):
        pyramids.of(index, 0)
        assert pyramids.bytes <= 20_000
    coarse = Pyramids(stripes).of(0, 2)
    for a, b in zip(coarse, levels[2:], strict=True):
        np.testing.assert_array_equal(a, b)


def test_large_photos_never_outgrow_the_cache_of_a_frame() -> None:
    for width, height in [(480, 270), (2000, 3000), (4000, 3000), (9000, 6000), (30000, 20000)]:
        for ratio in (1e-3, 0.3, 2.0, 1e3):
            level = first_level(ratio, -0.75, lens(width, height))
            pixels = [-(-width // 2**k) * -(-height // 2**k) for k in range(level, level + 16)]
            assert MOST_PHOTOS * 4 * sum(pixels) <= CACHE_BYTES
    assert first_level(1.0, -0.75, lens(2000, 3000)) == 0
    assert first_level(0.2, -0.75, lens(2000, 3000)) == 1
    assert first_level(1.0, -0.75, lens(4000, 3000)) == 1


def test_masks_become_alpha(stripes: list[Photo], tmp_path: Path) -> None:
    mask = np.zeros((41, 70), np.uint8)
    mask[:, 30:] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    photo = replace(stripes[0], mask=tmp_path / "mask.png")
    alpha = Pyramids([photo]).of(0, 0)[0][..., 3]
    np.testing.assert_array_equal(alpha, mask)


def test_a_frame_asks_the_photos_that_see_it_most(scene: Scene) -> None:
    view = field_view(scene.field, scene.photos[4].camera)
    chosen = choose(view, scene.cameras, 3)
    assert chosen[0].index == 4
    assert len(chosen) <= 3
    assert all(0 < c.share <= 1 for c in chosen)
    # Shares fall towards the first that is left out.
    everyone = choose(view, scene.cameras, len(scene.photos))
    assert [c.index for c in chosen] == [c.index for c in everyone[: len(chosen)]]
    assert choose(view, [], 3) == []


def evidence_of(scene: Scene, path: CameraPath, folder: Path) -> list[Evidence]:
    frames = recorded(render_path(scene, path, SMALL), folder, "this")
    return [frame.evidence for frame in frames if frame.evidence is not None]


def test_evidence_is_written_and_read(scene: Scene, path: CameraPath, tmp_path: Path) -> None:
    folder = tmp_path / "said"
    made = evidence_of(scene, path, folder)
    assert [file.name for file in sorted(folder.glob("*.npz"))] == [
        "000000.npz",
        "000001.npz",
        "000002.npz",
    ]
    for index, expected in enumerate(made):
        found = read_evidence(folder / f"{index:06}.npz")
        np.testing.assert_array_equal(found.photos, expected.photos)
        np.testing.assert_array_equal(found.best_photo, expected.best_photo)
        np.testing.assert_array_equal(found.depth, expected.depth)
        seen = expected.photos > 0
        assert seen.mean() > 0.8
        np.testing.assert_allclose(found.angle_deg, expected.angle_deg, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(found.resolution[seen], expected.resolution[seen], rtol=1e-3)
        np.testing.assert_allclose(found.coverage, expected.coverage, atol=1e-3)
        assert (expected.best_photo < len(scene.photos)).all()


def test_evidence_of_other_frames_is_not_mixed_in(
    scene: Scene, path: CameraPath, tmp_path: Path
) -> None:
    folder = tmp_path / "said"
    evidence_of(scene, path, folder)
    check_evidence_folder(folder, overwrite=False, fingerprint="this")
    with pytest.raises(OutputError) as error:
        check_evidence_folder(folder, overwrite=False, fingerprint="that")
    assert str(error.value) == (
        f"{folder}: holds the evidence of other frames; "
        "pass --overwrite to replace it or choose another --evidence folder"
    )
    check_evidence_folder(folder, overwrite=True, fingerprint="that")
    list(recorded([], folder, "that"))
    assert not list(folder.glob("*.npz"))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(OutputError) as error:
        check_evidence_folder(tmp_path / "letters", overwrite=True, fingerprint="that")
    assert str(error.value) == (
        f"{tmp_path / 'letters'}: expected a folder of evidence, found something else; "
        "choose another --evidence folder"
    )


def test_damaged_evidence_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "0.npz").write_bytes(b"nothing")
    with pytest.raises(RenderError, match=r"0\.npz: expected the evidence of a frame, found none"):
        read_evidence(tmp_path / "0.npz")


def test_evidence_of_a_plain_frame_is_refused() -> None:
    with pytest.raises(RenderError) as error:
        RenderConfig(plain=True, evidence=Path("said"))
    assert str(error.value) == (
        "--evidence: tells what the photos say, but --plain leaves them out, found both; "
        "leave out one of them"
    )
