"""Pipelines of diffusers behind scenegen's interface, small and with random weights."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenegen.errors import GenerateError
from scenegen.generative import loading
from scenegen.generative.backend import ImageToVideo, Order, Shape, TextToImage
from scenegen.generative.diffusers_models import DiffusersImageToVideo, DiffusersTextToImage
from scenegen.generative.folder import INDEX, check_folder
from scenegen.generative.loading import IMAGE_TO_VIDEO, TEXT_TO_IMAGE, check_model
from scenegen.generative.machine import Machine, Place, place
from scenegen.progress import silent

pytest.importorskip("diffusers", reason="needs scenegen[diffusers]")

from tests.generative import tiny

pytestmark = pytest.mark.usefixtures("_one_thread")

Told = list[tuple[str, float, float]]
GREY = np.full((40, 64, 3), 128, np.uint8)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*words: object) -> None:
        raise AssertionError(f"a model wanted the network: {words}")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.fixture(scope="module")
def painter(image_model: Path) -> TextToImage:
    return DiffusersTextToImage(check_folder(image_model))


@pytest.fixture(scope="module")
def filmer(video_model: Path) -> ImageToVideo:
    return DiffusersImageToVideo(check_folder(video_model))


def test_a_picture_has_the_area_of_the_model_and_the_aspect_that_is_asked(
    painter: TextToImage,
) -> None:
    assert painter.shape(1.0) == Shape(32, 32)
    assert painter.shape(16 / 9) == Shape(40, 24)
    assert painter.shape(1 / 9) == Shape(8, 72)


def test_the_same_seed_makes_the_same_picture_and_another_a_different_one(
    painter: TextToImage,
) -> None:
    order = Order("a tower", Shape(40, 24), seed=5, steps=2)
    told: Told = []
    picture = painter.picture(order, lambda *said: told.append(said))
    assert (picture.shape, picture.dtype) == ((24, 40, 3), np.uint8)
    assert picture.std() > 1
    assert told == [("Making the first view", done, 3) for done in range(4)]
    assert (painter.picture(order, silent) == picture).all()
    for other in (
        Order("a tower", Shape(40, 24), seed=6, steps=2),
        Order("a sea", Shape(40, 24), seed=5, steps=2),
        Order("a tower", Shape(40, 24), seed=5, steps=3),
    ):
        assert (painter.picture(other, silent) != picture).any()


def test_words_beyond_the_models_room_are_named(painter: TextToImage) -> None:
    assert painter.unread("a tower") == ""
    assert painter.unread("a tower by the sea, seen at night") == "ight"


def test_a_video_has_the_models_own_frames(filmer: ImageToVideo) -> None:
    shape = filmer.shape(1.0)
    assert shape == Shape(32, 32, tiny.VIDEO_FRAMES)
    told: Told = []
    first = GREY[:32, :32]
    frames = filmer.video(first, Order("", shape, 1, 2), lambda *said: told.append(said))
    assert (frames.shape, frames.dtype) == ((4, 32, 32, 3), np.uint8)
    assert told == [("Making the video", done, 3) for done in range(4)]
    again = filmer.video(first, Order("", shape, 1, 2), silent)
    assert (again == frames).all()
    other = filmer.video(first // 4, Order("", shape, 1, 2), silent)
    assert (other != frames).any()
    assert filmer.unread("a tower") == "a tower"


def test_a_video_model_may_take_words_and_a_rate(tmp_path: Path) -> None:
    folder = tiny.spoken_videos(tmp_path / "spoken")
    with DiffusersImageToVideo(check_folder(folder)) as model:
        shape = model.shape(16 / 9)
        assert shape.frames == 161
        assert (shape.width_px % 32, shape.height_px % 32) == (0, 0)
        assert shape.width_px * shape.height_px == pytest.approx(512 * 704, rel=0.1)
        small = Shape(64, 64, 9)
        made = [
            model.video(GREY, Order(words, small, 1, 2, fps), silent)
            for words, fps in (("a", 24), ("a", 24), ("b c", 24), ("a", 8))
        ]
        assert made[0].shape == (9, 64, 64, 3)
        assert (made[0] == made[1]).all()
        assert (made[0] != made[2]).any()
        assert (made[0] != made[3]).any()
        assert model.unread("a tower") == ""


def told(folder: Path, role: loading.Role) -> str:
    with pytest.raises(GenerateError) as error:
        check_model(folder, role)
    return str(error.value)


def test_a_model_for_something_else_is_refused(image_model: Path, video_model: Path) -> None:
    assert told(video_model, TEXT_TO_IMAGE) == (
        f"{video_model}: expected a text-to-image pipeline of diffusers, such as "
        "StableDiffusionXLPipeline, found StableVideoDiffusionPipeline; name the folder of "
        "another model"
    )
    assert "expected an image-to-video pipeline" in told(image_model, IMAGE_TO_VIDEO)


@pytest.mark.parametrize("name", ["MyPipeline", "UNet2DConditionModel", "utils", "__version__"])
def test_a_pipeline_that_diffusers_lacks_is_refused(
    image_model: Path, copied: Callable[[Path], Path], name: str
) -> None:
    model = copied(image_model)
    index = json.loads((model / INDEX).read_text())
    (model / INDEX).write_text(json.dumps(index | {"_class_name": name}))
    assert f"found {name!r}, which diffusers" in told(model, TEXT_TO_IMAGE)


@pytest.mark.parametrize("library", ["os", "subprocess", "my_unet", "diffusers.utils", "../evil"])
def test_components_of_other_libraries_are_refused(
    image_model: Path, copied: Callable[[Path], Path], library: str
) -> None:
    model = copied(image_model)
    index = json.loads((model / INDEX).read_text())
    (model / INDEX).write_text(json.dumps(index | {"unet": [library, "UNet2DConditionModel"]}))
    assert f"found some of {library}; no other code is run" in told(model, TEXT_TO_IMAGE)


def test_components_that_a_pipeline_of_diffusers_brings_are_taken(
    image_model: Path, copied: Callable[[Path], Path]
) -> None:
    model = copied(image_model)
    index = json.loads((model / INDEX).read_text())
    index["unet"] = ["stable_diffusion", "UNet2DConditionModel"]
    (model / INDEX).write_text(json.dumps(index))
    assert check_model(model, TEXT_TO_IMAGE).libraries >= {"stable_diffusion"}


def test_missing_packages_are_named_with_what_installs_them(
    image_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "PACKAGES", ("torch", "no_such_package"))
    assert told(image_model, TEXT_TO_IMAGE) == (
        f"{image_model}: to run a model of diffusers, expected the packages torch, "
        "no_such_package, found no no_such_package; install them: pip install 'scenegen[diffusers]'"
    )


def test_what_a_library_cannot_read_is_told(
    image_model: Path, copied: Callable[[Path], Path]
) -> None:
    model = copied(image_model)
    config = model / "unet" / "config.json"
    settings: dict[str, Any] = json.loads(config.read_text())
    config.write_text(json.dumps(settings | {"block_out_channels": [8, 8]}))
    with pytest.raises(GenerateError, match=f"^{model}: could not be read .*; copy the whole"):
        DiffusersTextToImage(check_folder(model))


def test_numbers_that_are_none_become_no_picture(
    image_model: Path, copied: Callable[[Path], Path]
) -> None:
    from safetensors.numpy import load_file, save_file

    model = copied(image_model)
    weights = model / "vae" / "diffusion_pytorch_model.safetensors"
    values = load_file(weights)
    values["decoder.conv_out.bias"][:] = np.nan
    save_file(values, weights, {"format": "pt"})
    with (
        DiffusersTextToImage(check_folder(model)) as painter,
        pytest.raises(GenerateError, match="expected colours, found numbers that are none"),
    ):
        painter.picture(Order("a", Shape(32, 32), 0, 1), silent)


@pytest.mark.parametrize("build", [tiny.images, tiny.videos, tiny.spoken_videos])
def test_numbers_of_a_gpu_go_through_every_pipeline(
    build: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check_folder(build(tmp_path / "model"))
    gpu = place(tmp_path, found.parameters, Machine(10**9, 10**9))
    monkeypatch.setattr(loading, "place", lambda *_: Place("cpu", gpu.dtype))
    small = Shape(32, 32, 9 if build is tiny.spoken_videos else 4)
    if build is tiny.images:
        with DiffusersTextToImage(found) as painter:
            made = painter.picture(Order("a", Shape(32, 32), 1, 2), silent)
    else:
        with DiffusersImageToVideo(found) as filmer:
            made = filmer.video(GREY[:32, :32], Order("a", small, 1, 2), silent)
    assert made.std() > 1
    assert gpu.dtype == ("bfloat16" if build is tiny.spoken_videos else "float16")


def test_half_precision_files_are_read(image_model: Path, copied: Callable[[Path], Path]) -> None:
    model = copied(image_model)
    for file in list(model.rglob("*.safetensors")):
        file.rename(file.with_suffix(".fp16.safetensors"))
    with DiffusersTextToImage(check_folder(model)) as painter:
        made = painter.picture(Order("a tower", Shape(32, 32), 1, 1), silent)
    with DiffusersTextToImage(check_folder(image_model)) as painter:
        assert (made == painter.picture(Order("a tower", Shape(32, 32), 1, 1), silent)).all()


def test_the_libraries_stay_as_talkative_as_they_were() -> None:
    of_diffusers = import_module("diffusers.utils.logging")
    of_transformers = import_module("transformers.utils.logging")
    before = [one.get_verbosity() for one in (of_diffusers, of_transformers)]
    with loading.quiet():
        assert of_diffusers.get_verbosity() == 50
        assert not of_diffusers.is_progress_bar_enabled()
    assert [one.get_verbosity() for one in (of_diffusers, of_transformers)] == before
    assert of_diffusers.is_progress_bar_enabled()
