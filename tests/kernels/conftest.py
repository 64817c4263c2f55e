"""The kernels' tests share the machine with others: one thread of PyTorch is enough for them."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)
