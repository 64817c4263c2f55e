"""Scripts and paths in and out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import viser

from scenegen.errors import PathError
from scenegen.path.script.schema import Script
from scenegen.studio.exchange import EXPORTS, SUFFIXES, loaded, saved, taken
from scenegen.studio.film import Film, film_aspect
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_NONE = "none yet"


class FilesPanel(Panel):
    """Saves to the desk's folder and loads from there or from the browser's machine."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        self._name = gui.add_text("Name", "my path")
        self._kind = gui.add_dropdown("Save as", tuple(EXPORTS))
        save = gui.add_button("Save")
        fetch = gui.add_button("Save and download")
        self._files = gui.add_dropdown("Saved", self._names())
        load = gui.add_button("Load")
        upload = gui.add_upload_button("Load from this computer", mime_type=",".join(SUFFIXES))
        seat.hear(save.on_click, self._save_here)
        seat.hear(fetch.on_click, lambda _: self._download())
        seat.hear(load.on_click, lambda _: self._load())
        seat.hear(upload.on_upload, self._uploaded)

    def refresh(self, film: Film) -> None:
        """List what is saved."""
        del film
        names = self._names()
        if self._files.options != names:
            self._files.options = names

    def _names(self) -> tuple[str, ...]:
        folder = self.seat.studio.paths_folder
        if folder is None or not folder.is_dir():
            return (_NONE,)
        return tuple(sorted(file.name for file in folder.iterdir())) or (_NONE,)

    def _save_here(self, _: object) -> None:
        self._save()

    def _save(self) -> Path:
        seat = self.seat
        folder = seat.studio.paths_folder
        if folder is None:
            raise PathError("save: expected a scene to save beside, found none yet; open one")
        film = seat.film
        file = saved(folder, self._name.value, self._kind.value, seat.script, film.path)
        seat.tell("Saved", f"{file}")
        self.refresh(film)
        return file

    def _download(self) -> None:
        file = self._save()
        if file.is_dir():
            raise PathError(f"{file}: a folder, which browsers do not take; find it there")
        self.seat.client.send_file_download(file.name, file.read_bytes(), save_immediately=True)

    def _load(self) -> None:
        folder, name = self.seat.studio.paths_folder, self._files.value
        if folder is not None and name != _NONE:
            self._become(loaded(folder / name, film_aspect(self.seat.script)), name)

    def _uploaded(self, file: viser.UploadedFile) -> None:
        self._become(taken(file.name, file.content, film_aspect(self.seat.script)), file.name)

    def _become(self, script: Script, name: str) -> None:
        self.seat.do(lambda _: script)
        self.seat.choose(0)
        self.seat.tell("Loaded", name)
