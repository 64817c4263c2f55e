"""Which setting a text speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from scenegen.worlds.reading.meaning import nearest_setting
from scenegen.worlds.reading.mentions import Mention, Read
from scenegen.worlds.spec import SETTINGS, Setting

_NAMED, _HINTED = 3.0, 1.0
"""What a setting's name and a hint at it count for."""

_LIKE = 0.35
"""Likeness from which on a text that names no thing at all means a setting."""

_OWN = frozenset({"water", "plant", "prop", "relief", "ground", "plants", "season", "snow"})


@dataclass
class Evidence:
    """What speaks for a setting; ``named`` are the mentions that name it."""

    score: float = 0.0
    named: list[Mention] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Chosen:
    """The setting, and what was decided about it."""

    setting: Setting
    choices: list[str]


def evidence_of(read: Read, said: dict[int, str]) -> tuple[dict[Setting, Evidence], set[Setting]]:
    """Return what speaks for each setting, and the settings that are denied.

    ``said`` holds the words of an item by its start.
    """
    found = {setting: Evidence() for setting in SETTINGS}
    denied: set[Setting] = set()
    for mention in read.mentions:
        for sense in mention.item.senses:
            if sense.field not in ("setting", "hint"):
                continue
            one = found[cast(Setting, sense.value)]
            if mention.denied:
                if sense.field == "setting":
                    denied.add(cast(Setting, sense.value))
                continue
            named = sense.field == "setting"
            weight = mention.weight * (0.5 if mention.item.guessed else 1.0)
            one.score += weight * (_NAMED if named else _HINTED)
            if named:
                one.named.append(mention)
            else:
                one.hints.append(said[mention.item.start])
    for item in [item for mention in read.mentions for items in mention.said.values()
                 for item in items] + read.loose:  # fmt: skip
        for sense in item.senses:
            if sense.field == "hint":
                found[cast(Setting, sense.value)].score += 0.5 * _HINTED
                found[cast(Setting, sense.value)].hints.append(said[item.start])
    return found, denied


def site_of(read: Read, said: dict[int, str], sentence: str) -> Chosen | None:
    """Return the setting of a text; None where it means none, not even nearly."""
    found, denied = evidence_of(read, said)
    allowed = [setting for setting in SETTINGS if setting not in denied] or list(SETTINGS)
    most = max(found[setting].score for setting in allowed)
    alike = [setting for setting in allowed if found[setting].score == most]
    best = alike[0]
    if most and len(alike) > 1 and not found[best].named:
        best = nearest_setting(sentence, alike, least=-1.0) or best
    if not most:
        nearest = nearest_setting(sentence, allowed, least=-1.0 if read.mentions else _LIKE)
        if nearest is None:
            return None
        return Chosen(nearest, [f"no setting is named: {nearest}, which is nearest by its meaning"])
    choices = [] if found[best].named else [_unnamed(best, found[best])]
    choices += _denials(denied, found)
    for setting in SETTINGS:
        for mention in found[setting].named if setting != best else ():
            fields = {sense.field for sense in mention.item.senses}
            both = any(
                sense.field == "setting" and sense.value == best for sense in mention.item.senses
            )
            if not (both or fields & _OWN or mention.item.guessed):
                word = said[mention.item.start]
                choices.append(f"{word!r} would be another setting ({setting}): {best} is taken")
    return Chosen(best, choices)


def _unnamed(setting: Setting, evidence: Evidence) -> str:
    words = ", ".join(repr(word) for word in dict.fromkeys(evidence.hints))
    return f"no setting is named: {setting}, for {words}"


def _denials(denied: set[Setting], found: dict[Setting, Evidence]) -> Sequence[str]:
    return [
        f"{setting} is named and denied: it is not taken"
        for setting in SETTINGS
        if setting in denied and found[setting].named
    ]
