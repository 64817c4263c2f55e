"""What `scenegen` says to bad input: cases, and the texts that were read and found good.

    python -m tests.golden.errors.generate [case ...]

writes ``<case>.txt`` anew, from the exit code and what comes on stderr; read the difference before
committing it. `tests/test_bad_input.py` compares.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from scipy.ndimage import map_coordinates

from scenegen import pipeline
from scenegen.cli import main
from scenegen.lift.config import LiftConfig
from tests.golden.errors import imagining
from tests.rooms import room_photos

HERE = Path(__file__).resolve().parent

Case = Callable[[Path], list[str]]
"""Makes the bad input in a folder and returns the words of the command."""

CASES: dict[str, Case] = dict(imagining.CASES)
SLOW: set[str] = set()


def case(make: Case) -> Case:
    """Enter a case under its function's name."""
    CASES[make.__name__] = make
    return make


def slow(make: Case) -> Case:
    """Enter a case that really poses photos."""
    SLOW.add(make.__name__)
    return case(make)


def said(name: str) -> str:
    """Run a case; return its stderr, exit code and what it made, its folder called FOLDER."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        words = CASES[name](folder)
        before = {str(file) for file in folder.iterdir()}
        errors = io.StringIO()
        columns = os.environ.get("COLUMNS")
        os.environ["COLUMNS"] = "100"
        try:
            with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
                code = main(words)
        finally:
            os.environ.pop("COLUMNS")
            if columns is not None:
                os.environ["COLUMNS"] = columns
        made = {str(file) for file in folder.iterdir()} - before
    lines = [f"$ scenegen {' '.join(words)}", *errors.getvalue().splitlines(), f"exit code {code}"]
    lines += [f"made {file}" for file in sorted(made)]
    return "".join(f"{line.rstrip()}\n" for line in lines).replace(str(folder), "FOLDER")


def picture(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Return a picture full of detail that no other seed shows."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


def photos(folder: Path, count: int) -> Path:
    """Make a folder of ``count`` photos that show different things."""
    (folder / "photos").mkdir()
    for index in range(count):
        picture(index).save(folder / "photos" / f"{index}.jpg")
    return folder / "photos"


def transforms(folder: Path, **changes: object) -> Path:
    """Make a posed capture of six photos; ``changes`` are made to its first frame."""
    source = photos(folder, 6)
    frames = []
    for index in range(6):
        pose = np.eye(4)
        pose[0, 3] = index
        frames.append({"file_path": f"{index}.jpg", "transform_matrix": pose.tolist()})
    frames[0] |= changes
    content = {"fl_x": 300, "fl_y": 300, "cx": 160, "cy": 120, "w": 320, "h": 240}
    (source / "transforms.json").write_text(json.dumps(content | {"frames": frames}))
    return source


def scene(folder: Path) -> Path:
    """Make a scene folder, trained for a moment."""
    room = room_photos(folder / "room", 4, 48, 36)
    pipeline.lift(room, folder / "scene", LiftConfig(budget_s=0.1))
    return folder / "scene"


def ingest(source: Path, folder: Path) -> list[str]:
    """Return the command that ingests ``source``."""
    return ["ingest", str(source), "--output", str(folder / "capture"), "--quiet"]


@case
def no_command(folder: Path) -> list[str]:
    del folder
    return []


@case
def unknown_option(folder: Path) -> list[str]:
    return ["lift", str(folder), "-o", str(folder / "scene"), "--budgets", "60"]


@case
def not_a_number(folder: Path) -> list[str]:
    return ["lift", str(folder), "-o", str(folder / "scene"), "--budget-s", "soon"]


@case
def negative_seconds(folder: Path) -> list[str]:
    return ["path", str(folder), "-o", str(folder / "path.json"), "--seconds=-1"]


@case
def path_file_and_seconds(folder: Path) -> list[str]:
    words = ["render", str(folder), "--path", "path.json", "--seconds", "3"]
    return [*words, "-o", str(folder / "clip.mp4")]


@case
def script_and_fps(folder: Path) -> list[str]:
    words = ["walkthrough", str(folder), "--path", "note.yaml", "--fps", "30"]
    return [*words, "-o", str(folder / "clip.mp4")]


@case
def map_exists(folder: Path) -> list[str]:
    Image.new("RGB", (8, 8)).save(folder / "map.png")
    words = ["path", str(folder / "scene"), "--check-map", str(folder / "map.png")]
    return [*words, "-o", str(folder / "path.json")]


@case
def missing_folder(folder: Path) -> list[str]:
    return ingest(folder / "photos", folder)


@case
def missing_folder_walkthrough(folder: Path) -> list[str]:
    return ["walkthrough", str(folder / "photos"), "--output", str(folder / "clip.mp4")]


@case
def empty_folder(folder: Path) -> list[str]:
    (folder / "photos").mkdir()
    return ingest(folder / "photos", folder)


@case
def folder_of_documents(folder: Path) -> list[str]:
    (folder / "notes.txt").write_text("no photo")
    (folder / "IMG_1.CR2").write_bytes(b"raw")
    return ingest(folder, folder)


@case
def two_photos(folder: Path) -> list[str]:
    return ingest(photos(folder, 2), folder)


@case
def unusable_photos(folder: Path) -> list[str]:
    source = folder / "photos"
    source.mkdir()
    picture(0).save(source / "truncated.jpg")
    whole = (source / "truncated.jpg").read_bytes()
    (source / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (source / "zero.png").write_bytes(b"")
    (source / "text.jpg").write_text("Dear diary")
    Image.new("RGB", (1, 1)).save(source / "dot.png")
    Image.new("1", (20_000, 8)).save(source / "wide.png")
    Image.new("1", (30_000, 30_000)).save(source / "bomb.png")
    return ingest(source, folder)


@case
def copies_of_one_photo(folder: Path) -> list[str]:
    source = photos(folder, 1)
    for index in range(1, 20):
        shutil.copy(source / "0.jpg", source / f"{index}.jpg")
    return ingest(source, folder)


@slow
def photos_without_overlap(folder: Path) -> list[str]:
    return ingest(photos(folder, 3), folder)


@slow
def photos_from_one_spot(folder: Path) -> list[str]:
    source = folder / "photos"
    source.mkdir()
    panorama = np.asarray(picture(0, 1700, 800), np.float32)
    x, y = np.meshgrid(np.arange(480) - 240, np.arange(360) - 180)
    for index in range(5):
        # A pinhole camera of 375 px focal length that turns by 6 degrees, inside a cylinder.
        turned = np.arctan2(x, 375) + np.deg2rad(6 * index)
        place = [400 + 750 * y / np.hypot(x, 375), (turned + 0.6) * 750]
        colours = [map_coordinates(panorama[..., c], place, order=1) for c in range(3)]
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0xA405] = 28  # its focal length, for film 36 mm wide
        photo = Image.fromarray(np.stack(colours, axis=-1).astype(np.uint8))
        photo.save(source / f"{index}.jpg", exif=exif, quality=95)
    return ingest(source, folder)


@case
def a_single_photo(folder: Path) -> list[str]:
    return ingest(photos(folder, 1) / "0.jpg", folder)


@case
def a_text_file_as_video(folder: Path) -> list[str]:
    (folder / "walk.mp4").write_text("no video at all")
    return ingest(folder / "walk.mp4", folder)


@case
def a_video_without_frames(folder: Path) -> list[str]:
    import av

    with av.open(str(folder / "walk.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 44100
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return ingest(folder / "walk.mp4", folder)


@case
def transforms_broken_json(folder: Path) -> list[str]:
    source = transforms(folder)
    text = (source / "transforms.json").read_text()
    (source / "transforms.json").write_text(text[: len(text) // 2])
    return ingest(source, folder)


@case
def transforms_not_a_number(folder: Path) -> list[str]:
    pose = np.eye(4)
    pose[1, 3] = np.nan
    return ingest(transforms(folder, transform_matrix=pose.tolist()), folder)


@case
def transforms_not_rigid(folder: Path) -> list[str]:
    pose = np.diag([1.0, 2.0, 1.0, 1.0])
    return ingest(transforms(folder, transform_matrix=pose.tolist()), folder)


@case
def transforms_that_leave_their_folder(folder: Path) -> list[str]:
    picture(9).save(folder / "secret.jpg")
    return ingest(transforms(folder, file_path="../secret.jpg"), folder)


@case
def transforms_with_missing_images(folder: Path) -> list[str]:
    source = transforms(folder)
    for index in range(4):
        (source / f"{index}.jpg").unlink()
    return ingest(source, folder)


@case
def transforms_with_one_missing_image_goes_on(folder: Path) -> list[str]:
    source = transforms(folder, file_path="never_copied.jpg")
    return ingest(source, folder)


@case
def output_that_exists(folder: Path) -> list[str]:
    (folder / "capture").mkdir()
    return ingest(photos(folder, 3), folder)


@case
def clip_that_exists(folder: Path) -> list[str]:
    (folder / "clip.mp4").write_bytes(b"precious")
    return ["walkthrough", str(photos(folder, 3)), "--output", str(folder / "clip.mp4")]


@case
def output_below_a_file(folder: Path) -> list[str]:
    (folder / "file").write_text("not a folder")
    return ingest(photos(folder, 3), folder / "file")


@case
def report_that_is_a_folder(folder: Path) -> list[str]:
    return [*ingest(photos(folder, 3), folder), "--report", str(folder)]


@case
def clip_of_unknown_format(folder: Path) -> list[str]:
    return ["walkthrough", str(photos(folder, 3)), "--output", str(folder / "clip.avi")]


@case
def clip_of_odd_size(folder: Path) -> list[str]:
    words = ["walkthrough", str(photos(folder, 3)), "--output", str(folder / "clip.mp4")]
    return [*words, "--width", "641"]


@case
def missing_scene(folder: Path) -> list[str]:
    return ["render", str(folder / "scene"), "--output", str(folder / "clip.mp4")]


@case
def photos_given_as_scene(folder: Path) -> list[str]:
    return ["evaluate", str(photos(folder, 3))]


@case
def scene_without_held_out_photos(folder: Path) -> list[str]:
    return ["evaluate", str(scene(folder))]


@case
def scene_cut_short(folder: Path) -> list[str]:
    field = scene(folder) / "field.safetensors"
    field.write_bytes(field.read_bytes()[:100_000])
    return ["render", str(field.parent), "--output", str(folder / "clip.mp4")]


@case
def scene_without_its_field(folder: Path) -> list[str]:
    (scene(folder) / "field.safetensors").unlink()
    return ["path", str(folder / "scene"), "--output", str(folder / "path.json")]


@case
def scene_from_a_newer_version(folder: Path) -> list[str]:
    file = scene(folder) / "scene.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format_version": 99}))
    return ["evaluate", str(file.parent)]


@case
def scene_of_broken_json(folder: Path) -> list[str]:
    (scene(folder) / "scene.json").write_text("{")
    return ["evaluate", str(folder / "scene")]


@case
def missing_camera_path(folder: Path) -> list[str]:
    words = ["render", str(scene(folder)), "--path", str(folder / "path.json")]
    return [*words, "--output", str(folder / "clip.mp4")]


@case
def zero_budget(folder: Path) -> list[str]:
    words = ["lift", str(room_photos(folder / "room")), "--output", str(folder / "scene")]
    return [*words, "--budget-s", "0"]


@case
def too_many_held_out(folder: Path) -> list[str]:
    words = ["lift", str(room_photos(folder / "room", 3)), "--output", str(folder / "scene")]
    return [*words, "--holdout-every", "2"]


def with_look(folder: Path, *words: str) -> list[str]:
    """Return the command that renders a scene under a look."""
    return ["render", str(folder / "scene"), "--output", str(folder / "clip.mp4"), *words]


@case
def look_that_is_none(folder: Path) -> list[str]:
    return with_look(folder, "--look", "purple dragons")


@case
def look_of_two_lights(folder: Path) -> list[str]:
    return with_look(folder, "--look", "golden hour at midnight")


@case
def look_too_strong(folder: Path) -> list[str]:
    return with_look(folder, "--look", "fog", "--look-strength", "9")


@case
def look_in_part_understood_goes_on(folder: Path) -> list[str]:
    words = with_look(folder, "--look", "fog over the dragon's lair", "--seconds", "0.2")
    scene(folder)
    return [*words, "--width", "48", "--height", "36", "--plain", "--fps", "10"]


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        text = said(chosen)
        (HERE / f"{chosen}.txt").write_text(text)
        print(f"--- {chosen}\n{text}")
