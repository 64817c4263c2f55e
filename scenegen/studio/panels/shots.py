"""The script by hand: shots of the language's moves, and keyframes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import yaml

from scenegen.errors import PathError
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import MOVES, Ease, Keyframes, Shot
from scenegen.studio import edits
from scenegen.studio.film import Film, Mark
from scenegen.studio.panels import Panel

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat

_NONE = "none"
_EARLIER, _LATER, _DELETE = "Earlier", "Later", "Delete"
_GO, _SET, _INSERT = "Go to", "Set here", "Insert here"
_BY_HAND = ("keyframes",)


class ShotsPanel(Panel):
    """Adds keyframes and moves, and changes the chosen ones."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        gui = seat.client.gui
        add = gui.add_button(
            "Add keyframe here", hint="Where the camera is, at the end of its shot"
        )
        seat.hear(add.on_click, lambda _: seat.add_key_here())
        with gui.add_folder("Add a move", expand_by_default=True):
            moves = [move for move in MOVES if move not in _BY_HAND]
            self._move = gui.add_dropdown("Move", moves, initial_value="orbit")
            self._about = gui.add_markdown(_about("orbit"))
            button = gui.add_button("Add move")
        seat.hear(self._move.on_update, self._say_move)
        seat.hear(button.on_click, lambda _: self._add_move())
        self._shot_folder(seat)
        self._key_folder(seat)

    def refresh(self, film: Film) -> None:
        """Show the chosen shot and keyframe."""
        script, seat = self.seat.script, self.seat
        names = [_shot_name(place, shot) for place, shot in enumerate(script.shots)] or [_NONE]
        _fill(self._shots, names, None if seat.shot is None else names[seat.shot])
        self._shot.visible = bool(script.shots)
        shot = None if seat.shot is None else script.shots[seat.shot]
        if shot is not None:
            self._seconds.value = _seconds(shot)
            self._ease.value = shot.ease
            self._join.value = shot.join
        self._words.value = "" if shot is None else _words(shot)
        for handle in (self._seconds, self._ease, self._join, self._words):
            handle.disabled = shot is None
        self._show_keys(film, shot)

    def _shot_folder(self, seat: Seat) -> None:
        gui = seat.client.gui
        self._shot = gui.add_folder("Shot", visible=False)
        with self._shot:
            self._shots = gui.add_dropdown("Shot", (_NONE,))
            order = gui.add_button_group("Order", (_EARLIER, _LATER, _DELETE))
            self._seconds = gui.add_number("Seconds", 4.0, min=0.05, max=3600.0, step=0.05)
            self._ease = gui.add_dropdown("Ease", get_args(Ease))
            self._join = gui.add_dropdown("Join", ("smooth", "cut"))
            self._words = gui.add_text(
                "In words", "", multiline=True, hint="The shot as a path script states it"
            )
        seat.hear(self._shots.on_update, self._choose_shot)
        seat.hear(order.on_click, self._order_shot)
        seat.hear(self._seconds.on_update, lambda value: self._set(seconds=float(value)), True)
        seat.hear(self._ease.on_update, lambda value: self._set(ease=value))
        seat.hear(self._join.on_update, lambda value: self._set(join=value))
        seat.hear(self._words.on_update, self._rewrite, latest=True)

    def _key_folder(self, seat: Seat) -> None:
        gui = seat.client.gui
        self._folder = gui.add_folder("Keyframe", visible=False)
        with self._folder:
            self._keys = gui.add_dropdown("Keyframe", (_NONE,))
            act = gui.add_button_group("At the view", (_GO, _SET, _INSERT))
            order = gui.add_button_group("Order", (_EARLIER, _LATER, _DELETE))
            self._at = gui.add_number("At second", 0.0, min=0.0, max=3600.0, step=0.05)
            even = gui.add_button("Even speed", hint="Take the keyframes' own times back")
        seat.hear(self._keys.on_update, self._choose_key)
        seat.hear(act.on_click, self._act_on_key)
        seat.hear(order.on_click, self._order_key)
        seat.hear(self._at.on_update, self._retime, latest=True)
        seat.hear(even.on_click, lambda _: self._even())

    def _show_keys(self, film: Film, shot: Shot | None) -> None:
        seat = self.seat
        keyed = isinstance(shot, Keyframes)
        self._folder.visible = keyed
        marks = self._marks(film)
        if not isinstance(shot, Keyframes) or len(marks) != len(shot.keys):
            return
        names = [f"{mark.key + 1}: {mark.in_shot:.2f} s" for mark in marks]
        _fill(self._keys, names, None if seat.key is None else names[seat.key])
        if seat.key is not None:
            self._at.value = round(marks[seat.key].in_shot, 3)
        self._at.disabled = seat.key is None or seat.key == 0

    def _marks(self, film: Film) -> list[Mark]:
        return [mark for mark in film.marks if mark.shot == self.seat.shot]

    def _say_move(self, move: str) -> None:
        self._about.content = _about(move)

    def _add_move(self) -> None:
        move, seat = self._move.value, self.seat
        after = len(seat.script.shots) if seat.shot is None else seat.shot + 1
        words: dict[str, Any] = {
            "move": move,
            "seconds": MOVES[move].model_fields["seconds"].default,
        }
        if move == "fly-through":
            words["waypoints"] = _waypoints(seat)
        seat.do(lambda script: edits.with_shot(script, words, min(after, len(script.shots))))
        seat.choose(min(after, len(seat.script.shots) - 1))

    def _choose_shot(self, name: str) -> None:
        place = self._shots.options.index(name) if name != _NONE else None
        keys = () if place is None else getattr(self.seat.script.shots[place], "keys", ())
        self.seat.choose(place, 0 if keys else None)

    def _order_shot(self, button: str) -> None:
        seat, shot = self.seat, self.seat.shot
        if shot is None:
            return
        if button == _DELETE:
            seat.do(lambda script: edits.without_shot(script, shot))
            seat.choose(min(shot, len(seat.script.shots) - 1) if seat.script.shots else None)
            return
        to = shot - 1 if button == _EARLIER else shot + 1
        if 0 <= to < len(seat.script.shots):
            seat.do(lambda script: edits.reordered(script, shot, to))
            seat.choose(to, seat.key)

    def _set(self, **words: Any) -> None:
        shot = self.seat.shot
        if shot is not None:
            name = next(iter(words))
            self.seat.do(
                lambda script: edits.with_words(script, shot, **words), merge=f"{name} {shot}"
            )

    def _rewrite(self, text: str) -> None:
        shot = self.seat.shot
        if shot is None:
            return
        try:
            words = yaml.safe_load(text)
        except yaml.YAMLError:
            return  # in the middle of being typed
        if isinstance(words, Mapping):
            keys = edits.content_of(self.seat.script)["shots"][shot].get("keys")
            if keys is not None and words.get("move") == "keyframes":
                words = {**words, "keys": keys}
            try:
                self.seat.do(
                    lambda script: edits.rewritten(script, shot, words), merge=f"words {shot}"
                )
            except PathError as error:
                if text.rstrip().endswith("}"):
                    raise error

    def _choose_key(self, name: str) -> None:
        if name != _NONE:
            self.seat.choose(self.seat.shot, self._keys.options.index(name))

    def _act_on_key(self, button: str) -> None:
        seat, key = self.seat, self.seat.key
        if seat.shot is None or key is None:
            return
        if button == _GO:
            mark = next((one for one in self._marks(seat.film) if one.key == key), None)
            if mark is not None:
                seat.live.go_to(mark.pose, mark.fov_y_deg)
        elif button == _SET:
            sight = seat.live.free_sight()
            if sight is not None:
                shot, moved = seat.shot, edits.key_at_pose(sight.pose, sight.fov_y_deg)
                seat.do(lambda script: edits.with_key_moved(script, shot, key, moved))
        else:
            seat.add_key_here(after=key)

    def _order_key(self, button: str) -> None:
        seat, shot, key = self.seat, self.seat.shot, self.seat.key
        if shot is None or key is None:
            return
        if button == _DELETE:
            seat.do(lambda script: edits.without_key(script, shot, key))
            seat.choose(shot, max(0, key - 1))
            return
        to = key - 1 if button == _EARLIER else key + 1
        if 0 <= to < len(getattr(seat.script.shots[shot], "keys", ())):
            seat.do(lambda script: edits.with_keys_reordered(script, shot, key, to))
            seat.choose(shot, to)

    def _retime(self, at: float) -> None:
        seat, shot, key = self.seat, self.seat.shot, self.seat.key
        marks = self._marks(seat.film)
        if shot is None or key is None or key >= len(marks):
            return
        times = [mark.in_shot for mark in marks]
        seat.do(
            lambda script: edits.retimed(script, shot, key, float(at), times),
            merge=f"retime {shot} {key}",
        )

    def _even(self) -> None:
        shot = self.seat.shot
        if shot is not None:
            self.seat.do(lambda script: edits.even_speed(script, shot))


