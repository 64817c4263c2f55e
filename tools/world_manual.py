"""Write docs/imagine.md: what a sentence can say, out of the lexicon and the spec's own words.

python tools/world_manual.py
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from scenegen.generative.config import GenerateConfig
from scenegen.generative.loading import INSTALL, PACKAGES
from scenegen.worlds import spec as words
from scenegen.worlds.files import shown_text
from scenegen.worlds.reading.lexicon import air, moves, places, things
from scenegen.worlds.reading.read import read_sentence
from scenegen.worlds.reading.words import MOST_WORDS
from scenegen.worlds.spec import Prop, Terrain, Vegetation, Words, WorldSpec

FILE = Path(__file__).resolve().parent.parent / "docs" / "imagine.md"
EXAMPLE = (
    "a quiet plaza at noon with a fountain, no benches, five red market stalls and a dragon, "
    "slow half orbit around the fountain"
)
MOST_NAMES = 14

HEAD = """\
# From a sentence to a clip

    scenegen imagine "a foggy pine valley at dawn, a river, slow crane shot" --output clip.mp4
    scenegen imagine "a plaza with a fountain" --show > plaza.yaml    # what is understood; edit it
    scenegen imagine plaza.yaml --output clip.mp4

It needs the extra `worlds` (`pip install 'scenegen[worlds]'`), and neither a network nor a GPU.

1. The sentence is **read** into a spec: a page of YAML that says all that was understood.
2. The spec is **built**: ground, water, plants, buildings and rooms, light and air, by code of
   ours.
3. The camera's way is **planned** in the world's true geometry, by the path language.
4. A path tracer takes **photos** around that way, with their true depth and normals.
5. The photos become a scene, and the scene a clip, as any photos do (`scenegen lift`, `render`).

All of it stays beside the clip: `clip.scenegen/world.yaml`, the photos in `capture/`, the `scene/`,
`path.json`. The same command goes on where it was stopped. Everything that the words leave open
follows from `--seed`: the same seed is the same world, another seed another one.

This page is written by `tools/world_manual.py` out of the lexicon, `scenegen/worlds/reading/`, and
the spec, `scenegen/worlds/spec.py`.

## What a sentence can say

English, in any order and in as many clauses as you like; the first MOST_WORDS words are read. The
lists show what comes of words and the usual names of it; singular, plural and small mistakes of
spelling do not matter. Words that are in no list are taken for the nearest in meaning that is, or
said to be not understood. What is marked \\* is made like something else, and that is said.
"""

CAMERA = """\
### The camera's moves

They become shots of [the path language](paths.md), in the order in which they are said; the spec's
`camera` takes all of that language. `slow`, `for 5 seconds`, `to the left`, `half circle`, `35 mm`
and `handheld` say more of a move.
"""

RULES = """\
## Numbers, colours, negation

- `five red market stalls`, `a dozen birches`: numbers, colours and materials belong to the thing
  that they stand by. Only things are counted, up to 60 of a kind; of plants there are *none*,
  *some*...
- `no trees`, `without a church`, `treeless`, `the fog has lifted`: is not there.
- `7 pm`, `half past six`: the time of day, by the season.
- `a forest and a city street`: a world is one place; one of them is taken, and that is said.
- `sunny midnight`, `rain and fog`, `snow in the desert`: what cannot be both is decided, and said.

## What is not understood

Nothing is dropped silently. `--show` writes remarks below the spec, and a run says them as well:

- `not understood: "dragon"`: no world has it. Animals, people, vehicles, and what happens (somebody
  walks, a door opens) are not made: nothing moves in a world but the camera.
- `decided: ...`: two things were said, or one that is only made alike, or a setting that was not
  named; the line says what was taken.
- `decided: heard, but a world has no word for it: 'old'`: qualities of which nothing comes.

A text that names no place at all is an error, with the settings that there are. Other languages are
not read.
"""

SPEC = """\
## The spec

`--show` prints it, and a file of it is taken in the sentence's place. This is what is read of
"EXAMPLE":

SHOWN

