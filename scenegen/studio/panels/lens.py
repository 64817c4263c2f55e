"""The lens and the whole film: focal length, zoom, depth of field, shutter, aspect, loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scenegen.path.lens import focal_mm
from scenegen.path.script.values import words_of
from scenegen.studio import edits
from scenegen.studio.film import Film, film_aspect
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_ASPECTS = ("16:9", "9:16", "1:1", "4:3", "3:2", "1.85", "2.39")
_RATES = ("24", "25", "30", "50", "60")


class LensPanel(Panel):
    """Words of the whole film, and the focal length of the chosen shot."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        with gui.add_folder("Chosen shot"):
            self._focal = gui.add_number("Focal, mm", 0.0, min=0.0, max=2000.0, step=1.0, hint=_MM)
            self._zoom = gui.add_number("Zooms to, mm", 0.0, min=0.0, max=2000.0, step=1.0)
        with gui.add_folder("Depth of field"):
            self._aperture = gui.add_number(
                "Lens width", 0.0, min=0.0, max=1.0, step=0.005, hint=_WIDTH
            )
            self._focus = gui.add_markdown("")
            middle = gui.add_button("Focus on the middle of the view")
            subject = gui.add_button("Focus on the subject")
        with gui.add_folder("Film"):
            self._aspect = gui.add_dropdown("Aspect", _ASPECTS)
            self._fps = gui.add_dropdown("Frames a second", _RATES)
            self._shutter = gui.add_slider("Shutter, degrees", 0.0, 360.0, 5.0, 0.0)
            self._loop = gui.add_checkbox("Loop", initial_value=False)
        seat.hear(self._focal.on_update, lambda mm: self._set_focal(begin=float(mm)), latest=True)
        seat.hear(self._zoom.on_update, lambda mm: self._set_focal(end=float(mm)), latest=True)
        seat.hear(self._aperture.on_update, self._set_aperture, latest=True)
        seat.hear(middle.on_click, lambda _: self._focus_middle())
        seat.hear(subject.on_click, lambda _: self._set(focus="subject"))
        seat.hear(self._aspect.on_update, lambda value: self._set(aspect=_number(value)))
        seat.hear(self._fps.on_update, lambda value: self._set(fps=float(value)))
        seat.hear(self._shutter.on_update, lambda value: self._set(shutter=float(value)), True)
        seat.hear(self._loop.on_update, lambda value: self._set(loop=bool(value)))

    def refresh(self, film: Film) -> None:
        """Show what the script says."""
        del film
        script, shot = self.seat.script, self.seat.shot
        focal = self._focals(shot)
        self._focal.value, self._zoom.value = focal[0], focal[1]
        self._focal.disabled = self._zoom.disabled = shot is None
        if isinstance(script.aperture, int | float) or script.aperture is None:
            self._aperture.value = float(script.aperture or 0.0)
        focus = "subject" if script.focus is None else script.focus
        self._focus.content = "In focus: " + (
            f"{focus:g}" if isinstance(focus, int | float) else words_of(focus)
        )
        self._pick(self._aspect, _ASPECTS, _said(script.aspect, "16:9"))
        self._pick(self._fps, _RATES, f"{script.fps:g}")
        self._shutter.value, self._loop.value = float(script.shutter), script.loop

    def _focals(self, shot: int | None) -> tuple[float, float]:
        """Return the focal lengths in mm at the beginning and the end, 0 where none is stated."""
        script = self.seat.script
        if shot is None:
            return 0.0, 0.0
        words, aspect = script.shots[shot], film_aspect(script)
        if words.focal is not None:
            stated = words.focal if isinstance(words.focal, tuple) else (words.focal,)
        elif words.fov is not None:
            fovs = words.fov if isinstance(words.fov, tuple) else (words.fov,)
            stated = tuple(round(focal_mm(fov, aspect), 1) for fov in fovs)
        else:
            return 0.0, 0.0
        return float(stated[0]), float(stated[1]) if len(stated) > 1 else 0.0

    def _set_focal(self, begin: float | None = None, end: float | None = None) -> None:
        """Set one end of a zoom; the other is as the script has it, whatever is typed there."""
        shot = self.seat.shot
        if shot is None:
            return
        stated = self._focals(shot)
        begin, end = stated[0] if begin is None else begin, stated[1] if end is None else end
        focal = None if begin < 1 else (begin, end) if end >= 1 else begin
        self.seat.do(
            lambda script: edits.with_words(script, shot, fov=None, focal=focal),
            merge=f"focal {shot}",
        )

    def _set_aperture(self, width: float) -> None:
        self._set(aperture=float(width) or None)

    def _focus_middle(self) -> None:
        """Focus on what the browser sees in its middle: a point, so that it stays sharp."""
        stage, sight = self.seat.studio.stage, self.seat.live.free_sight()
        if stage is not None and sight is not None:
            eye, ahead = sight.pose[None, :3, 3], -sight.pose[None, :3, 2]
            point = stage.location.surface(eye, np.ascontiguousarray(ahead))[0]
            self._set(focus=tuple(round(float(value), 4) for value in point))

    def _set(self, **words: Any) -> None:
        name = next(iter(words))
        self.seat.do(lambda script: edits.with_settings(script, **words), merge=f"film {name}")

    def _pick(self, dropdown: Any, usual: tuple[str, ...], chosen: str) -> None:
        options = usual if chosen in usual else (*usual, chosen)
        if dropdown.options != options:
            dropdown.options = options
        dropdown.value = chosen


_MM = "On film 36 mm wide; 0 leaves it to the move"
_WIDTH = "In sizes of the scene; 0 keeps all sharp"


def _said(value: float | str | None, default: str) -> str:
    return default if value is None else value if isinstance(value, str) else f"{value:g}"


def _number(value: str) -> float | str:
    return value if ":" in value else float(value)
