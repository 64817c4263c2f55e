"""What the browser shows: picture, depth or opacity, and what is drawn over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenegen.studio.panels import Panel
from scenegen.studio.pictures import LOOKS, Look

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat


class ViewPanel(Panel):
    """Choices of one browser alone; nothing here changes the film."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        look = gui.add_dropdown("Show", LOOKS)
        seat.hear(look.on_update, self._look_at)
        for what in ("photos", "path", "keyframes"):
            box = gui.add_checkbox(what.capitalize(), initial_value=True)
            seat.hear(box.on_update, lambda on, what=what: seat.overlay.show(what, on))
        self._fov = gui.add_slider("Degrees across", 10.0, 110.0, 1.0, 60.0)
        seat.hear(self._fov.on_update, self._widen, latest=True)

    def _look_at(self, look: Look) -> None:
        self.seat.live.look = look
        self.seat.live.refresh()

    def _widen(self, degrees: float) -> None:
        camera = self.seat.client.camera
        half = np.tan(np.deg2rad(degrees) / 2) / camera.aspect
        camera.fov = float(2 * np.arctan(half))
        self.seat.live.refresh()
