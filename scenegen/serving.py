"""Opening the studio, for those who have installed it."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

from scenegen.errors import UsageError


def serve(scene: Path, host: str, port: int, token: str | None) -> None:
    """Serve a studio on a scene folder until the program is interrupted.

    Raises:
        UsageError: viser is not installed, nothing can listen there, or the token is too short.
        LiftError, PathError: the scene cannot be shown.
    """
    if importlib.util.find_spec("viser") is None:
        raise UsageError(
            "studio: expected viser, which shows it in the browser, found none; "
            "pip install 'scenegen[studio]'"
        )
    from scenegen.studio.app import open_studio

    studio = open_studio(scene, host, port, token)
    try:
        print(f"The studio is open at {studio.url} (Ctrl-C closes it)", flush=True)
        threading.Event().wait()
    finally:
        studio.close()
