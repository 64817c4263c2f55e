"""Check the kernels without Python: under sanitizers, or for NEON on an emulated processor."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
X86_SETS = ("baseline", "avx2", "avx512")
SANITIZERS = ("address,undefined", "thread")
CROSS_COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


def build(folder: Path, *options: str) -> Path:
    """Compile the driver into ``folder`` with CMake ``options``; return the program."""
    command = ["cmake", "-S", str(ROOT), "-B", str(folder), "-DSCENEGEN_DRIVER=ON", *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    jobs = str(os.cpu_count() or 1)
    command = ["cmake", "--build", str(folder), "--parallel", jobs]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "driver"


def drive(*command: str | Path, instruction_set: str = "") -> bool:
    """Run a driver; return False where this processor has no such ``instruction_set``."""
    environment = {**os.environ, "SCENEGEN_ISA": instruction_set}
    done = subprocess.run([str(word) for word in command], env=environment, stderr=subprocess.PIPE)
    if done.returncode == 0:
        return True
    said = done.stderr.decode()
    if "expected an instruction set of this processor" in said:
        print(f"{instruction_set}: this processor has none, left out")
        return False
    sys.exit(f"tools/drive_kernels.py: {' '.join(str(word) for word in command)}:\n{said}")


def sanitize(folder: Path) -> None:
    """Every kernel of every instruction set under ASan with UBSan and under TSan."""
    sets = X86_SETS if platform.machine() in ("x86_64", "AMD64") else ("",)
    for sanitizers in SANITIZERS:
        driver = build(folder / sanitizers.replace(",", "-"), f"-DSCENEGEN_SANITIZE={sanitizers}")
        for name in sets:
            found = [driver.with_name(f"{name}-{threads}.bin") for threads in (1, 4)]
            if all(
                drive(driver, "write", file, threads, instruction_set=name)
                for file, threads in zip(found, ("1", "4"), strict=True)
            ):
                drive(driver, "same", *found)
        print(f"{sanitizers}: clean")


def neon(folder: Path) -> None:
    """The NEON kernels on an emulated processor against the baseline of this one."""
    if platform.machine() in ("aarch64", "arm64"):
        print("left out: this processor has NEON, the tests run on it")
        return
    missing = [name for name in (CROSS_COMPILER, EMULATOR) if not shutil.which(name)]
    if missing:
        print(
            f"left out: expected {' and '.join(missing)} to compile for another processor and to "
            "run it; install them (Debian, Ubuntu: apt install g++-aarch64-linux-gnu qemu-user)"
        )
        return
    cross = (
        "-DCMAKE_SYSTEM_NAME=Linux",
        "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
        f"-DCMAKE_CXX_COMPILER={CROSS_COMPILER}",
        "-DCMAKE_EXE_LINKER_FLAGS=-static",
    )
    driver, emulated = build(folder / "own"), build(folder / "neon", *cross)
    expected, found, threaded = (folder / f"{name}.bin" for name in ("own", "neon", "neon-4"))
    drive(driver, "write", expected, instruction_set="baseline")
    drive(EMULATOR, emulated, "write", found)
    drive(EMULATOR, emulated, "write", threaded, "4")
    drive(driver, "same", found, threaded)
    drive(driver, "compare", found, expected)


if __name__ == "__main__":
    CHECKS = {"sanitize": sanitize, "neon": neon}
    if sys.argv[1:2] == [] or sys.argv[1] not in CHECKS:
        sys.exit("tools/drive_kernels.py: expected sanitize or neon")
    CHECKS[sys.argv[1]](ROOT / "build" / sys.argv[1])
