"""What training pulls at: errors count where the truth is known, and flicker beside its own."""

from __future__ import annotations

import torch

from scenegen.refine.losses import charbonnier, pyramid, steadiness
from scenegen.refine.temporal import Reprojection

HEIGHT, WIDTH = 32, 48


def still() -> list[dict[int, Reprojection]]:
    """Three frames of a camera that stands still before a wall."""
    rows, columns = ((2 * torch.arange(side // 8) + 1) * 8 / side - 1 for side in (HEIGHT, WIDTH))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    same = Reprojection(torch.stack([x, y], -1)[None], torch.zeros(1, *x.shape))
    return [{1: same}, {-1: same, 1: same}, {-1: same}]


def frames(seed: int = 0) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.rand(1, 3, HEIGHT, WIDTH, generator=random) for _ in range(3)]


ALL = [torch.ones(1, 1, HEIGHT, WIDTH)] * 3


def test_an_error_that_stays_where_it_is_is_steady_and_one_that_flickers_is_not() -> None:
    targets, (error, *_) = frames(), frames(1)
    constant = steadiness([one + error for one in targets], targets, ALL, still())
    assert float(constant) < 1e-6
    flicker = [one + sign * 0.1 for one, sign in zip(targets, (1, -1, 1), strict=True)]
    assert abs(float(steadiness(flicker, targets, ALL, still())) - 0.2) < 1e-5


def test_a_frame_with_a_known_target_is_not_held_to_one_without() -> None:
    """A photo is the middle frame's target; those around have their render: two kinds of error."""
    targets = frames()
    trusted = [torch.zeros_like(ALL[0]), ALL[0], torch.zeros_like(ALL[0])]
    made = [one + by for one, by in zip(targets, (0.3, 0.0, 0.3), strict=True)]
    assert float(steadiness(made, targets, trusted, still())) == 0
    assert float(steadiness(made, targets, ALL, still())) > 0.2


def test_a_frame_alone_is_steady() -> None:
    (one, *_) = frames()
    assert float(steadiness([one], [0 * one], ALL[:1], [{}])) == 0


def test_what_is_not_trusted_pulls_at_nothing() -> None:
    made, target, _ = frames()
    trusted = torch.zeros(1, 1, HEIGHT, WIDTH)
    trusted[..., :16] = 1
    spoilt = target.clone()
    spoilt[..., 24:] = 5.0
    for loss in (charbonnier, pyramid):
        torch.testing.assert_close(loss(made, spoilt, trusted), loss(made, target, trusted))
        assert float(loss(made, target, trusted)) > 0.01
        assert float(loss(target, target, trusted)) < 2e-3