What a spec leaves out, its setting decides. Wrong words, types and values are errors with their
line; files are data: tags that would run code, aliases without end and binary files are refused.
"""

TRUTH = """\
## How much of it is true

The world is known, so the film is measured against it. The photos' true depth (metres along the
optical axis, 32-bit float) and normals are kept in `capture/true_depth` and `capture/true_normals`;
three frames of the film are path-traced as well, and `world_psnr_db` in `--report` is the PSNR of
the film's frames against them. What the field gets wrong of the world, and what few photos saw, is
in that figure; noise of the tracer, small at its default samples, is too.
"""

MODELS = """\
## Large models, when you have them

    scenegen imagine "a foggy valley" --images-from models/sdxl --video-from models/svd -o clip.mp4
    scenegen imagine "a foggy valley" --images-from models/sdxl -o view.png
    scenegen imagine "a foggy valley" --first-view view.png --video-from models/svd -o clip.mp4

A text-to-image model makes the first view out of the sentence, an image-to-video model makes the
clip out of the first view, and no world is built: **there is no 3D scene behind such a clip**, the
models make up every frame, and nothing keeps a place as it was when the camera comes back to it.
The report says `"made_by": "models", "is_3d": false`. For a camera that goes where you say, take a
world.

Models are folders of [diffusers](https://huggingface.co/docs/diffusers) on this machine: those that
hold `model_index.json`. `INSTALL` brings what runs them (PACKAGES).

OPTIONS

- **Trust**: nothing of a folder is executed. Folders with code (`.py`, `.so`), that name code
  (`auto_map`, pipelines of their own) or whose only weights are pickles (`.bin`, `.ckpt`, `.pt`)
  are refused; components come from diffusers and transformers alone, weights are read as
  safetensors. Nothing is fetched: a model that is not there whole is an error.
- **Which**: any pipeline of diffusers that takes words and a size and gives a picture, or that
  takes a picture, a size and a number of frames and gives a video.
- **Size**: a model makes pictures of the area that it was trained for, in the clip's aspect and in
  multiples of what it takes (a U-Net with four levels: 64 pixels); they are then cut evenly and
  scaled to `--width` and `--height`. The report has both sizes.
- **Length**: a video model makes its own number of frames at once. For `--seconds` at `--fps` it
  runs as often as it takes, each time from the last frame of the run before; details drift from run
  to run, and the motion may change where they meet. Models that take a frame rate are told `--fps`;
  others have one of their own (Wan 16, CogVideoX 8), at which they should be shown.
- **Words** beyond what a model's tokenizer takes (77 tokens for CLIP) are not read, and the command
  says which. Stable Video Diffusion reads none.
- **Machine**: a CUDA GPU where there is one, in float16 (U-Nets) or bfloat16 (transformers), a
  component at a time where its memory is too small for all; otherwise the CPU, in float32, or
  transformers in bfloat16 where memory is short. A model that does not fit is refused before it is
  read. On a CPU expect minutes for a picture and hours for a video; the bar shows the time left.
- **Again**: the same words, seed, models and versions of packages on the same machine give the same
  pixels. The first view and each finished run are kept in `clip.scenegen`; the command goes on
  there.
- **Left out**: guidance, negative words, LoRA, schedulers and few-step models that want their own
  settings (`--denoise-steps` sets the number of steps, nothing sets the guidance).

In Python, `scenegen.generative.backend` has the two protocols, `TextToImage` and `ImageToVideo`,
and `scenegen.generative.diffusers_models` what fulfils them with diffusers.

**Not run with real weights.** The tests build small pipelines with random weights (Stable
Diffusion, Stable Video Diffusion, LTX-Video), save them, and run them on the CPU: what is proven is
that folders are read and refused as said, that arguments, sizes, frames, seeds and progress are
right, and that clips come out. How the large models' pictures look, what memory and time they take,
and the way through CUDA have not been tried.
"""


def main() -> None:
    """Write the manual."""
    FILE.write_text(manual())


def manual() -> str:
    """Return the manual as Markdown."""
    parts = [HEAD.replace("MOST_WORDS", str(MOST_WORDS)), *_vocabulary(), RULES, *_spec(), TRUTH]
    options = "| option | |\n|---|---|\n" + "\n".join(_options())
    parts += [
        MODELS.replace("OPTIONS", options)
        .replace("INSTALL", INSTALL)
        .replace("PACKAGES", ", ".join(PACKAGES))
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _vocabulary() -> Iterator[str]:
    grown = {"trees of any kind": places.PLANTS["trees"], "all that grows": places.PLANTS["plants"]}
    yield from _names("Settings", places.SETTING, get_args(words.Setting))
    yield from _names("Time of day", air.TIME, get_args(words.Time))
    yield from _names(
        "Season", air.SEASON | {"spring": f"spring, {air.SEASON['spring']}"}, get_args(words.Season)
    )
    yield from _names("Weather", air.WEATHER | {"snow that lies": air.SNOW_COVER})
    yield from _names("Mood: tints light and colours", air.MOOD, get_args(words.Mood))
    yield from _names("The ground: relief", places.RELIEF, get_args(words.Relief))
    yield from _names("The ground: cover", places.GROUND, get_args(words.Ground))
    yield from _names("Water", places.WATER)
    yield from _names("What grows", places.PLANT | grown)
    yield from _names("How much of it grows", places.DENSITY)
    yield from _names("Buildings and things", things.PROP, get_args(words.Kind))
    yield from _names("What they are made of", things.MATERIAL, get_args(words.Material))
    yield from _names("Their colours", things.COLOR, get_args(words.Color))
    yield CAMERA
    yield from _names("", moves.STRONG)


def _names(title: str, table: Mapping[str, str], order: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a table of what comes of words, with the most usual names of each."""
    if title:
        yield f"### {title}\n"
    yield "| is | names |\n|---|---|"
    for value in order or table:
        names = re.split(r",\s*", table[value])
        shown = [f"{name[1:]}\\*" if name.startswith("~") else name for name in names]
        more = ", ..." if len(names) > MOST_NAMES else ""
        yield f"| **{value}** | {', '.join(shown[:MOST_NAMES])}{more} |"
    yield ""


def _spec() -> Iterator[str]:
    read = read_sentence(EXAMPLE)
    shown = "\n".join(f"    {line}" for line in shown_text(read).splitlines())
    yield SPEC.replace("EXAMPLE", EXAMPLE).replace("SHOWN", shown)
    yield from _fields(WorldSpec)
    for name, kind in (("terrain", Terrain), ("vegetation", Vegetation), ("props", Prop)):
        yield f"\nEach of the `{name}`:\n" if name == "props" else f"\n`{name}`:\n"
        yield from _fields(kind)
    yield ""


def _fields(kind: type[Words]) -> Iterator[str]:
    """Yield a table of what a spec states: word, values, meaning."""
    yield "| word | values | |\n|---|---|---|"
    for name, field in kind.model_fields.items():
        text = " ".join((field.description or "").split()).replace("``", "`")
        yield f"| `{field.alias or name}` | {_values(field.annotation)} | {text} |"


def _values(annotation: Any) -> str:
    """Return what a field's type takes, in words."""
    inner = [kind for kind in get_args(annotation) if kind not in (NoneType, Ellipsis)]
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if get_origin(annotation) is Annotated:
        return _values(inner[0])
    if get_origin(annotation) is tuple:
        return f"a list of {_values(inner[0])}"
    if NoneType in get_args(annotation):
        return _values(inner[0])
    if inspect.isclass(annotation) and issubclass(annotation, Words):
        return "props, see below" if annotation is Prop else "see below"
    plain = {str: "text", int: "a whole number", bool: "`true`, `false`"}
    return plain.get(annotation, "shots")


def _options() -> Iterator[str]:
    """Yield the options for models, out of what stands below each field of their config."""
    (config,) = ast.parse(textwrap.dedent(inspect.getsource(GenerateConfig))).body
    body = getattr(config, "body", [])
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            name = ast.unparse(field.target).replace("_", "-")
            yield f"| `--{name}` | {' '.join(ast.literal_eval(below.value).split())} |"


if __name__ == "__main__":
    main()
