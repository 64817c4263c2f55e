"""What times, seasons, weathers and moods are called."""

from __future__ import annotations

TIME = {
    "dawn": (
        "dawn, sunrise, daybreak, first light, break of day, sun up, sunup, dawn light, rising "
        "sun, sun rising, sun rise, crack of dawn, at cockcrow, aurora of morning, small hour of "
        "morning"
    ),
    "morning": (
        "morning, grey morning, gray morning, morning mist, morning fog, early morning, forenoon, "
        "mid morning, late morning, morn, breakfast time"
    ),
    "noon": (
        "noon, midday, mid day, high noon, noontime, lunchtime, sun at its zenith, noonday, lunch "
        "time, zenith, noontide, middle of the day"
    ),
    "afternoon": (
        "afternoon, grey afternoon, gray afternoon, early afternoon, late afternoon, mid "
        "afternoon, teatime, tea time, siesta"
    ),
    "sunset": (
        "sunset, golden hour, sundown, setting sun, sun setting, sun set, sun going down, sun "
        "goes down, sinking sun, low sun, sun sinking, golden light, day's end, end of day, dying "
        "sun, last light of day, last ray of sun, magic hour, alpenglow, golden evening light"
    ),
    "dusk": (
        "dusk, evening, twilight, blue hour, nightfall, gloaming, early evening, late evening, "
        "eventide, eve, last light, crepuscular, day fading, fading light"
    ),
    "night": (
        "night, midnight, moonlight, moonlit, moon, full moon, nighttime, night time, starry, "
        "star, starlit, after dark, dead of night, nocturnal, night sky, star lit, moonrise, "
        "under the star, witching hour, milky way, starlight, small hour, wee hour, moonless, "
        "crescent moon, half moon, aurora, northern light, nightly, past bedtime, late at night"
    ),
}  # fmt: skip

SEASON = {
    "spring": (
        "springtime, spring time, spring season, april, early spring, late spring, easter, cherry "
        "blossom, vernal, first leaf, budding, apple blossom, mid spring, snowdrop"
    ),
    "summer": (
        "summer, summertime, june, july, august, midsummer, high summer, summery, heatwave, late "
        "summer, early summer, heat wave, dog day, mid summer"
    ),
    "autumn": (
        "autumn, autumnal, september, october, november, golden leaf, falling leaf, fallen leaf, "
        "red leaf, yellow leaf, harvest, fall colour, fall color, fall foliage, late autumn, "
        "early autumn, indian summer, halloween, autumn leaf, coloured leaf, colored leaf, orange "
        "leaf, brown leaf, turning leaf, late fall, early fall, leaf turning, dead leaf, withered "
        "leaf, autumn colour, autumn color, harvest time, michaelmas, bronze leaf"
    ),
    "winter": (
        "winter, wintertime, wintry, wintery, december, january, february, christmas, xmas, "
        "snowy, snow covered, covered in snow, midwinter, snow capped, frost, frosty, frozen, "
        "icy, new year, snowbound, christmassy, first snow, snowed in, blanketed in snow, icicle, "
        "covered with snow, deep snow, snowdrift, blanket of snow, yuletide, winter's, new year's "
        "eve, christmas eve, ice bound, buried in snow, dusted with snow, snow dusted, snow "
        "laden, carpet of snow, snow blanketed, advent, hoarfrost, under snow"
    ),
}  # fmt: skip

