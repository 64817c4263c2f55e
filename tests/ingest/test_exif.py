"""Facts from EXIF: right where stated, absent where odd, never an error."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from scenegen.ingest.config import IngestConfig
from scenegen.ingest.exif import ExifFacts, read_exif
from scenegen.ingest.photos import prepare_photos

Rational = TiffImagePlugin.IFDRational


def _facts(
    root: dict[int, Any] | None = None,
    exif: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
    size: tuple[int, int] = (400, 300),
) -> ExifFacts:
    block = Image.Exif()
    block.update(root or {})
    block.get_ifd(0x8769).update(exif or {})
    block.get_ifd(0x8825).update(gps or {})
    stream = io.BytesIO()
    Image.new("RGB", size).save(stream, "JPEG", exif=block)
    with Image.open(stream) as image:
        return read_exif(image)


def test_no_exif():
    assert _facts() == ExifFacts()


@pytest.mark.parametrize(
    ("size", "focal_px"),
    [
        ((3600, 2400), 2600.0),  # 36x24 mm itself: 26 mm are 26/36 of the width
        ((2400, 3600), 2600.0),
        ((4000, 3000), 3004.6),  # phones: compared by the diagonal
        ((4000, 2250), 3004.6),  # 16:9 is a crop of 4:3
    ],
)
def test_35_mm_equivalent(size, focal_px):
    assert _facts(exif={0xA405: 26}, size=size).focal_px == pytest.approx(focal_px, abs=0.1)


def test_focal_plane_resolution_counts_pixels_of_the_original():
    tags = {0x920A: 5.0, 0xA20E: 17791.5, 0xA210: 2, 0xA002: 4608, 0xA003: 3456}
    original = 5.0 * 17791.5 / 25.4
    assert _facts(exif=tags, size=(4608, 3456)).focal_px == pytest.approx(original, rel=1e-4)
    assert _facts(exif=tags, size=(1200, 1600)).focal_px == pytest.approx(
        original * 1600 / 4608, rel=1e-4
    )


@pytest.mark.parametrize(
    "tags",
    [
        {0xA405: 0},
        {0xA405: 65535},
        {0x920A: 5.0},
        {0x920A: Rational(0, 0), 0xA20E: 4000.0},
        {0x920A: 5.0, 0xA20E: 4000.0, 0xA210: 77},
        {0x920A: 5.0, 0xA20E: 0.5},
    ],
)
def test_implausible_focal_lengths_count_as_unknown(tags):
    assert _facts(exif=tags).focal_px is None


def test_place():
    gps = {1: "S", 2: (33.0, 51.0, 36.0), 3: "W", 4: (151.0, 12.0, 0.0), 5: b"\1", 6: 12.5}
    facts = _facts(gps=gps)
    assert facts.gps == pytest.approx((-33.86, -151.2, -12.5))


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (33.0, 51.0, 36.0), 3: "E", 4: (151.0, 12.0, 0.0)},
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0), 6: 0.0},
        {1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0), 6: 0.0},
        {1: "N", 2: (Rational(1, 0), 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0), 6: 0.0},
        {6: 1.0},
    ],
)
def test_incomplete_places_count_as_unknown(gps):
    assert _facts(gps=gps).gps is None


def test_time_and_camera():
    facts = _facts(
        root={0x010F: "Canon\0", 0x0110: " EOS "},
        exif={0x9003: "2019:07:11 15:07:32", 0x9291: "50", 0x920A: 40.0},
    )
    assert facts.taken_at == "2019:07:11 15:07:32.50"
    assert facts.camera == "Canon EOS 40.00 mm"


@pytest.mark.parametrize("time", ["0000:00:00 00:00:00", "    :  :     :  :  ", "soon"])
def test_unset_clocks_count_as_unknown(time):
    assert _facts(exif={0x9003: time}).taken_at is None


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_damaged_exif_never_fails(data):
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "JPEG", exif=b"Exif\0\0" + data)
    with Image.open(stream) as image:
        assert isinstance(read_exif(image), ExifFacts)


def test_real_photos(shared_scene, tmp_path):
    def first(name: str):
        return prepare_photos(shared_scene(name), tmp_path / name, IngestConfig())[0][0]

    # K.txt of the capture says 2905.88 px for a width of 2832 px.
    sceaux = first("sceaux")
    assert sceaux.focal_px == pytest.approx(2905.88 * 1600 / 2832, rel=0.02)
    drone = first("brighton_beach")
    assert drone.gps == pytest.approx((46.842607, -91.99456, 198.309), abs=1e-5)
    assert first("fox").focal_px is None
