from pathlib import Path

import pytest

from scenegen.ingest import advice
from scenegen.ingest.advice import Overlap
from scenegen.ingest.snapshot import Rejected, Snapshot


def shots(*sharpness):
    return [
        Snapshot(Path(f"{i}.png"), f"IMG_{i}.jpg", 640, 480, "phone", s)
        for i, s in enumerate(sharpness)
    ]


@pytest.mark.parametrize(
    ("sharpness", "features", "overlaps", "why", "fix"),
    [
        (
            0.2,
            900,
            [],
            "blurred: 20% of the sharpness of the photos that worked",
            "retake it with the camera held still, in more light, and focused",
        ),
        (
            1.0,
            40,
            [],
            "too few distinct details: 40, where the photos that worked have 1000",
            "a blank wall, glass, sky or darkness fills it; retake it with textured things in view",
        ),
        (
            1.0,
            900,
            [],
            "overlaps with no other photo",
            "retake it so that half of it shows what a neighbouring photo shows, from nearly the "
            "same direction",
        ),
        (
            1.0,
            900,
            [Overlap(0, 3, 14, False)],
            "overlaps with no other photo",
            "retake it so that half of it shows what a neighbouring photo shows, from nearly the "
            "same direction",
        ),
        (
            1.0,
            900,
            [Overlap(0, 3, 20, False), Overlap(1, 3, 31, False), Overlap(3, 4, 99, False)],
            "overlaps too little: most with IMG_1.jpg, 31 common details",
            "take one or two photos between it and IMG_1.jpg, a step apart",
        ),
        (
            1.0,
            900,
            [Overlap(3, 4, 99, False)],
            "overlaps only with photos that could not be placed either, most with IMG_4.jpg",
            "take photos that lead from it and IMG_4.jpg to the rest in small steps",
        ),
    ],
)
def test_each_unposed_photo_says_why_and_what_to_retake(sharpness, features, overlaps, why, fix):
    photos = shots(1.0, 1.1, 0.9, sharpness, 1.0)
    posed = [True, True, True, False, False]
    said = advice.explain_unposed(photos, posed, [1000, 1000, 1000, features, 900], overlaps)
    assert said["3.png"] == Rejected("IMG_3.jpg", why, fix)
    assert set(said) == {"3.png", "4.png"}


START = "finding the camera positions of 4 photos: "


@pytest.mark.parametrize(
    ("features", "overlaps", "message"),
    [
        (
            [20, 30, 40, 50],
            [],
            START + "expected some hundred distinct details in each photo, found 35 in most; blank "
            "walls, glass, darkness and blur have none: retake them sharp, in good light, with "
            "textured things in view",
        ),
        (
            [900] * 4,
            [Overlap(0, 1, 80, False)],
            START + "expected photos that overlap, found common details in 1 of 6 pairs; take more "
            "photos, each showing at least half of what the last one showed",
        ),
        (
            [900] * 4,
            [Overlap(i, i + 1, 300, True) for i in range(3)],
            START + "expected photos from different places, found all taken from one spot, or "
            "copies of one photo; move a step sideways between photos instead of turning on the "
            "spot, so that near things shift against far ones",
        ),
        (
            [900] * 4,
            [Overlap(i, i + 1, 30, False) for i in range(3)],
            START + "3 pairs overlap, but no two of them give a reliable first pair of cameras; "
            "take more photos in between, moving a step sideways for each",
        ),
    ],
)
def test_a_capture_that_cannot_be_posed_says_why(features, overlaps, message):
    assert advice.why_nothing(shots(1, 1, 1, 1), features, overlaps) == message


def test_notes_on_the_whole_capture():
    assert advice.notes(20, 20, [], 1.5) == ()
    assert advice.notes(20, 18, [], 1.5) == ("2 of 20 photos could not be placed; each says why",)
    assert advice.notes(20, 12, [5, 3], None) == (
        "the photos fell into 3 parts that nothing connects; the largest, of 12 photos, was kept "
        "and parts of 5, 3 were left out; take photos that lead from one part to the other",
        "the size in metres is unknown; to give it, name two photos and the distance between "
        "them: --known-length FIRST SECOND METRES",
    )
