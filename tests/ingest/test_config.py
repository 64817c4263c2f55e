"""Settings of ingest that no input could satisfy."""

from __future__ import annotations

from typing import Any

import pytest

from scenegen.errors import IngestError
from scenegen.ingest.config import IngestConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"video_frames": 2}, "video_frames: expected 3 or more, found 2; change it"),
        ({"min_photos": 1}, "min_photos: expected 2 or more, found 1; change it"),
        ({"max_side_px": 63}, "max_side_px: expected 64 or more, found 63; change it"),
        ({"min_posed_share": 1.1}, "min_posed_share: expected 0 to 1, found 1.1; change it"),
        (
            {"min_posed_share": float("nan")},
            "min_posed_share: expected 0 to 1, found nan; change it",
        ),
        ({"seed": -1}, "seed: expected 0 to 2^31 - 1, found -1; change it"),
        ({"seed": 2**31}, "seed: expected 0 to 2^31 - 1, found 2147483648; change it"),
        (
            {"known_length": ("a.jpg", "a.jpg", 1.0)},
            "known_length: expected two photos, found 'a.jpg' twice; change it",
        ),
        (
            {"known_length": ("a.jpg", "b.jpg", -1.0)},
            "known_length: expected a length above 0 metres, found -1; change it",
        ),
        (
            {"known_length": ("a.jpg", "b.jpg", float("nan"))},
            "known_length: expected a length above 0 metres, found nan; change it",
        ),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(IngestError) as error:
        IngestConfig(**settings)
    assert str(error.value) == message


def test_the_least_that_is_possible() -> None:
    IngestConfig(
        video_frames=3,
        min_photos=2,
        max_side_px=64,
        min_posed_share=0.0,
        known_length=("a.jpg", "b.jpg", 1e-3),
    )
