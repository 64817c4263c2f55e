"""Folders of photos: every format comes out upright, 8-bit RGB; the unusable is told."""

from __future__ import annotations

import re
import shutil
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.photos import free_name, natural_key, photos_are_ordered, prepare_photos
from scenegen.ingest.snapshot import Snapshot
from tests.ingest.pictures import HEIGHT, WIDTH, save, save_some, scenery

CONFIG = IngestConfig()


def _take(folder: Path, tmp_path: Path):
    return prepare_photos(folder, tmp_path / "out", CONFIG)


def _pixels(snapshot: Snapshot) -> np.ndarray:
    with Image.open(snapshot.file) as image:
        assert image.mode == "RGB"
        assert image.format in ("JPEG", "PNG")
        assert image.size == (snapshot.width_px, snapshot.height_px)
        return np.asarray(image)


def test_photos_that_are_fine_stay_byte_for_byte(tmp_path):
    folder = save_some(tmp_path / "in", 3)
    snapshots, rejected = _take(folder, tmp_path)
    assert rejected == []
    assert [s.name for s in snapshots] == ["photo_0.jpg", "photo_1.jpg", "photo_2.jpg"]
    for snapshot in snapshots:
        assert snapshot.file.read_bytes() == (folder / snapshot.source).read_bytes()
        assert snapshot.file.stat().st_ino == (folder / snapshot.source).stat().st_ino


def test_photos_are_copied_where_links_are_impossible(tmp_path, monkeypatch):
    def no_link(*_: object) -> None:
        raise OSError(18, "cross-device link")

    monkeypatch.setattr("os.link", no_link)
    folder = save_some(tmp_path / "in", 3)
    snapshots, _ = _take(folder, tmp_path)
    assert snapshots[0].file.read_bytes() == (folder / "photo_0.jpg").read_bytes()
    assert snapshots[0].file.stat().st_ino != (folder / "photo_0.jpg").stat().st_ino


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".webp", ".tif", ".tiff", ".heic"])
def test_every_format_comes_out_as_the_picture_it_shows(tmp_path, suffix):
    if suffix == ".heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    folder = save_some(tmp_path / "in", 2, first=10)
    save(folder, f"a{suffix}", 1, **({} if suffix.startswith(".tif") else {"quality": 95}))
    snapshots, rejected = _take(folder, tmp_path)
    assert rejected == []
    difference = np.abs(_pixels(snapshots[0]).astype(int) - scenery(1))
    assert difference.mean() < 4  # worst seen 1.9, HEIC (4:2:0 chroma)


def test_heic_without_its_package_names_the_command_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    folder = save_some(tmp_path / "in", 3)
    (folder / "a.heic").write_bytes(b"heic")
    _, rejected = _take(folder, tmp_path)
    assert [(r.source, r.why, r.advice) for r in rejected] == [
        ("a.heic", "HEIC photos need the package pillow-heif", "run: pip install 'scenegen[heic]'")
    ]


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.transpose(1, 0, 2)),
        (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: a[::-1, ::-1].transpose(1, 0, 2)),
        (8, lambda a: np.rot90(a, 1)),
    ],
)
def test_exif_orientation_is_applied(tmp_path, orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    folder = save_some(tmp_path / "in", 2, first=10)
    save(folder, "a.png", 1, exif=exif)
    snapshots, _ = _take(folder, tmp_path)
    np.testing.assert_array_equal(_pixels(snapshots[0]), turn(scenery(1)))


def _grey(seed: int) -> np.ndarray:
    return np.asarray(Image.fromarray(scenery(seed)).convert("L"))


def _save_rgb16(file: Path) -> None:
    """Write a PNG of 16 bits a channel, which Pillow reads but cannot write."""
    samples = scenery(1).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in parts:
        data += struct.pack(">I", len(body)) + kind + body
        data += struct.pack(">I", zlib.crc32(kind + body))
    file.write_bytes(data)


def test_16_bit_colour_is_scaled_and_written_as_8_bit(tmp_path):
    folder = save_some(tmp_path / "in", 2, first=10)
    _save_rgb16(folder / "a.png")
    snapshots, _ = _take(folder, tmp_path)
    np.testing.assert_array_equal(_pixels(snapshots[0]), scenery(1))
    assert snapshots[0].file.read_bytes()[24] == 8


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path, suffix):
    folder = save_some(tmp_path / "in", 2, first=10)
    Image.fromarray(_grey(1).astype(np.uint16) * 257).save(folder / f"a{suffix}")
    snapshots, _ = _take(folder, tmp_path)
    np.testing.assert_array_equal(_pixels(snapshots[0]), _grey(1)[..., None].repeat(3, 2))


