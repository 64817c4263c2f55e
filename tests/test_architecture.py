"""What keeps the tree readable: stages apart, light imports, pieces of a readable size."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scenegen"
STAGES = {"ingest", "worlds", "lift", "path", "render", "looks", "refine", "publish"}
SHARED = {
    "types", "errors", "files", "progress", "stated", "kernels", "generative", "encoder",
}  # fmt: skip
HEAVY = (
    "torch",
    "pycolmap",
    "scipy",
    "PIL",
    "av",
    "imageio",
    "numpy",
    "skimage",
    "mitsuba",
    "diffusers",
    "transformers",
)

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Yield the dotted names of the modules of scenegen that a file imports, wherever in it."""
    package = file.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("scenegen"))
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            if module.startswith("scenegen"):
                yield from (f"{module}.{alias.name}" for alias in node.names)


def test_the_modules_are_found() -> None:
    assert len(MODULES) > 20
    assert {path.name for path in PACKAGE.iterdir()} >= SHARED - {"types", "errors", "files"} - {
        "progress",
        "stated",
        "encoder",
    }


@pytest.mark.parametrize(
    "file",
    [file for file in MODULES if file.relative_to(PACKAGE).parts[0] in STAGES | {"generative"}],
    ids=lambda file: str(file.relative_to(PACKAGE)),
)
def test_a_stage_imports_no_other_stage(file: Path) -> None:
    own = file.relative_to(PACKAGE).parts[0]
    parts = {name.split(".")[1] for name in imported(file) if "." in name}
    assert parts <= SHARED | {own, "__version__"}


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_modules_and_functions_are_of_a_readable_size(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= 40, f"{node.name} has {lines} lines"
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            names = [argument.arg for argument in arguments if argument.arg != "self"]
            assert len(names) <= 7, f"{node.name} takes {len(names)} arguments"


def test_reading_the_command_line_imports_nothing_heavy() -> None:
    code = (
        "import sys; from scenegen.cli import main; "
        "codes = [main([]), main(['--help']), main(['walkthrough', '--help'])]; "
        f"print(codes, [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.splitlines()[-1] == "[2, 0, 0] []"


def test_importing_the_package_imports_none_of_its_stages() -> None:
    code = (
        "import sys, scenegen; "
        "print(sorted(name for name in sys.modules if name.startswith('scenegen.')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_facade_has_all_that_it_names() -> None:
    import scenegen

    for name in scenegen.__all__:
        assert getattr(scenegen, name).__name__ in (name, f"scenegen.{name}")
    with pytest.raises(AttributeError, match="no attribute 'splat'"):
        _ = scenegen.splat  # pyright: ignore[reportAttributeAccessIssue]
