"""The working folder beside an output, where a job that was stopped finds its finished stages.

clip.scenegen/stages.json   which stages are finished, and from what each was made
clip.scenegen/capture/      the posed photos
clip.scenegen/scene/        the radiance field
clip.scenegen/path.json     the camera path
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenegen.errors import OutputError
from scenegen.files import fingerprint, read_json, write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SUFFIX = ".scenegen"


class WorkFolder:
    """Remembers the finished stages of one output, each with the fingerprint of what made it."""

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(output.stem + SUFFIX)
        self._file = self.folder / "stages.json"

    @property
    def capture(self) -> Path:
        """Capture folder."""
        return self.folder / "capture"

    @property
    def scene(self) -> Path:
        """Scene folder."""
        return self.folder / "scene"

    @property
    def path(self) -> Path:
        """Camera path file."""
        return self.folder / "path.json"

    def finished(self, stage: str, made_from: str) -> bool:
        """Return whether ``stage`` was finished, from what has the fingerprint ``made_from``."""
        return self._stages().get(stage) == made_from

    def holds_other(self, stage: str, made_from: str) -> bool:
        """Return whether ``stage`` was finished, but from something else."""
        return self._stages().get(stage) not in (None, made_from)

    def finish(self, stage: str, made_from: str) -> None:
        """Remember that ``stage`` is finished."""
        write_json(self._file, self._stages() | {stage: made_from})

    def _stages(self) -> dict[str, str]:
        try:
            stages = read_json(self._file, OutputError)
        except OutputError:
            return {}  # absent or damaged: the stages are made again, so nothing is lost but time
        return stages if isinstance(stages, dict) else {}


def source_fingerprint(source: Path, *ignored: Path | None) -> str:
    """Return a fingerprint of the files that ingest reads: places, sizes, times of change.

    The files or folders in ``ignored`` do not count, nor does anything else that lies among the
    photos. Raises `IngestError` where ``source`` cannot be read.
    """
    from scenegen.ingest.sources import source_files

    skipped = {path.resolve() for path in ignored if path is not None}
    facts = []
    for file in source_files(source):
        place = file.resolve()
        if skipped.isdisjoint({place, *place.parents}):
            status = place.stat()
            facts.append([str(place), status.st_size, status.st_mtime_ns])
    return fingerprint(facts)


def result_settings(config: DataclassInstance) -> dict[str, Any]:
    """Return those settings of a stage that change its result, ready for `fingerprint`."""
    values = dataclasses.asdict(config)
    values.pop("overwrite", None)
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in values.items()
    }