def _fill(dropdown: Any, names: list[str], chosen: str | None) -> None:
    """Give a dropdown other options without telling anyone that it changed."""
    options = (*names, _NONE) if chosen is None and _NONE not in names else tuple(names)
    if dropdown.options != options:
        dropdown.options = options
    dropdown.value = _NONE if chosen is None else chosen


def _seconds(shot: Shot) -> float:
    if isinstance(shot, Keyframes) and shot.keys[-1].at and not shot.closed:
        return float(shot.keys[-1].at)
    return shot.seconds


def _about(move: str) -> str:
    return (MOVES[move].__doc__ or "").strip().partition("\n")[0]


def _shot_name(place: int, shot: Shot) -> str:
    keys = getattr(shot, "keys", None)
    what = getattr(shot, "move")  # noqa: B009
    more = f" of {len(keys)}" if keys else ""
    return f"{place + 1}: {what}{more}, {_seconds(shot):g} s"


def _words(shot: Shot) -> str:
    """Return a shot in one line of YAML, keyframes left out: they are for the hands."""
    script = Script(shots=(shot,))  # pyright: ignore[reportArgumentType]
    content = edits.content_of(script)["shots"][0]
    content = {"move": content.pop("move"), **content}
    content.pop("keys", None)
    return yaml.safe_dump(
        _plain(content), default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    ).strip()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


def _waypoints(seat: Seat) -> list[str]:
    """Return a few photos spread over the capture, to begin with."""
    stage = seat.studio.stage
    photos = () if stage is None else stage.scene.photos
    count = min(4, len(photos))
    if count < 2:
        raise PathError("fly-through: expected a scene of 2 photos or more; add keyframes instead")
    chosen = [photos[round(k * (len(photos) - 1) / (count - 1))] for k in range(count)]
    return [f"photo:{photo.name}" for photo in chosen]
