"""Training of the refiner: batches of clips in, a record for every step out.

Kingma and Ba's Adam with decoupled decay (Loshchilov and Hutter, 2019), a cosine schedule, and an
exponential average of the weights, which is what ships. The time on the bridge is drawn anew for
every clip, more often near its far end, where few steps are taken.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from scenegen.refine.losses import charbonnier, pyramid, steadiness
from scenegen.refine.network import Given, Refiner


@dataclass(frozen=True)
class FitConfig:
    """How the refiner is trained."""

    steps: int = 4000
    rate: float = 2e-4
    warmup: int = 100
    average: float = 0.999
    """What the average of the weights keeps of itself a step, once it has seen enough of them."""
    detail: float = 0.5
    steady: float = 0.5
    """Weights of the pyramid's bands and of steadiness, beside 1 of the colours."""
    invented: float = 0.02
    """And of what is made up: only as much as pays."""
    last_alone: bool = False
    """Learn the bridge's far end alone: a regression, for comparison."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Clips of one size, frame by frame: what is given, and what should come of it."""

    given: list[Given]
    target: list[Float[Tensor, "batch 3 h w"]]
    trusted: list[Float[Tensor, "batch 1 h w"]]
    noise: list[Float[Tensor, "batch 3 h w"]]
    text: Float[Tensor, "batch text"] | None = None

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        planes = [[one.to(device) for one in rows] for rows in (self.target, self.trusted)]
        return Batch(
            [given.to(device) for given in self.given],
            *planes,
            noise=[one.to(device) for one in self.noise],
            text=None if self.text is None else self.text.to(device),
        )


@dataclass(frozen=True)
class Step:
    """What a step of training came to."""

    index: int
    loss: float
    colors: float
    before: float
    """What `colors` would be of the render as it is."""


class Training:
    """The state of a training, which can be saved and gone on with."""

    def __init__(self, network: Refiner, config: FitConfig) -> None:
        self.network, self.config = network, config
        self.average = copy.deepcopy(network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=1e-4)
        self.done = 0

    def fit(self, batches: Iterable[Batch], seed: int = 0) -> Iterator[Step]:
        """Yield the steps on ``batches``, which are those of the steps that are left."""
        for batch in batches:
            yield self._step(batch, torch.Generator().manual_seed(seed + self.done))

    def state(self) -> dict[str, Tensor]:
        """Return all that is needed to go on, as flat tensors."""
        flat = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        flat |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            flat |= {f"adam.{index}.{name}": torch.as_tensor(v) for name, v in state.items()}
        return flat | {"done": torch.tensor(self.done)}

    def go_on(self, flat: dict[str, Tensor]) -> None:
        """Take over what `state` gave."""
        for name, module in (("network", self.network), ("average", self.average)):
            head = f"{name}."
            module.load_state_dict(
                {key[len(head) :]: value for key, value in flat.items() if key.startswith(head)}
            )
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in flat.items():
            if key.startswith("adam."):
                _, index, name = key.split(".")
                state.setdefault(int(index), {})[name] = value
        whole = self.optimizer.state_dict()
        self.optimizer.load_state_dict({**whole, "state": state})
        self.done = int(flat["done"])

    def _step(self, batch: Batch, chance: torch.Generator) -> Step:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        self.network.train()
        loss, colors, before = self._loss(batch, chance)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        keep = min(self.config.average, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
            for mean, now in pairs:
                mean.lerp_(now, 1 - keep)
        return Step(self.done, *(float(one.detach()) for one in (loss, colors, before)))

    def _loss(self, batch: Batch, chance: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        config, bridge = self.config, self.network.bridge
        size = len(batch.target[0])
        drawn = 1 - torch.rand(size, generator=chance) ** 2 * (1 - 1e-3)
        time = (torch.ones(size) if config.last_alone else drawn).to(batch.target[0].device)
        eta = bridge.eta(time)[:, None, None, None]
        noisy = [
            bridge.at(target, given.render, noise, bridge.kappa(given.opacity), eta)
            for given, target, noise in zip(batch.given, batch.target, batch.noise, strict=True)
        ]
        made = list(self.network(zip(batch.given, noisy, strict=True), time, batch.text))
        frames = [one.rgb for one in made]
        rows = list(zip(frames, batch.target, batch.trusted, strict=True))
        colors = torch.stack([charbonnier(*row) for row in rows]).mean()
        detail = torch.stack([pyramid(*row) for row in rows]).mean()
        invented = torch.stack([one.made_up.abs().mean() for one in made]).mean()
        reaches = [given.reach for given in batch.given]
        steady = steadiness(frames, batch.target, batch.trusted, reaches)
        loss = colors + config.detail * detail + config.steady * steady
        given_rows = zip(batch.given, batch.target, batch.trusted, strict=True)
        before = torch.stack([charbonnier(g.render, t, w) for g, t, w in given_rows]).mean()
        return loss + config.invented * invented, colors, before

    def _rate(self) -> float:
        config = self.config
        rise = min(1.0, (self.done + 1) / config.warmup)
        return (
            config.rate * rise * (0.02 + 0.49 * (1 + math.cos(math.pi * self.done / config.steps)))
        )
