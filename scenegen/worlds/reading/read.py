"""From a sentence to a `WorldSpec`: what it says, what was not understood, what was decided."""

from __future__ import annotations

from typing import Any

from scenegen.errors import WorldError
from scenegen.worlds.reading.camera import camera_of
from scenegen.worlds.reading.match import matched
from scenegen.worlds.reading.mentions import mentions_of
from scenegen.worlds.reading.negation import negated
from scenegen.worlds.reading.scene import Scene
from scenegen.worlds.reading.site import site_of
from scenegen.worlds.reading.sky import Sky, sky_of
from scenegen.worlds.reading.spelling import mended
from scenegen.worlds.reading.telling import (
    absent_anyway,
    guesses,
    heard_said,
    likenesses,
    nothing_said,
    subject_of,
    text_of,
    things_not_made,
    without_effect,
    without_field,
)
from scenegen.worlds.reading.words import MOST_WORDS, words_of
from scenegen.worlds.spec import WorldSpec

_EXAMPLE = "'a foggy pine valley at dawn, a river, slow crane shot'"
_KEPT = 20_000


def read_sentence(text: str, seed: int = 0) -> WorldSpec:
    """Return the world that an English text describes.

    The same text gives the same spec. What nothing came of is in its ``not_understood``, and what
    was decided where the text is doubtful in its ``choices``.

    Raises:
        WorldError: the text is empty, or says nothing that a world has; a word is not in the
            lexicon and the sentence model is not installed.
    """
    text = text.encode(errors="replace").decode()
    words, total = words_of(text)
    if not words:
        raise WorldError(
            f"sentence: expected words such as {_EXAMPLE}, found none; say what is to be seen"
        )
    notes = [f"of {total:,} words the first {len(words)} are read"] if total > MOST_WORDS else []
    plain = " ".join(word.text for word in words)
    words, mendings = mended(words)
    denied = negated(words)
    camera = camera_of(words, denied)
    found = matched(words, camera.taken)
    read = mentions_of(words, found, denied)
    said = {item.start: text_of(words, item) for item in found.items}
    hinted, heard = things_not_made(words, found)
    unknown = sorted({*found.unknown, *hinted})
    site = site_of(read, said, plain)
    if site is None:
        raise WorldError(nothing_said(words, unknown))
    scene = Scene(read, said, site.setting)
    stated = _stated(scene, sky_of(words, found.items, denied, site.setting))
    notes += [*mendings, *guesses(found, said), *likenesses(read, said, site.setting)]
    notes += [*site.choices, *scene.choices, *camera.choices]
    notes += absent_anyway(words, unknown, denied)
    heard += [*(words[at].text for at in found.qualities), *scene.heard]
    heard += without_effect(read, said)
    more, vain = without_field(read, said, stated, [*notes, *map(repr, heard)])
    notes += [*heard_said([*heard, *more]), *(f"not {word!r}: no field says that" for word in vain)]
    return WorldSpec(
        sentence=text[:_KEPT],
        seed=seed,
        camera=tuple(camera.shots),
        subject=subject_of(found, camera.subject_from),
        not_understood=tuple(
            dict.fromkeys(words[at].text.lower() for at in unknown if not denied[at])
        ),
        choices=tuple(dict.fromkeys(notes)),
        **stated,
    )


def _stated(scene: Scene, sky: Sky) -> dict[str, Any]:
    """Return what the world is made of, and its air; what was decided is in ``scene.choices``."""
    stated = {
        "setting": scene.setting,
        "terrain": scene.terrain(sky.snow_cover),
        "vegetation": scene.vegetation(),
        "water": scene.water(),
        "props": scene.props(),
        "season": sky.season,
        "time": sky.time,
        "weather": sky.weather,
        "mood": sky.mood,
    }
    scene.choices[:0] = sky.choices
    return stated
