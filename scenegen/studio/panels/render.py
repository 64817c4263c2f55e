"""Rendering: size, progress, cancel, and the clip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.errors import PathError
from scenegen.path.script.read import write_script
from scenegen.path.script.schema import Script
from scenegen.progress import Progress
from scenegen.render.config import RenderConfig
from scenegen.studio import edits
from scenegen.studio.exchange import checked_name
from scenegen.studio.film import Film, film_aspect
from scenegen.studio.jobs import Job
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_KINDS = (".mp4", ".gif")
_PLAIN = "Without the photos' detail: quicker, and softer"


@dataclass(frozen=True)
class Order:
    """A clip to render: the scene's folder, the script, the file, the size of its frames."""

    scene: Path
    script: Script
    output: Path
    config: RenderConfig

    def work(self, progress: Progress) -> Path:
        """Render it as `scenegen render` does, from the script saved beside it."""
        from scenegen import pipeline
        from scenegen.publish.config import PublishConfig

        self.output.parent.mkdir(parents=True, exist_ok=True)
        script = self.output.with_suffix(".yaml")
        write_script(self.script, script)
        publish = PublishConfig(overwrite=True)
        pipeline.render(self.scene, self.output, script, self.config, publish, progress)
        return self.output


class RenderPanel(Panel):
    """Renders the script as it is when the button is pressed; editing goes on meanwhile."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        self._name = gui.add_text("Clip", "clip")
        self._kind = gui.add_dropdown("Kind", _KINDS)
        self._width = gui.add_number("Width", RenderConfig.width_px, min=16, max=8192, step=2)
        self._size = gui.add_markdown("")
        self._plain = gui.add_checkbox("Field alone", initial_value=False, hint=_PLAIN)
        start = gui.add_button("Render")
        self._bar = gui.add_progress_bar(0.0, visible=False)
        self._said = gui.add_markdown("")
        self._cancel = gui.add_button("Cancel", visible=False)
        self._fetch = gui.add_button("Get the clip", visible=False)
        seat.hear(start.on_click, lambda _: self._start())
        seat.hear(self._cancel.on_click, lambda _: seat.studio.jobs.cancel())
        seat.hear(self._fetch.on_click, lambda _: self._send())
        seat.hear(self._width.on_update, lambda _: self.refresh(seat.film), latest=True)
        self._stop = seat.studio.jobs.listen(
            lambda job: seat.worker.post(lambda: self._show(job), kind="job")
        )
        if seat.studio.jobs.job is not None:
            self._show(seat.studio.jobs.job)

    def refresh(self, film: Film) -> None:
        """Say what size the frames will have."""
        width, height = self._frame(film.script)
        words = f"{film.seconds:.2f} s" if film.path is not None else "no shots yet"
        self._size.content = f"{width} x {height} pixels, {words}"

    def close(self) -> None:
        """Hear no more of jobs."""
        self._stop()

    def _frame(self, script: Script) -> tuple[int, int]:
        width = 2 * max(1, round(self._width.value / 2))
        return width, 2 * max(1, round(width / film_aspect(script) / 2))

    def _start(self) -> None:
        seat = self.seat
        stage, desk, script = seat.studio.stage, seat.studio.desk, seat.script
        if stage is None or stage.scene.folder is None or desk is None:
            raise PathError("render: expected a scene that is finished, found none; wait for it")
        if not script.shots:
            raise PathError("render: expected a shot, found none; add a keyframe or a move")
        if script.aspect is None:
            script = edits.with_settings(script, aspect=film_aspect(script))
        width, height = self._frame(script)
        config = RenderConfig(width_px=width, height_px=height, plain=self._plain.value)
        output = desk / "clips" / (checked_name(self._name.value) + self._kind.value)
        seat.studio.jobs.start(output.name, Order(stage.scene.folder, script, output, config).work)

    def _show(self, job: Job) -> None:
        self._bar.visible = True
        self._bar.value = 100 * min(max(job.share, 0.0), 1.0)
        self._bar.animated = self._cancel.visible = job.state == "running"
        self._fetch.visible = job.state == "done"
        words = f"{job.name}: {job.state}" if job.state != "running" else f"{job.name}: {job.words}"
        if job.state in ("failed", "cancelled"):
            words += f": {job.words}"
        if job.output is not None:
            words += f"\n\n`{job.output}`"
        self._said.content = words

    def _send(self) -> None:
        job = self.seat.studio.jobs.job
        if job is not None and job.output is not None:
            self.seat.client.send_file_download(job.output.name, job.output.read_bytes())
