"""Towns without pictures on their walls: their shapes are the same, and are made much faster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from scenegen.worlds import facings
from scenegen.worlds.textures import Texture


@contextmanager
def plain() -> Iterator[None]:
    """Face and pave with grey while this lasts."""
    grey = Texture(np.full((2, 2, 3), 128, np.uint8), np.zeros((2, 2), np.float32))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("render", "coursed", "asphalt", "slabs", "setts", "sign"):
            patch.setattr(facings, name, lambda *_a, **_k: grey)
        yield
