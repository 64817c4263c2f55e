"""What a sentence asks for, in typed words that people can read, edit and hand on.

A `WorldSpec` is all that a world follows from, besides the code: the same spec with the same seed
is the same world. What is left out, its setting decides.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA = "scenegen.world/1"

Setting = Literal[
    "alpine valley",
    "pine forest",
    "desert canyon",
    "coast",
    "meadow village",
    "snowfield",
    "city street",
    "plaza",
    "room",
    "dungeon",
    "temple ruin",
]
Time = Literal["dawn", "morning", "noon", "afternoon", "sunset", "dusk", "night"]
Season = Literal["spring", "summer", "autumn", "winter"]
Weather = Literal["clear", "cloudy", "overcast", "fog", "rain", "snow", "storm"]
Mood = Literal["calm", "cheerful", "gloomy", "mysterious", "warm", "cold", "dramatic"]
Relief = Literal["flat", "rolling", "hilly", "mountainous"]
Ground = Literal["grass", "soil", "sand", "rock", "snow", "paving", "planks"]
Water = Literal["none", "river", "lake", "pond", "sea"]
Density = Literal["none", "sparse", "some", "dense"]
Plant = Literal[
    "pine",
    "broadleaf",
    "birch",
    "palm",
    "cypress",
    "cactus",
    "bush",
    "grass",
    "flowers",
    "reeds",
    "dead tree",
]
Kind = Literal[
    # outside, large
    "house", "church", "tower", "castle", "barn", "windmill", "lighthouse", "bridge", "wall",
    "arch", "column", "stairs", "pier",
    # outside, small
    "well", "fountain", "statue", "bench", "lamp", "fence", "boat", "cart", "barrel", "crate",
    "tent", "stall", "campfire", "boulder", "pot", "torch",
    # inside
    "table", "chair", "armchair", "sofa", "bed", "bookshelf", "fireplace", "rug", "picture",
    "door", "window", "chest",
]  # fmt: skip
Material = Literal["stone", "wood", "brick", "marble", "plaster", "metal", "glass", "cloth"]
Color = Literal[
    "white", "grey", "black", "red", "orange", "yellow", "green", "blue", "purple", "pink",
    "brown", "golden",
]  # fmt: skip

SETTINGS, PLANTS, KINDS = get_args(Setting), get_args(Plant), get_args(Kind)


class Words(BaseModel):
    """Base of all that a spec states: no unknown words, nothing changes once it is read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True,
        populate_by_name=True,
    )  # fmt: skip


class Terrain(Words):
    """The ground."""

    relief: Relief | None = None
    """How high and low it goes."""
    ground: Ground | None = None
    """What it is covered with."""
    snow_cover: bool | None = None
    """Whether snow lies; by default in a snowfield, in winter and while it snows."""


class Vegetation(Words):
    """What grows there."""

    density: Density | None = None
    """How much grows; ``none`` is bare."""
    kinds: tuple[Plant, ...] = ()
    """What grows; nothing stated is what the setting has."""
    without: tuple[Plant, ...] = ()
    """What does not grow there, although the setting has it."""


class Prop(Words):
    """A building, a thing, or several of a kind."""

    kind: Kind
    """What it is."""
    count: Annotated[int, Field(ge=0, le=60, strict=True)] | None = None
    """How many of them; 0 is none, although the setting has some."""
    material: Material | None = None
    """What it is made of."""
    color: Color | None = None
    """The colour of what is painted or dyed on it."""


class WorldSpec(Words):
    """A world in words; ``camera`` holds shots of the path language."""

    schema_: Annotated[Literal["scenegen.world/1"], Field(alias="schema")] = SCHEMA
    """Always ``scenegen.world/1``."""
    sentence: Annotated[str, Field(max_length=20_000)] = ""
    """The sentence that it was read from."""
    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    """Everything that is not stated follows from it; another seed is another world."""
    setting: Setting
    """What kind of place it is."""
    terrain: Terrain = Terrain()
    """The ground."""
    vegetation: Vegetation = Vegetation()
    """What grows there."""
    water: Water | None = None
    """The water in it."""
    props: tuple[Prop, ...] = ()
    """Buildings and things."""
    season: Season | None = None
    """The time of year; summer by default, winter in a snowfield."""
    time: Time | None = None
    """The time of day; by default afternoon."""
    weather: Weather | None = None
    """The weather; by default clear."""
    mood: Mood | None = None
    """How it should feel: it tints light and colours."""
    camera: tuple[dict[str, Any], ...] = ()
    """The camera's shots in the path language; nothing is an establishing shot and a move in."""
    subject: Kind | None = None
    """What the camera goes around or towards; by default what the setting is about."""
    not_understood: tuple[str, ...] = ()
    """Words of the sentence that nothing came of."""
    choices: tuple[str, ...] = ()
    """What was decided where the sentence says two things, or something impossible."""

    @model_validator(mode="after")
    def _once(self) -> WorldSpec:
        kinds = [(prop.kind, prop.material, prop.color) for prop in self.props]
        if len(set(kinds)) < len(kinds):
            raise ValueError("every kind of prop once for a material and colour; give it a count")
        return self
