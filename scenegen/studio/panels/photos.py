"""From photos to a scene: how far it has come, beginning and stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenegen.studio.live_training import LiveTraining, Standing
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_INVITATION = "Add photos, 20 to 60 that overlap by half, then make the scene."


class PhotosPanel(Panel):
    """What all browsers see of the one training that there is."""

    def __init__(self, seat: Seat, training: LiveTraining) -> None:
        super().__init__(seat)
        self._training = training
        gui = seat.client.gui
        with gui.add_folder("Photos to scene"):
            self._words = gui.add_markdown("")
            self._bar = gui.add_progress_bar(0.0, visible=False)
            self._seconds = gui.add_number(
                "Train for (s)", training.lift_config.budget_s, min=1.0, max=86_400.0, step=1.0
            )
            self._start = gui.add_button("Make the scene")
            self._stop = gui.add_button("Stop", visible=False)
        seat.hear(self._start.on_click, lambda _: self._begin())
        seat.hear(self._stop.on_click, lambda _: training.stop())
        self._leave = training.listen(
            lambda standing: seat.worker.post(lambda: self._show(standing), kind="standing")
        )
        self._show(training.standing)

    def close(self) -> None:
        """Hear no more of the training."""
        self._leave()

    def _begin(self) -> None:
        self._training.start(float(self._seconds.value))

    def _show(self, standing: Standing) -> None:
        words = standing.words
        if standing.runs:
            words = f"{standing.label}. {words}".strip()
        elif standing.phase == "waiting" and not words:
            made = self.seat.studio.stage is not None
            words = "The scene is made; it can be made again." if made else _INVITATION
        elif standing.phase == "failed":
            words = f"**{words}**"
        self._words.content = words
        self._bar.value = 100.0 * standing.share
        self._bar.visible = self._stop.visible = standing.runs
        self._start.visible = self._seconds.visible = not standing.runs
