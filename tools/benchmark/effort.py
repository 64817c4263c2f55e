"""How much is measured: the whole benchmark, and a quick one that only shows that it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Budgets, sizes and repetitions of all parts."""

    budgets_s: tuple[float, ...] = (15, 60, 120)
    """Budgets of trainings of their own, of which each has a floor and an aim."""
    repeated_s: tuple[float, ...] = (15, 60)
    """Those of them that are trained `runs` times, each with another seed."""
    runs: int = 3
    kept_s: float = 60
    """The budget whose scene is rendered and measured further."""
    full_budget_s: float = 300
    """Budget of the training at the photos' own size."""
    twin_budgets_s: tuple[float, ...] = (15, 60)
    warm_s: float = 10
    """Seconds of training before the backends take turns, so that the scene has taken shape."""
    turns: int = 7
    turn_steps: int = 10
    frame_px: tuple[int, int] = (960, 540)
    preview_px: tuple[int, int] = (480, 270)
    frames: int = 7
    """Single frames, from the places of as many photos."""
    path_frames: int = 33
    """Frames of a walkthrough: one to begin with, and twice those between two traced whole."""
    preview_frames: int = 48
    """Previews along two seconds of it."""
    lens_turns: int = 3
    """How often a frame is seen through each lens that is timed."""
    lens_points: int = 96
    """Pinholes that make a true lens."""
    drag_s: float = 8
    """Seconds for which the studio's camera is dragged about."""
    stops: int = 5
    """How often it is moved out of rest, and stopped."""
    film_s: float = 6
    """Length of the film that the studio plays."""
    memory_budget_s: float = 15
    scene_budget_s: float = 30
    """Budget of each scene of the table of scenes."""
    nerfacto_budgets_s: tuple[float, ...] = (60, 120)


FULL = Effort()
QUICK = Effort(
    budgets_s=(1, 2),
    repeated_s=(1,),
    runs=2,
    kept_s=2,
    full_budget_s=1,
    twin_budgets_s=(1,),
    warm_s=1,
    turns=2,
    turn_steps=2,
    frame_px=(96, 54),
    preview_px=(48, 28),
    frames=2,
    path_frames=3,
    preview_frames=4,
    lens_turns=1,
    lens_points=2,
    drag_s=1,
    stops=1,
    film_s=2,
    memory_budget_s=1,
    scene_budget_s=1,
    nerfacto_budgets_s=(1,),
)
