"""Photos that are dragged into the studio's page: checked like any input, kept in one folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.studio.http import RefusedError, Request, Response

if TYPE_CHECKING:
    from scenegen.studio.gate import Handler

MOST_BYTES = 80_000_000
"""Size of one photo; a 60-megapixel JPEG of the finest quality has some 50 MB."""
MOST_PHOTOS = 1000
LEAST_FREE_BYTES = 1_000_000_000
"""Space that is left on the disk for posing and training."""
_LONGEST_NAME = 120
_AT_ONCE = 4
ROUTE = "/photos/"


class Uploads:
    """Takes photos into ``folder``; ``taken`` is called after each one, with how many there are.

    What is there already stays as it is: a photo of the same name becomes another file.
    """

    def __init__(self, folder: Path, taken: Callable[[int], None]) -> None:
        self._folder, self._taken = folder, taken
        self._naming = threading.Lock()
        self._places = asyncio.Semaphore(_AT_ONCE)

    @property
    def routes(self) -> dict[str, Handler]:
        """What the gate is to answer."""
        return {f"PUT {ROUTE}": self._put}

    async def _put(self, request: Request) -> Response:
        """Take the body of a request as a photo; the answer says what became of it, in words."""
        name = request.name_after(ROUTE)
        try:
            async with self._places:
                return Response.of_json({"name": await self._receive(request, name)})
        except RefusedError as refused:
            return Response.of_json({"why": refused.why}, refused.status)

    async def _receive(self, request: Request, name: str) -> str:
        name = await asyncio.to_thread(self._check_room, name)
        handle, path = tempfile.mkstemp(
            dir=self._folder, prefix=".upload-", suffix=Path(name).suffix
        )
        temporary = Path(path)
        try:
            with os.fdopen(handle, "wb") as stream:
                async for piece in request.body(MOST_BYTES):
                    stream.write(piece)
            return await asyncio.to_thread(self._take, temporary, name)
        except OSError as error:
            why = f"it cannot be kept ({error.strerror})"
            raise RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, why) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _check_room(self, name: str) -> str:
        """Return the name to keep a photo under, before any of it is read."""
        from scenegen.ingest.images import SUFFIXES

        suffix = name[name.rfind(".") :].lower() if "." in name else ""
        if suffix not in SUFFIXES:
            kinds = " ".join(SUFFIXES)
            why = f"expected a photo ({kinds}), found {suffix or 'a name without an ending'}"
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why)
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.count() >= MOST_PHOTOS:
            why = f"there are {MOST_PHOTOS} photos already, which is the limit"
            raise RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, why)
        if shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES:
            raise RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, "the disk is almost full")
        return portable_name(name)

    def _take(self, temporary: Path, name: str) -> str:
        """Put a photo that came whole into the folder; raises `RefusedError` for what is none."""
        from scenegen.ingest.images import BadImageError
        from scenegen.ingest.photos import decode_photo

        try:
            decode_photo(temporary)
        except BadImageError as error:
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        temporary.chmod(0o644)
        with self._naming:
            target = self._free_place(name)
            os.replace(temporary, target)
            count = self.count()
        self._taken(count)
        return target.name

    def _free_place(self, name: str) -> Path:
        taken = {file.name.casefold() for file in self._folder.iterdir()}
        stem, suffix = os.path.splitext(name)
        number = 2
        while name.casefold() in taken:
            name = f"{stem}_{number}{suffix}"
            number += 1
        return self._folder / name

    def count(self) -> int:
        """Return how many photos there are."""
        from scenegen.ingest.images import SUFFIXES

        with suppress(FileNotFoundError):
            names = [file.name for file in self._folder.iterdir()]
            return sum(not n.startswith(".") and Path(n).suffix.lower() in SUFFIXES for n in names)
        return 0


def portable_name(name: str) -> str:
    """Return ``name`` without what could lead elsewhere, be hidden or be forbidden somewhere.

    What follows its last dot stays as it is.
    """
    stem, dot, suffix = name.rpartition(".")
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in stem)
    # Cut by bytes: file systems count those.
    kept = kept.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")
    return (kept.strip(". ") or "photo") + dot + suffix


PAGE = """<style>
#scenegen-drop{position:fixed;inset:0;z-index:10000;display:none;align-items:center;
justify-content:center;background:#0009;color:#fff;font:600 1.4rem sans-serif;
border:4px dashed #fff8;pointer-events:none;text-align:center}
#scenegen-photos{position:fixed;left:12px;bottom:12px;z-index:9999;max-width:min(60vw,26rem);
font:14px/1.4 sans-serif;color:#fff;background:#1d2127e6;border-radius:8px;padding:8px 12px}
#scenegen-photos label{cursor:pointer;font-weight:600;text-decoration:underline}
#scenegen-photos ul{margin:4px 0 0;padding-left:18px;max-height:20vh;overflow:auto}
@media (max-width:600px){#scenegen-photos{top:12px;bottom:auto}}
</style><script>
addEventListener("DOMContentLoaded", () => {
  const make = (html) => {
    document.body.insertAdjacentHTML("beforeend", html);
    return document.body.lastElementChild;
  };
  const cover = make('<div id="scenegen-drop">Drop photos here</div>');
  const box = make('<div id="scenegen-photos"><label>Add photos<input type="file" multiple ' +
    'accept="image/*,.heic,.heif" hidden></label> or drop them here <span></span><ul></ul></div>');
  const said = box.querySelector("span"), list = box.querySelector("ul");
  let sent = 0, total = 0, waiting = [], busy = 0;
  const tell = () => { said.textContent = total ? `(${sent} of ${total} sent)` : ""; };
  const complain = (name, why) => {
    const item = document.createElement("li");
    item.textContent = `${name}: ${why}`;
    list.append(item);
  };
  const next = async () => {
    if (busy >= 3 || !waiting.length) return;
    const file = waiting.shift();
    busy += 1;
    try {
      const place = "/photos/" + encodeURIComponent(file.name);
      const answer = await fetch(place, {method: "PUT", body: file});
      if (!answer.ok) {
        const text = await answer.text();
        let why = answer.statusText;
        try { why = JSON.parse(text).why; } catch {}
        complain(file.name, why);
      }
    } catch { complain(file.name, "the connection was lost; add it again"); }
    busy -= 1; sent += 1; tell(); next();
  };
  const add = (files) => {
    list.replaceChildren();
    if (!busy) sent = total = 0;
    waiting.push(...files);
    total += files.length;
    tell(); next(); next(); next();
  };
  const input = box.querySelector("input");
  input.onchange = () => { add([...input.files]); input.value = ""; };
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  const show = () => { cover.style.display = depth > 0 ? "flex" : "none"; };
  addEventListener("dragenter", (e) => { if (carries(e)) { depth += 1; show(); } }, true);
  addEventListener("dragleave", (e) => { if (carries(e)) { depth -= 1; show(); } }, true);
  addEventListener("dragover", (e) => { if (carries(e)) e.preventDefault(); }, true);
  addEventListener("drop", (e) => {
    if (!carries(e)) return;
    e.preventDefault(); depth = 0; show();
    add([...e.dataTransfer.files]);
  }, true);
});
</script>"""
"""What goes into the head of the page, so that photos can be dropped on it."""