WEATHER = {
    "clear": (
        "clear, sunny, clear sky, blue sky, cloudless, sunlit, bright sun, sunshine, sunlight, "
        "sun, starry, sunbeam, clear day, fair weather, bright day, sunbathed, sun drenched, sun "
        "lit, fine weather, sun soaked, sunbaked, sun baked, starlit, glorious weather, fine day, "
        "glaring sun, blazing sun, scorching sun, open sky, bright sky, ray of sun, sunray, sun "
        "ray, shaft of light, azure sky, sun kissed, clear blue sky, dry weather, crystal clear, "
        "sunbleached, sun bleached, under the star"
    ),
    "cloudy": (
        "cloudy, cloud, partly cloudy, scattered cloud, clouded, passing cloud, fluffy cloud, "
        "white cloud, broken cloud, drifting cloud, cumulus, puffy cloud"
    ),
    "overcast": (
        "overcast, grey sky, gray sky, dull sky, leaden sky, heavy cloud, grey day, gray day, "
        "cloud covered, low cloud, dark cloud, gathering cloud, murky, grey cloud, gray cloud, "
        "dull, clouded over, white sky, sunless, thick cloud, blanket of cloud, grey light, gray "
        "light, dull weather, grey morning, gray morning, grey afternoon, gray afternoon, steel "
        "grey sky, pewter sky, drab, grey weather"
    ),
    "fog": (
        "fog, foggy, mist, misty, haze, hazy, morning mist, fogbound, fog bound, mist shrouded, "
        "shrouded in mist, brume, ~smoky, ~smoke, fogged, morning fog, mist covered, veil of "
        "mist, misted, ~steam, ~smog, pea souper, mist laden, ~dust haze, shrouded in fog, sea "
        "fret"
    ),
    "rain": (
        "rain, rainy, raining, drizzle, downpour, rainfall, shower, drizzling, drizzly, pouring, "
        "raindrop, rain soaked, pouring rain, cloudburst, rainstorm, ~monsoon, pouring down, "
        "bucketing down, ~sleet, pelting rain, showery, rain swept, rainswept, raining cat and "
        "dog"
    ),
    "snow": (
        "snowfall, snowing, falling snow, snowflake, blizzard, snowstorm, snow storm, heavy snow, "
        "flurry, snow falling, snow flurry, it snows, light snow, snow drifting down, whiteout, "
        "snow fall, driving snow, drifting snow, snow comes down, flake, snow shower"
    ),
    "storm": (
        "storm, stormy, thunderstorm, thunder, lightning, tempest, hurricane, gale, tempestuous, "
        "typhoon, cyclone, squall, thunderous, ~sandstorm, ~dust storm, ~tornado, storm tossed, "
        "storm lashed, stormcloud, thunderhead, storm cloud, thundercloud, maelstrom, ~hail, "
        "~hailstorm, gale force"
    ),
}  # fmt: skip

SNOW_COVER = (
    "snow, snowy, snow covered, covered in snow, snow capped, snowbound, snowed in, deep snow, "
    "blanketed in snow, covered with snow, first snow, snowdrift, blanket of snow, buried in "
    "snow, dusted with snow, snow dusted, snow laden, carpet of snow, snow blanketed, in the "
    "snow, under snow, snowy peak, snowscape, snowy ground, snowy field, field of snow, field of "
    "deep snow, field of fresh snow, plain of snow, desert of snow, sea of snow"
)
"""Snow that lies."""

MOOD = {
    "calm": (
        "calm, dead calm, peaceful, quiet, tranquil, serene, silent, sleepy, idyllic, restful, "
        "placid, hushed, serenity, peace, silence, stillness, meditative, zen, dreamy, "
        "contemplative, relaxed, tranquillity, tranquility, soothing, pastoral, slumbering, "
        "drowsy, unhurried"
    ),
    "cheerful": (
        "cheerful, happy, lively, festive, joyful, playful, jolly, merry, vibrant, upbeat, "
        "bustling, whimsical, cheery, gay, joyous, light hearted, optimistic, bubbly, sunny mood, "
        "jaunty"
    ),
    "gloomy": (
        "gloomy, dismal, bleak, dreary, sombre, somber, grim, melancholy, melancholic, "
        "depressing, forlorn, mournful, cheerless, sad, sullen, brooding, murk, gloom, dingy, "
        "sorrowful, desolate, lugubrious, dank, foreboding, oppressive, moody, despairing, "
        "wistful"
    ),
    "mysterious": (
        "mysterious, spooky, eerie, haunted, mystical, enchanted, creepy, magical, ghostly, "
        "uncanny, mystery, mystic, otherworldly, haunting, ethereal, fairytale, fairy tale, "
        "occult, secret, unearthly, weird, sinister, magic, scary, dreamlike, enigmatic, surreal, "
        "ominous, bewitched"
    ),
    "warm": (
        "warm, cosy, cozy, homely, snug, inviting, welcoming, homey, romantic, nostalgic, comfy, "
        "comfortable, intimate, hygge, warmth, warmly, toasty, golden glow"
    ),
    "cold": (
        "cold, chilly, freezing, bitterly cold, cool, frigid, sterile, clinical, chill, coldly, "
        "wintry chill, unwelcoming, bitter, crisp, nippy, bracing, ice cold"
    ),
    "dramatic": (
        "dramatic, epic, majestic, fierce, sublime, apocalyptic, grandiose, spectacular, "
        "imposing, awe inspiring, monumental, intense, heroic, breathtaking, thrilling, mighty, "
        "grand, theatrical, operatic, tense, awesome"
    ),
}

STATE = {"dark": "gloomy"}
"""A mood where it is said of a place, but not of a thing's colour."""

# Words that say less than others of the same value.

SUN = "sun sunlight sunbeam sunshine sunray sunlit star starlit starry"

MOON = "moon star starry starlight aurora moonlit moonlight starlit"

MONTHS = (
    "january february march april may june july august september october november december "
    "christmas easter halloween xmas"
)
