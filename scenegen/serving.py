"""Opening the studio, for those who have installed it."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

from scenegen.errors import UsageError

NEW_PHOTOS = Path("studio/photos")
"""Where photos go that are dropped into a studio that was opened on nothing."""


def serve(
    source: Path | None, output: Path | None, host: str, port: int, token: str | None
) -> None:
    """Serve a studio on a scene, or on what becomes one, until the program is interrupted.

    Raises:
        UsageError: viser is not installed, nothing can listen there, or the token is too short.
        LiftError, PathError, IngestError: the scene cannot be shown, or not be made of that.
    """
    if importlib.util.find_spec("viser") is None:
        raise UsageError(
            "studio: expected viser, which shows it in the browser, found none; "
            "pip install 'scenegen[studio]'"
        )
    from scenegen.studio.app import open_studio

    if source is None:
        source, output = NEW_PHOTOS, output or NEW_PHOTOS.with_name("scene")
    studio = open_studio(source, host, port, token, output)
    try:
        print(f"The studio is open at {studio.url} (Ctrl-C closes it)", flush=True)
        threading.Event().wait()
    finally:
        studio.close()
