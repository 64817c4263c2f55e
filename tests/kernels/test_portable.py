"""What is built for everybody runs everywhere: no instruction beyond those that a file is for."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import drive_kernels
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
WIDE = re.compile(r"%[yz]mm\d|%k[1-7]\b|\tv[a-z]+[0-9]*[ps][sd]\b")


def test_nothing_is_built_for_the_machine_that_builds() -> None:
    for name in ("CMakeLists.txt", "pyproject.toml", "Makefile"):
        assert not re.search(r"-m(arch|cpu|tune)=", (ROOT / name).read_text()), name


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the instructions of x86-64")
@pytest.mark.skipif(not shutil.which("objdump"), reason="needs objdump (apt install binutils)")
@pytest.mark.skipif(not shutil.which("cmake", path=TOOLS), reason="needs cmake")
def test_the_baseline_holds_no_wide_instruction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", TOOLS)
    drive_kernels.build(tmp_path)
    wide = {}
    for file in tmp_path.rglob("*.o"):
        code = subprocess.run(["objdump", "-d", file], capture_output=True, text=True, check=True)
        wide[file.name] = len(WIDE.findall(code.stdout))
    assert wide.pop("kernels_avx2.cpp.o") > 1000
    assert wide.pop("kernels_avx512.cpp.o") > 1000
    assert set(wide) >= {"kernels_baseline.cpp.o", "trainer.cpp.o", "driver.cpp.o"}
    assert not any(wide.values()), wide
    # The driver that came of it finds the same with one thread and with three.
    found = [tmp_path / "1.bin", tmp_path / "3.bin"]
    for file, threads in zip(found, ("1", "3"), strict=True):
        assert drive_kernels.drive(tmp_path / "driver", "write", file, threads)
    assert drive_kernels.drive(tmp_path / "driver", "same", *found)


def test_a_missing_cross_compiler_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    drive_kernels.neon(tmp_path)
    assert capsys.readouterr().out == (
        "left out: expected aarch64-linux-gnu-g++ and qemu-aarch64 to compile for another "
        "processor and to run it; install them (Debian, Ubuntu: apt install "
        "g++-aarch64-linux-gnu qemu-user)\n"
    )
