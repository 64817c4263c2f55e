"""Cases of `scenegen imagine`: bad sentences, bad specs of worlds, bad folders of models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PIL import Image

CASES: dict[str, Callable[[Path], list[str]]] = {}


def case(make: Callable[[Path], list[str]]) -> Callable[[Path], list[str]]:
    """Enter a case under its function's name."""
    CASES[make.__name__] = make
    return make


def world(folder: Path, text: str, name: str = "world.yaml") -> list[str]:
    """Return the command that imagines a spec that says ``text``."""
    (folder / name).write_text(text)
    return imagine(folder, str(folder / name))


def imagine(folder: Path, words: str, *more: str) -> list[str]:
    """Return the command that makes a clip of ``words``."""
    return ["imagine", words, "--output", str(folder / "clip.mp4"), *more]


ROOM = "schema: scenegen.world/1\nsetting: room\n"


@case
def words_that_are_none(folder: Path) -> list[str]:
    return imagine(folder, "   ")


@case
def words_in_another_script(folder: Path) -> list[str]:
    return imagine(folder, "\u0441\u043e\u0441\u043d\u043e\u0432\u044b\u0439 \u043b\u0435\u0441")


@case
def words_that_are_emoji(folder: Path) -> list[str]:
    return imagine(folder, "\U0001f409 \U0001f3f0")


@case
def words_without_end(folder: Path) -> list[str]:
    return imagine(folder, f"rhubarb{' rhubarb' * 9} {'z' * 200}")


@case
def words_that_name_another_file(folder: Path) -> list[str]:
    (folder / "valley.txt").write_text("a valley")
    return imagine(folder, str(folder / "valley.txt"))


@case
def world_that_is_missing(folder: Path) -> list[str]:
    return imagine(folder, str(folder / "world.yaml"))


@case
def world_that_is_no_text(folder: Path) -> list[str]:
    (folder / "world.yaml").write_bytes(bytes(range(256)))
    return imagine(folder, str(folder / "world.yaml"))


@case
def world_of_another_schema(folder: Path) -> list[str]:
    return world(folder, "schema: scenegen.path/1\nshots: [{move: hold}]\n")


@case
def world_without_schema(folder: Path) -> list[str]:
    return world(folder, "setting: room\n")


@case
def world_of_wrong_types(folder: Path) -> list[str]:
    text = "seed: many\nterrain: 7\nprops:\n  - {kind: chiar, count: 2.5}\n  - table\nmod: calm\n"
    return world(folder, f"{ROOM}{text}")


@case
def world_of_impossible_values(folder: Path) -> list[str]:
    text = "seed: 99999999999\nprops: [{kind: table, count: -1}]\ntime: 25:00\n"
    return world(folder, f"{ROOM}{text}")


@case
def world_of_an_unknown_setting(folder: Path) -> list[str]:
    return world(folder, "schema: scenegen.world/1\nsetting: moon\n")


@case
def world_with_shots_that_are_none(folder: Path) -> list[str]:
    text = "camera:\n  - {move: orbot}\n  - {move: orbit, seconds: long}\n"
    return world(folder, f"{ROOM}{text}")


@case
def world_that_runs_code(folder: Path) -> list[str]:
    return world(folder, f"{ROOM}mood: !!python/object/apply:os.system [ls]\n")


@case
def world_that_repeats_itself(folder: Path) -> list[str]:
    return world(folder, f"{ROOM}props: &p [*p]\n")


@case
def world_of_a_billion_laughs(folder: Path) -> list[str]:
    lines = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    return world(folder, "\n".join(["l0: &l0 [ha]", *lines, ROOM]))


@case
def model_that_is_absent(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--images-from", f"{folder}/sdxl", "--video-from", "svd")


@case
def model_without_index(folder: Path) -> list[str]:
    (folder / "svd").mkdir()
    Image.new("RGB", (8, 8)).save(folder / "view.png")
    words = "--first-view", f"{folder}/view.png", "--video-from", f"{folder}/svd"
    return imagine(folder, "a valley", *words)


@case
def model_with_pickled_weights(folder: Path) -> list[str]:
    (folder / "sd" / "unet").mkdir(parents=True)
    (folder / "sd" / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"cos\nsystem\n.")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
    }
    (folder / "sd" / "model_index.json").write_text(json.dumps(index))
    return ["imagine", "a valley", "--images-from", f"{folder}/sd", "-o", f"{folder}/view.png"]


@case
def model_with_code_of_its_own(folder: Path) -> list[str]:
    (folder / "sd").mkdir()
    index = {"_class_name": ["my_pipeline", "MyPipeline"]}
    (folder / "sd" / "model_index.json").write_text(json.dumps(index))
    return ["imagine", "a valley", "--images-from", f"{folder}/sd", "-o", f"{folder}/view.png"]


@case
def video_model_without_first_view(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--video-from", "svd")


@case
def picture_model_for_a_clip(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--images-from", "sdxl")


@case
def depth_of_field_of_a_model(folder: Path) -> list[str]:
    words = "--first-view", "view.png", "--video-from", "svd", "--aperture", "f/2.8"
    return imagine(folder, "a valley", *words)


@case
def grade_of_a_models_picture(folder: Path) -> list[str]:
    words = "--images-from", "sdxl", "--output", "view.png", "--grade", "warm"
    return imagine(folder, "a valley", *words)


@case
def steps_of_no_refiner(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--no-refine", "--refine-steps", "4")


@case
def strength_of_no_model(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--refine-strength", "0.5")


@case
def look_of_traced_frames(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--direct", "--look", "fog")


@case
def shutter_of_traced_frames(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--direct", "--shutter", "180")


@case
def grade_of_traced_frames(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--direct", "--grade", "warm")


@case
def grade_without_refiner(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--no-refine", "--grade", "warm")


@case
def too_few_photos_of_a_world(folder: Path) -> list[str]:
    return imagine(folder, "a valley", "--photos", "8")
