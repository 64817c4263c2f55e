"""What a text says is not there: which of its words a negation reaches."""

from __future__ import annotations

from collections.abc import Sequence

from scenegen.worlds.reading.lexicon.grammar import ASIDE, AUXILIARY, INSIDE
from scenegen.worlds.reading.senses import LONGEST, closed, senses
from scenegen.worlds.reading.words import Word

_ENDS = frozenset(f"{INSIDE} {ASIDE} with but just yet while then as that which who where".split())
_STARTS = frozenset(["a", "an", "the", "its", "their", "one", "some", "two", "three", "many"])
_AUXILIARY = frozenset(AUXILIARY.split())
_ADVERBS = frozenset(["all", "now", "long", "already"])
_LIST = 4
"""Words of a member of a list at most."""

_PASSING = frozenset(["stopped", "ceased", "lifted", "cleared", "passed", "over", "dispersed"])
_AFTERWARDS = frozenset(["after", "before"])


def negated(words: Sequence[Word]) -> list[bool]:
    """Return for every word whether a negation reaches it."""
    found = [False] * len(words)
    at = 0
    while at < len(words):
        affirmed = phrase_at(words, at, "AFFIRMATION")
        if affirmed:
            at += affirmed
            continue
        cue = phrase_at(words, at, "NEGATION")
        if cue:
            end = _scope_end(words, at + cue)
            found[at + cue : end] = [True] * (end - at - cue)
            at += cue
        elif words[at].lemma in _AUXILIARY:
            _revoke(words, at, found)
            at += 1
        elif words[at].lemma in _AFTERWARDS:
            _over(words, at + 1, found)
            at += 1
        else:
            at += 1
    return found


def phrase_at(words: Sequence[Word], at: int, name: str) -> int:
    """Return how many words the phrase of a list has that begins at a word; 0 where none does."""
    for count in range(min(LONGEST, len(words) - at), 0, -1):
        phrase = tuple(word.lemma for word in words[at : at + count])
        if phrase in closed(name) and not any(word.gap for word in words[at + 1 : at + count]):
            return count
    return 0


def _scope_end(words: Sequence[Word], start: int) -> int:
    """Return where the reach of a negation ends that begins at ``start``."""
    if start < len(words) and words[start].joined:
        return start + 1  # treeless: the tree, and nothing after it
    content = False
    for at in range(start, len(words)):
        word = words[at]
        if word.gap and at > start and not (word.gap == "," and _listed(words, at)):
            return at
        if content and (word.lemma in _ENDS or phrase_at(words, at, "EXCEPTION")):
            return at
        if content and word.lemma in _AUXILIARY | {"the"}:
            return at
        if content and word.lemma == "and" and not _goes_on(words, at + 1):
            return at
        content = content or (word.lemma,) not in closed("FUNCTION")
    return len(words)


def _listed(words: Sequence[Word], at: int) -> bool:
    """Whether a comma parts members of a list that ends with ``or`` or ``nor``."""
    since = 0
    for word in words[at:]:
        if word.gap == ".":
            return False
        since = 0 if word.gap else since + 1
        if word.lemma in ("or", "nor"):
            return True
        if since >= _LIST or word.lemma in _STARTS | _ENDS:
            return False
    return False


def _goes_on(words: Sequence[Word], at: int) -> bool:
    """Whether a thing follows ``and`` at once, so that it is denied as well."""
    if at >= len(words) or words[at].lemma in _STARTS or words[at].gap:
        return False
    for count in (2, 1):
        meant = senses().get(tuple(word.lemma for word in words[at : at + count]), ())
        if meant:
            return all(
                sense.field in ("prop", "plant", "plants", "hint", "water") for sense in meant
            )
    return (words[at].lemma,) not in closed("FUNCTION") | closed("QUALITY")


def _revoke(words: Sequence[Word], at: int, found: list[bool]) -> None:
    """Deny what stands before ``is gone``."""
    verb = at
    while verb < len(words) and words[verb].lemma in _AUXILIARY | _ADVERBS:
        verb += 1
    count = phrase_at(words, verb, "REVOKED") if verb < len(words) else 0
    end = verb + count
    last = end == len(words) or bool(words[end].gap) or words[end].lemma in ("and", "but", "from")
    if not count or (words[end - 1].lemma == "over" and not last):  # over the lake: where it is
        return
    start = at - 1
    while start > 0 and not words[start].gap and words[start - 1].lemma not in ("and", "but", "of"):
        start -= 1
    for place in range(max(start, 0), at):
        meant = senses().get((words[place].lemma,), ())
        passes = any(sense.field in ("weather", "snow") for sense in meant)
        found[place] = passes or words[verb].lemma not in _PASSING


def _over(words: Sequence[Word], at: int, found: list[bool]) -> None:
    """Deny the weather that was before, or will be: ``after the rain``, ``before a storm``."""
    while (
        at < len(words)
        and not words[at].gap
        and (words[at].lemma,) in (closed("FUNCTION") | closed("QUALITY"))
    ):
        at += 1
    meant = senses().get((words[at].lemma,), ()) if at < len(words) else ()
    if any(sense.field == "weather" for sense in meant):
        found[at] = True
