"""The scene as a whole: the box that is shown of it, and which way is up. All browsers share it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.transform import Rotation

from scenegen.errors import PathError
from scenegen.studio import placing
from scenegen.studio.film import Film
from scenegen.studio.panels import Panel
from scenegen.studio.stage import Stage
from scenegen.types import Crop, Placement

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_FIT, _TO_ALL = "Fit to the subject", "Show everything"
_HERE, _PHOTOS, _FLIP, _RESET = "Level here", "As photos were held", "Flip", "As trained"
_LEAN_DEG = 20.0


class ScenePanel(Panel):
    """Crops the scene and turns it upright; kept beside it, so that every command shows it so."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._last: Crop | None = None
        self._leans = [0.0, 0.0]
        self._leant: Placement | None = None
        self._crop_folder(seat)
        self._up_folder(seat)

    def _crop_folder(self, seat: Seat) -> None:
        gui = seat.client.gui
        with gui.add_folder("Crop"):
            self._on = gui.add_checkbox("Crop to a box", initial_value=False, hint=_CROP)
            self._box = gui.add_checkbox("Show the box", initial_value=True)
            fit = gui.add_button(_FIT, hint="A box around what photos saw about their subject")
            self._centre = gui.add_vector3("Centre", (0.0, 0.0, 0.0), step=0.01)
            self._size = gui.add_vector3("Size", (1.0, 1.0, 1.0), step=0.01)
            self._turn = gui.add_slider("Turn", -90.0, 90.0, 1.0, 0.0, hint="Degrees")
            self._color = gui.add_rgb("Behind it", (0, 0, 0))
            whole = gui.add_button(_TO_ALL, hint="Take the crop away")
        own = (self._box, self._centre, self._size, self._turn, self._color, whole)
        self._of_crop: tuple[Any, ...] = own
        seat.hear(self._on.on_update, self._switch)
        seat.hear(self._box.on_update, lambda on: seat.box.show("box", on))
        seat.hear(fit.on_click, lambda _: self._crop(lambda _crop: self._fitted()))
        seat.hear(self._centre.on_update, lambda value: self._set(centre=_floats(value)), True)
        seat.hear(self._size.on_update, self._resize, latest=True)
        seat.hear(self._turn.on_update, lambda value: self._set(turn_deg=float(value)), True)
        seat.hear(self._color.on_update, self._paint, latest=True)
        seat.hear(whole.on_click, lambda _: self._switch(False))

    def _up_folder(self, seat: Seat) -> None:
        gui = seat.client.gui
        with gui.add_folder("Which way is up"):
            here = gui.add_button(_HERE, hint=_LEVEL)
            photos = gui.add_button(_PHOTOS, hint="Up as most photographers held their cameras")
            self._sliders = [
                gui.add_slider(name, -_LEAN_DEG, _LEAN_DEG, 0.25, 0.0, hint=_TURNS)
                for name in ("Pitch", "Roll")
            ]
            grid = gui.add_checkbox("Level grid", initial_value=False)
            flip = gui.add_button(_FLIP, hint="Turn it upside down")
            self._said = gui.add_markdown("")
            reset = gui.add_button(_RESET)
        seat.hear(here.on_click, lambda _: self._level_here())
        seat.hear(photos.on_click, lambda _: self._raise(placing.photos_up(self._stage().scene)))
        for which, slider in enumerate(self._sliders):
            seat.hear(slider.on_update, lambda value, w=which: self._lean(w, float(value)), True)
        seat.hear(grid.on_update, lambda on: seat.box.show("grid", on))
        seat.hear(flip.on_click, lambda _: self._turn_by(placing.leaning(self._ahead(), 180.0)))
        seat.hear(reset.on_click, lambda _: self._reset())

    def refresh(self, film: Film) -> None:
        """Show how the scene stands."""
        del film
        placement, stage = self.seat.studio.session.placement, self.seat.studio.stage
        crop = placement.crop
        self._on.value = crop is not None
        for handle in self._of_crop:
            handle.visible = crop is not None
        if crop is not None and stage is not None:
            self._last = crop
            self._centre.value, self._size.value = _rounded(crop.centre), _rounded(crop.size)
            self._turn.value = crop.turn_deg
            shown = stage.scene.field.background if crop.background is None else crop.background
            red, green, blue = np.rint(255 * np.asarray(shown)).astype(int).tolist()
            self._color.value = (red, green, blue)
        if placement != self._leant:
            self._leans = [0.0, 0.0]
            for slider in self._sliders:
                slider.value = 0.0
        off = placing.off_by_deg(placement)
        self._said.content = f"Up is {off:.1f}° from how it was trained." if off > 0.05 else ""

    def _stage(self) -> Stage:
        stage = self.seat.studio.stage
        if stage is None or stage.growing:
            raise PathError("scene: expected one that is finished, found none; wait for it")
        return stage

    def _fitted(self) -> Crop:
        fitted = placing.fitted(self._stage().location)
        return fitted if self._last is None else replace(fitted, background=self._last.background)

    def _switch(self, on: bool) -> None:
        self._stage()
        crop = (self._last or self._fitted()) if on else None
        self._place(lambda placement: replace(placement, crop=crop))

    def _crop(self, change: Any, merge: str | None = None) -> None:
        self._stage()
        self._place(lambda placement: replace(placement, crop=change(placement.crop)), merge)

    def _set(self, **words: Any) -> None:
        if self.seat.studio.session.placement.crop is not None:
            self._crop(lambda crop: replace(crop, **words), f"crop {next(iter(words))}")

    def _resize(self, value: tuple[float, float, float]) -> None:
        least = 1e-3 * self._stage().location.size
        x, y, z = _floats(value)
        self._set(size=(max(x, least), max(y, least), max(z, least)))

    def _paint(self, value: tuple[int, int, int]) -> None:
        red, green, blue = value
        self._set(background=(red / 255, green / 255, blue / 255))

    def _level_here(self) -> None:
        """Make the browser's view level: the scene turns, and its camera along with it."""
        seat, before = self.seat, self._stage().scene.placement
        sight = seat.live.free_sight()
        if sight is None:
            return
        self._raise(sight.pose[:3, 1])
        turn = np.eye(4)
        turn[:3, :3] = seat.studio.session.placement.turn @ before.turn.T
        seat.live.go_to(turn @ sight.pose)

    def _ahead(self) -> np.ndarray:
        sight = self.seat.live.free_sight()
        return np.array([0.0, 1.0, 0.0]) if sight is None else sight.level_forward

    def _lean(self, which: int, degrees: float) -> None:
        """Turn the scene by how far a slider went on: about the view's right, or its direction."""
        by, self._leans[which] = degrees - self._leans[which], degrees
        ahead = self._ahead()
        axis = np.cross(ahead, [0.0, 0.0, 1.0]) if which == 0 else ahead
        leant = placing.turned_by(
            self.seat.studio.session.placement, placing.leaning(axis, by if which == 0 else -by)
        )
        self._leant = leant
        self._stage()
        self._place(lambda _: leant, merge=f"lean {which}")

    def _raise(self, up: np.ndarray) -> None:
        self._stage()
        self._place(lambda placement: placing.with_up(placement, up))

    def _turn_by(self, turn: Rotation) -> None:
        self._stage()
        self._place(lambda placement: placing.turned_by(placement, turn))

    def _reset(self) -> None:
        upright = placing.UPRIGHT_AS_TRAINED
        self._stage()
        self._place(lambda placement: placing.with_rotation(placement, upright))

    def _place(self, change: Any, merge: str | None = None) -> None:
        self.seat.studio.session.place(change, merge)


_CROP = "Nothing outside the box is shown or rendered, by any command"
_LEVEL = "This view is held level: what is up in it is up"
_TURNS = "Degrees; turns the scene as you see it now"


def _floats(value: Any) -> tuple[float, float, float]:
    x, y, z = (float(part) for part in value)
    return x, y, z


def _rounded(value: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (round(part, 3) for part in value)
    return x, y, z
