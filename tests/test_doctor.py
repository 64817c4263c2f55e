"""What the doctor finds on this machine, and what it says of a machine that lacks something."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scenegen import doctor, kernels
from scenegen.cli import main

ROOT = Path(__file__).resolve().parent.parent


def test_the_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert doctor.EXTRAS.keys() == project["optional-dependencies"].keys()


def test_this_machine_can_make_clips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--report", str(tmp_path / "doctor.json")]) == 0
    shown, said = capsys.readouterr()
    assert said == ""
    assert f"instruction set  {kernels.instruction_set()}\n" in shown
    facts = json.loads((tmp_path / "doctor.json").read_text())
    assert facts["cores"] >= 1
    assert facts["encoders"]["H.264"] is True
    assert facts["broken"] == []


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.metadata.version

    def version(package: str) -> str:
        if package == "pillow-heif":
            raise importlib.metadata.PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert main(["doctor"]) == 0
    assert "photos in HEIC: pip install 'scenegen[heic]'\n" in capsys.readouterr().out


def test_missing_kernels_and_encoders_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> str:
        raise ImportError("no module named _native")

    monkeypatch.setattr(kernels, "instruction_set", broken)
    monkeypatch.setattr(doctor, "ENCODERS", {"libnothing": "H.264"})
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "The C++ kernels cannot be loaded (no module named _native); run `make setup` again.",
        "PyAV has no H.264 encoder; install its wheel: pip install --force-reinstall av",
    ]


class Driver:
    """NVIDIA's driver library, as far as the doctor calls it."""

    def cuInit(self, flags: int) -> int:  # noqa: N802 - NVIDIA's name
        return flags

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: N802 - NVIDIA's name
        ctypes.cast(count, ctypes.POINTER(ctypes.c_int))[0] = 2
        return 0

    def cuDeviceGetName(  # noqa: N802 - NVIDIA's name
        self, name: ctypes.Array[ctypes.c_char], length: int, device: int
    ) -> int:
        assert length == 256
        name.value = f"GPU {device}".encode()
        return 0


def test_cuda_devices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Driver())
    assert doctor.cuda_devices() == ["GPU 0", "GPU 1"]


def test_no_driver_means_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert doctor.cuda_devices() == []
