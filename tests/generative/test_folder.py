"""What is read of a model's folder, and what is refused before any library sees it."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scenegen.errors import GenerateError
from scenegen.generative.folder import INDEX, check_folder

Copied = Callable[[Path], Path]


def edited(folder: Path, **changes: object) -> Path:
    index = json.loads((folder / INDEX).read_text()) | changes
    (folder / INDEX).write_text(json.dumps(index))
    return folder


def test_a_folder_is_known_by_its_pipeline_and_the_size_of_its_parts(image_model: Path) -> None:
    diffusers = pytest.importorskip("diffusers")
    found = check_folder(image_model)
    assert (found.pipeline, found.variant) == ("StableDiffusionPipeline", None)
    assert found.libraries == {"diffusers", "transformers"}
    assert found.parameters.keys() == {"unet", "vae", "text_encoder"}
    unet = diffusers.UNet2DConditionModel.from_pretrained(image_model / "unet")
    assert found.parameters["unet"] == unet.num_parameters()


def test_a_changed_file_changes_the_fingerprint(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    before = check_folder(model).fingerprint
    assert check_folder(model).fingerprint == before
    file = model / "scheduler" / "scheduler_config.json"
    file.write_text(file.read_text() + " ")
    assert check_folder(model).fingerprint != before


def test_half_precision_files_alone_are_a_variant(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    for file in model.rglob("*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert check_folder(model).variant == "fp16"


def test_plain_weights_go_before_a_variant_and_pickles(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    for file in list(model.rglob("*.safetensors")):
        shutil.copy(file, file.with_suffix(".fp16.safetensors"))
        file.with_suffix(".bin").write_bytes(pickle.dumps({}))
    found = check_folder(model)
    assert (found.variant, found.parameters) == (None, check_folder(image_model).parameters)


def told(folder: Path) -> str:
    with pytest.raises(GenerateError) as error:
        check_folder(folder)
    return str(error.value)


def test_pickled_weights_are_refused_unread(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    weights = model / "unet" / "diffusion_pytorch_model.safetensors"
    weights.unlink()
    weights.with_suffix(".bin").write_bytes(b"cos\nsystem\n(S'touch FOUND'\ntR.")
    assert told(model).startswith(
        f"{model}/unet/diffusion_pytorch_model.bin: expected weights as .safetensors, found "
        "pickled ones, which can run code when they are read; take a folder"
    )


@pytest.mark.parametrize("place", ["pipeline.py", "unet/my_unet.py", "tokenizer/native.so"])
def test_code_is_refused(image_model: Path, copied: Copied, place: str) -> None:
    model = copied(image_model)
    (model / place).write_text("raise SystemExit")
    assert told(model).startswith(f"{model}/{place}: expected weights and settings, found code")


def test_names_of_code_are_refused(image_model: Path, copied: Copied) -> None:
    model = edited(copied(image_model), _class_name=["my_pipeline", "MyPipeline"])
    assert "found one with code of its own (my_pipeline, MyPipeline)" in told(model)
    config = model / "text_encoder" / "config.json"
    edited(model, _class_name="StableDiffusionPipeline")
    settings = json.loads(config.read_text()) | {"auto_map": {"AutoModel": "a/b--evil.Model"}}
    config.write_text(json.dumps(settings))
    assert told(model).startswith(f"{config}: expected settings, found that they name code")


def test_folders_that_are_no_models_are_told(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    assert "expected the folder of a diffusers pipeline, found nothing there" in told(
        model / "absent"
    )
    assert "found a file" in told(model / INDEX)
    assert f"expected a diffusers pipeline, with {INDEX} in it, found none" in told(model / "unet")
    assert "expected [library, class], found ['diffusers']" in told(
        edited(model, vae=["diffusers"])
    )
    edited(model, vae=["diffusers", "AutoencoderKL"], unet=["diffusers", "UNet2DConditionModel"])
    shutil.rmtree(model / "vae")
    assert "expected the folder 'vae', which model_index.json names, found none" in told(model)
    edited(model, vae=[None, None], unet=[None, None], text_encoder=[None, None])
    assert "expected weights in it, found none" in told(model)
    (model / INDEX).write_text("[1")
    assert "not valid JSON" in told(model)
    (model / INDEX).write_text("[]")
    assert "expected a mapping with _class_name" in told(model)


@pytest.mark.parametrize("part", ["../images", "/tmp", "unet/../vae"])  # noqa: S108
def test_components_do_not_leave_the_folder(image_model: Path, copied: Copied, part: str) -> None:
    model = edited(copied(image_model), **{part: ["diffusers", "AutoencoderKL"]})
    assert f"expected the folder {part!r}, which model_index.json names" in told(model)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"\x10", "a file that is none or is cut short"),
        (b"\xff" * 100, "a file that is none or is cut short"),
    ],
)
def test_weights_that_are_none_are_told(
    image_model: Path, copied: Copied, data: bytes, said: str
) -> None:
    model = copied(image_model)
    (model / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(data)
    assert said in told(model)


def test_weights_that_are_cut_short_are_told(image_model: Path, copied: Copied) -> None:
    model = copied(image_model)
    weights = model / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "is cut short" in told(model)
