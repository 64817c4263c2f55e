"""Where in a text the camera moves: the names of moves, told from other things so called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from scenegen.worlds.reading.lexicon import moves
from scenegen.worlds.reading.lexicon.grammar import ASIDE, INSIDE
from scenegen.worlds.reading.senses import LONGEST, Phrase, closed, phrases_of
from scenegen.worlds.reading.words import Word

_CONNECTORS = frozenset(moves.CONNECTORS.split())
_ALONE = frozenset(moves.ALONE.split())
_STARTERS = frozenset(moves.STARTERS.split())
_PLACES = frozenset(f"{INSIDE} {ASIDE} through over up down out off away ahead into from".split())
_BEFORE = frozenset(moves.BEFORE.split())


@dataclass
class Found:
    """A move by its words ``start`` to ``end``."""

    move: str
    start: int
    end: int
    strong: bool
    also: list[Found] = field(default_factory=list)
    """Moves that only say more of it: the rising of a rising orbit."""


@dataclass
class Clause:
    """Words ``start`` to ``end`` between breaks, and the moves in them."""

    start: int
    end: int
    connector: str = ""
    moves: list[Found] = field(default_factory=list)
    speaks: bool = False
    """Whether it speaks of the camera."""


@cache
def table(name: str) -> Mapping[Phrase, str]:
    """Return a table of `lexicon.moves`, turned around."""
    listed: Mapping[str, str] = getattr(moves, name)
    return {phrase: value for value, words in listed.items() for phrase, _ in phrases_of(words)}


def found_at(words: Sequence[Word], at: int, end: int, name: str) -> tuple[str, int] | None:
    """Return the value of the longest phrase of a table that begins at a word, and its length."""
    for count in range(min(LONGEST, end - at), 0, -1):
        for form in ("lemma", "plain"):
            value = table(name).get(tuple(getattr(word, form) for word in words[at : at + count]))
            if value is not None:
                return value, count
    return None


def clauses_of(words: Sequence[Word]) -> list[Clause]:
    """Return the clauses of a text with the moves of the camera in them."""
    clauses = _split(words)
    moved = carried = False
    for clause in clauses:
        clause.speaks = carried or any(
            tuple(word.lemma for word in words[at : at + count]) in closed("CAMERA")
            for at in range(clause.start, clause.end)
            for count in (1, 2, 3)
        )
        only = [words[at].lemma for at in range(clause.start, clause.end)]
        carried = clause.speaks and all((lemma,) in closed("CAMERA") for lemma in only)
        at = clause.start
        while at < clause.end:
            one = _move_at(words, at, clause, moved)
            if one is not None:
                clause.moves.append(one)
                moved = True
            at = one.end if one is not None else at + 1
    return clauses


def _split(words: Sequence[Word]) -> list[Clause]:
    clauses: list[Clause] = []
    for at, word in enumerate(words):
        connects = word.lemma in _CONNECTORS
        if not clauses or word.gap or connects:
            if clauses and connects and clauses[-1].start == at - 1 and not word.gap:
                clauses[-1].connector = word.lemma  # and then
            else:
                clauses.append(Clause(at, at, word.lemma if connects else ""))
        clauses[-1].end = at + 1
    return clauses


def _move_at(words: Sequence[Word], at: int, clause: Clause, moved: bool) -> Found | None:
    strong = found_at(words, at, clause.end, "STRONG")
    weak = found_at(words, at, clause.end, "WEAK")
    if strong and not (weak and weak[1] > strong[1]):
        return Found(strong[0], at, at + strong[1], True)
    if weak and _meant(words, at, at + weak[1], clause, moved):
        return Found(weak[0], at, at + weak[1], False)
    return None


def _meant(words: Sequence[Word], at: int, end: int, clause: Clause, moved: bool) -> bool:
    """Whether a weak word moves the camera where it stands."""
    before = [word.lemma for word in words[clause.start : at]]
    after = words[end].lemma if end < clause.end else ""
    directed = end < clause.end and found_at(words, end, clause.end, "DIRECTION") is not None
    slow = any((lemma,) in table("SPEED") for lemma in before)
    follows = not after or directed or after in _PLACES or (after,) in table("SPEED")
    nounish = words[at].lemma in closed_words("NOUNISH") and end == at + 1
    if nounish:
        article = bool(set(before) & _STARTERS)
        if not (clause.speaks or clause.moves or directed or slow or (moved and clause.connector)):
            return False
        named = clause.speaks and _camera_before(words, at, clause)
        if named:
            return True
        return (follows or after in ("shot", "move")) and (slow or clause.speaks or not article)
    if clause.speaks and (not clause.moves or words[at - 1].lemma == "and" or follows):
        return not words[at].plural or _camera_before(words, at, clause)
    if moved and (clause.connector or clause.moves):
        return follows or after in _STARTERS
    first = all(lemma in _BEFORE or (lemma,) in table("SPEED") for lemma in before)
    if not first or words[at].lemma not in _ALONE or words[at].plural:
        return False
    return follows or (after in _STARTERS and end > at)


def _camera_before(words: Sequence[Word], at: int, clause: Clause) -> bool:
    """Whether the camera is what rises: in ``a drone, the hill rises`` it is not."""
    lemmas = {(word.lemma,) for word in words[clause.start : at]}
    return bool(lemmas & closed("CAMERA"))


def closed_words(name: str) -> frozenset[str]:
    """Return a list of single words of `lexicon.moves`."""
    return frozenset(getattr(moves, name).split())
