"""Bad input through the real command line: the exit code and every word of what is said.

The texts, and the script that makes the bad input and renews them, are in `tests/golden/errors`.
"""

from __future__ import annotations

import pytest

from tests.golden.errors import generate

CASES = [
    pytest.param(name, marks=[pytest.mark.slow] if name in generate.SLOW else [])
    for name in generate.CASES
]


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_told_in_words_that_were_read_and_found_good(name: str) -> None:
    assert generate.said(name) == (generate.HERE / f"{name}.txt").read_text()


def test_no_text_is_left_over_and_none_is_a_traceback() -> None:
    texts = {file.stem: file.read_text() for file in generate.HERE.glob("*.txt")}
    assert texts.keys() == generate.CASES.keys()
    for name, text in texts.items():
        assert "Traceback" not in text, name
        assert "should not happen" not in text, name