@pytest.mark.parametrize(
    ("mode", "suffix", "tolerance"),
    [("L", ".png", 0), ("CMYK", ".tif", 2), ("P", ".png", 12), ("1", ".png", 0), ("L", ".jpg", 3)],
)
def test_other_kinds_of_pixels_become_rgb(tmp_path, mode, suffix, tolerance):
    folder = save_some(tmp_path / "in", 2, first=10)
    image = Image.fromarray(scenery(1)).convert(mode)
    image.save(folder / f"a{suffix}")
    snapshots, _ = _take(folder, tmp_path)
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(_pixels(snapshots[0]) - expected).mean() <= tolerance


def test_transparent_pixels_lie_over_white(tmp_path):
    folder = save_some(tmp_path / "in", 2, first=10)
    alpha = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    alpha[:, :40] = 0
    Image.fromarray(np.concatenate([scenery(1), alpha], 2)).save(folder / "a.png")
    snapshots, _ = _take(folder, tmp_path)
    assert (_pixels(snapshots[0])[:, :40] == 255).all()
    np.testing.assert_array_equal(_pixels(snapshots[0])[:, 40:], scenery(1)[:, 40:])


def test_unusable_photos_are_told_one_by_one_and_the_rest_goes_on(tmp_path):
    folder = save_some(tmp_path / "in", 3)
    (folder / "b_empty.jpg").write_bytes(b"")
    (folder / "c_text.jpg").write_text("dear diary")
    whole = save(tmp_path, "whole.jpg", 20).read_bytes()
    (folder / "d_cut.jpg").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", (1, 1)).save(folder / "e_tiny.png")
    Image.new("1", (20_000, 10)).save(folder / "f_wide.png")
    Image.new("1", (10_500, 10_500)).save(folder / "g_bomb.png")
    shutil.copy(folder / "photo_1.jpg", folder / "h_copy.jpg")
    save(folder, "i_again.jpg", 1, quality=70)
    snapshots, rejected = _take(folder, tmp_path)
    assert [s.source for s in snapshots] == ["h_copy.jpg", "photo_0.jpg", "photo_2.jpg"]
    again = "copy it from the camera again"
    place = "take every photo from another place, a step apart"
    told = {r.source: (r.why, r.advice) for r in rejected}
    cut = told.pop("d_cut.jpg")
    assert cut[0].startswith("the file is damaged or cut short (")
    assert cut[1] == again
    limits = "the limits are 16384 pixels a side and 100 megapixels"
    assert told == {
        "b_empty.jpg": ("the file is empty (0 bytes)", again),
        "c_text.jpg": (
            "the content is not an image of a known format",
            "export it as JPEG or PNG, or remove it",
        ),
        "e_tiny.png": (
            "the photo is only 1x1 pixels, expected 64 or more a side",
            "use the original photo",
        ),
        "f_wide.png": (f"the image is 20000x10 pixels; {limits}", "shrink it before use"),
        "g_bomb.png": (f"the image is 10500x10500 pixels; {limits}", "shrink it before use"),
        "i_again.jpg": ("it shows the same as h_copy.jpg", place),
        "photo_1.jpg": ("it shows the same as h_copy.jpg", place),
    }


def test_too_few_usable_photos_lists_what_is_wrong_with_each(tmp_path):
    folder = save_some(tmp_path / "in", 2)
    (folder / "a.jpg").write_bytes(b"")
    with pytest.raises(IngestError) as error:
        _take(folder, tmp_path)
    assert str(error.value) == (
        f"{folder}: expected at least 3 usable photos, found 2 of 3:\n"
        "  a.jpg: the file is empty (0 bytes); copy it from the camera again"
    )


def test_twenty_copies_of_one_photo(tmp_path):
    folder = tmp_path / "in"
    original = save(folder, "0.jpg", 1)
    for i in range(1, 20):
        shutil.copy(original, folder / f"{i}.jpg")
    with pytest.raises(IngestError) as error:
        _take(folder, tmp_path)
    assert str(error.value) == (
        f"{folder}: too few different photos: expected at least 3, found 1; 19 of 20 show the "
        "same as another; take every photo from another place, a step apart"
    )


def test_two_photos(tmp_path):
    folder = save_some(tmp_path / "in", 2)
    with pytest.raises(IngestError) as error:
        _take(folder, tmp_path)
    assert str(error.value) == (
        f"{folder}: expected at least 3 photos, found 2; add more: 20 to 60, each from a step "
        "beside the last and overlapping it by half"
    )


def test_a_folder_without_photos_says_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "raw.dng").write_text("")
    with pytest.raises(IngestError) as error:
        _take(tmp_path, tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: expected photos (.jpg .jpeg .png .webp .tif .tiff .heic .heif), found "
        "notes.txt, raw.dng; name the folder that holds them, raw files exported as JPEG"
    )


