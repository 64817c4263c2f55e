"""The timeline: scrubbing, playing at true speed, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenegen.errors import PathError
from scenegen.path.mend import mend_path
from scenegen.path.script.schema import Script
from scenegen.studio.edits import with_settings
from scenegen.studio.exchange import script_of_path
from scenegen.studio.film import Film
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_PLAY, _STOP, _START = "Play", "Stop", "To start"
_UNDO, _REDO = "Undo", "Redo"
_MOST_MARKS = 14
_BENDABLE = ("crossing", "near", "unseen")
_BENDS = "Out of walls and back to where photos looked; the film becomes keyframes"


def counted(script: Script) -> str:
    """Return how many shots there are, in words."""
    count = len(script.shots)
    return "1 shot" if count == 1 else f"{count} shots"


class TimelinePanel(Panel):
    """A slider over the seconds of the film, with a mark at every keyframe and shot."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        self._folder = gui.add_folder(None)
        self._drawn: tuple[float, tuple[float, ...]] = (-1.0, ())
        self._draw_slider(0.0, ())
        self._controls = gui.add_button_group("Film", (_PLAY, _STOP, _START))
        self._history = gui.add_button_group("Edits", (_UNDO, _REDO))
        self._said = gui.add_markdown("")
        self._bend = gui.add_button("Bend it clear", visible=False, hint=_BENDS)
        self._shown = ""
        seat.hear(self._bend.on_click, lambda _: self._mend())
        seat.hear(self._controls.on_click, self._control)
        seat.hear(self._history.on_click, self._undo)

    def refresh(self, film: Film) -> None:
        """Fit the slider to the film and say what it is and lacks."""
        marks = tuple(sorted({round(mark.second, 2) for mark in film.marks}))
        seconds = round(film.seconds, 2)
        self._draw_slider(seconds, marks if len(marks) <= _MOST_MARKS else ())
        self._say(film)

    def _draw_slider(self, seconds: float, marks: tuple[float, ...]) -> None:
        if (seconds, marks) == self._drawn:
            return
        value = 0.0
        if self._drawn[0] >= 0:
            value = min(self._slider.value, seconds)
            self._slider.remove()
        self._drawn = (seconds, marks)
        with self._folder:
            self._slider = self.seat.client.gui.add_slider(
                "Second",
                0.0,
                max(seconds, 0.01),
                0.01,
                value,
                marks=tuple((min(mark, seconds), str(n + 1)) for n, mark in enumerate(marks)),
                disabled=seconds == 0,
            )
        self.seat.hear(self._slider.on_update, self.seat.live.scrub, latest=True)

    def playing(self, second: float | None) -> None:
        """Move the slider along."""
        if second is not None:
            self._slider.value = min(round(second, 2), self._drawn[0])

    def _control(self, button: str) -> None:
        live, film = self.seat.live, self.seat.film
        if button == _PLAY and film.path is not None:
            second = live.second or 0.0
            at_end = second >= film.seconds - 1.5 / film.path.fps
            live.play(0.0 if at_end else second)
        elif button == _STOP:
            live.stop()
        elif button == _START:
            self._slider.value = 0.0
            live.scrub(0.0)

    def _undo(self, button: str) -> None:
        session = self.seat.studio.session
        if button == _UNDO:
            session.undo()
        else:
            session.redo()

    def _mend(self) -> None:
        """Make the film keyframes of its path, bent out of walls and back to where photos looked.

        It no longer has its moves then; that can be undone.
        """
        film, stage = self.seat.film, self.seat.studio.stage
        if film.path is None or stage is None:
            return
        mended = mend_path(film.path, stage.location)
        if mended.path is film.path:
            raise PathError("bend it clear: nothing that was tried is better; move it by hand")
        script = with_settings(script_of_path(mended.path), loop=film.script.loop)
        self.seat.do(lambda _: script)

    def _say(self, film: Film) -> None:
        if film.trouble:
            words = f"**{film.trouble}**"
        elif film.path is None:
            words = "No shots yet: add a keyframe where you are, or a move."
        else:
            words = f"{film.seconds:.2f} s, {len(film.path)} frames, {counted(film.script)}"
            if film.check is None:
                words += "; checking ..."
            elif not film.check.troubles:
                words += "; nothing in its way."
            else:
                words += "\n\n" + "\n".join(f"- {one}" for one in film.check.troubles[:6])
        troubles = film.check.troubles if film.check is not None else ()
        in_one_go = film.path is not None and not film.path.cuts
        self._bend.visible = any(one.kind in _BENDABLE for one in troubles) and in_one_go
        if words != self._shown:
            self._said.content = self._shown = words
