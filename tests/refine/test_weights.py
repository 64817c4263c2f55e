"""Weights on disk: they come back, and other files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from scenegen.errors import RefineError
from scenegen.refine.weights import SHIPPED, digest, load_refiner, save_refiner
from tests.refine.clips import network


def test_weights_come_back_in_half_precision(tmp_path: Path) -> None:
    file = tmp_path / "refiner.safetensors"
    made = network()
    save_refiner(made, file, {"steps": "4"})
    again = load_refiner(file)
    assert again.sizes == made.sizes
    for one, other in zip(again.parameters(), made.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)
        assert not one.requires_grad
    assert len(digest(file)) == 16


def test_files_that_are_no_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefineError, match="found no file"):
        load_refiner(tmp_path / "none.safetensors")
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with pytest.raises(RefineError, match="expected the refiner's weights, found none"):
        load_refiner(bad)
    other = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(3)}, other)
    with pytest.raises(RefineError, match="in the format 'scenegen refiner 1', found"):
        load_refiner(other)
    save_refiner(network(), other, {"heads": "3"})
    with pytest.raises(RefineError, match="expected weights of this network"):
        load_refiner(other)


def test_shipped_weights_are_small() -> None:
    if not SHIPPED.is_file():
        pytest.skip("the weights are not trained yet")
    assert SHIPPED.stat().st_size <= 20e6
    assert sum(value.numel() for value in load_refiner().parameters()) > 2e6