def test_an_empty_folder(tmp_path):
    with pytest.raises(IngestError, match=re.escape("found an empty folder; name the folder")):
        _take(tmp_path, tmp_path)


def test_an_unreadable_folder(tmp_path, monkeypatch):
    def deny(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", deny)
    with pytest.raises(IngestError) as error:
        _take(tmp_path, tmp_path)
    assert str(error.value) == f"{tmp_path}: the folder may not be read; change its permissions"


def test_photos_in_the_subfolder_images_count_and_what_lies_beside_does_not(tmp_path):
    folder = tmp_path / "in"
    save_some(folder / "images", 3)
    save(folder, "preview.jpg", 7)
    (folder / "images" / ".hidden.jpg").write_bytes(b"")
    (folder / "images" / "list.txt").write_text("")
    (folder / "images" / "folder.jpg").mkdir()
    snapshots, rejected = _take(folder, tmp_path)
    assert [s.source for s in snapshots] == ["photo_0.jpg", "photo_1.jpg", "photo_2.jpg"]
    assert rejected == []


def test_photos_share_a_lens_only_with_one_camera_focal_length_and_size(tmp_path):
    folder = tmp_path / "in"
    for name, model, focal in [("a", "X", 5.0), ("b", "X", 5.0), ("c", "X", 9.0), ("d", "Y", 5.0)]:
        exif = Image.Exif()
        exif[0x0110] = model
        exif.get_ifd(0x8769)[0x920A] = focal
        save(folder, f"{name}.jpg", ord(name), exif=exif)
    Image.fromarray(scenery(5, 200, 100)).save(folder / "e.jpg")
    snapshots, _ = _take(folder, tmp_path)
    keys = [s.lens_key for s in snapshots]
    assert keys[0] == keys[1] == "X 5.00 mm 120x80"
    assert len(set(keys)) == 4


def test_blur_lowers_sharpness(tmp_path):
    folder = save_some(tmp_path / "in", 2, first=10)
    noise = np.random.default_rng(0).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    image.save(folder / "a.png")
    image.resize((150, 100)).resize((600, 400)).save(folder / "b.png")
    snapshots, _ = _take(folder, tmp_path)
    assert snapshots[0].sharpness > 10 * snapshots[1].sharpness > 0


def test_names_stay_unique_where_case_does_not_count():
    taken: set[str] = set()
    names = [free_name(n, ".jpg", taken) for n in ("a.JPG", "A.jpg", "a.heic", "b:c\n.jpg")]
    assert names == ["a.JPG", "A_2.jpg", "a_3.jpg", "b_c_.jpg"]


def test_natural_order():
    names = ["IMG_10.jpg", "IMG_9.jpg", "img_1.jpg", "a2b10.jpg", "a2b9.jpg", "3.jpg"]
    assert sorted(names, key=natural_key) == [
        "3.jpg", "a2b9.jpg", "a2b10.jpg", "img_1.jpg", "IMG_9.jpg", "IMG_10.jpg",
    ]  # fmt: skip


def _shots(*facts: tuple[str, str | None]) -> list[Snapshot]:
    return [Snapshot(Path(name), name, 8, 8, "", 1.0, taken_at=time) for name, time in facts]


@pytest.mark.parametrize(
    ("facts", "ordered"),
    [
        ([("IMG_1.jpg", None), ("IMG_2.jpg", None), ("IMG_4.jpg", None)], True),
        ([("IMG_1.jpg", None), ("IMG_2.jpg", None), ("IMG_99.jpg", None)], False),
        ([("a_1.jpg", None), ("b_2.jpg", None), ("c_3.jpg", None)], False),
        ([("left.jpg", None), ("middle.jpg", None), ("right.jpg", None)], False),
        ([("x.jpg", "2020:01:01 10:00:00"), ("y.jpg", "2020:01:01 10:00:02")], True),
        ([("1.jpg", "2020:01:01 10:00:05"), ("2.jpg", "2020:01:01 10:00:02")], False),
        ([("1.jpg", "2020:01:01 10:00:05"), ("2.jpg", "2020:01:01 10:00:05")], True),
    ],
)
def test_order_is_seen_in_times_or_names(facts, ordered):
    assert photos_are_ordered(_shots(*facts)) is ordered


def test_real_captures_are_taken_in_whole(shared_scene, tmp_path):
    for name, count in [("chair", 21), ("lund_street", 29), ("sceaux", 11)]:
        snapshots, rejected = prepare_photos(shared_scene(name), tmp_path / name, CONFIG)
        assert (len(snapshots), rejected) == (count, [])
        assert photos_are_ordered(snapshots)
