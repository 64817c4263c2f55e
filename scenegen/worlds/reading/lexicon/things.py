"""What buildings, things, materials, colours and numbers are called."""

from __future__ import annotations

PROP = {
    "house": (
        "house, village, hamlet, fishing village, homestead, farm, cottage, cabin, hut, home, "
        "villa, chalet, farmhouse, building, log cabin, ~shop, ~palace, ~mansion, ~manor, "
        "townhouse, lodge, bungalow, dwelling, ~shack, ~hotel, rooftop, ~tenement, ~igloo, "
        "~shopfront, croft, terraced house, half timbered house, farmstead, ~boathouse, beach "
        "hut, ~apartment block, ~office block, ~town hall, crofthouse, ~bakery"
    ),
    "church": (
        "church, chapel, cathedral, ~mosque, basilica, ~synagogue, steeple, church spire, kirk, "
        "village church, minster, spire, ~abbey church"
    ),
    "tower": (
        "tower, belfry, watchtower, turret, ~minaret, bell tower, clock tower, ~skyscraper, "
        "campanile, round tower, ~high rise, ~water tower, church tower"
    ),
    "castle": "castle, fortress, citadel, keep, stronghold, ~fort, ~chateau, alcazar, burg",
    "barn": "barn, stable, shed, granary, ~outbuilding, hayloft, ~warehouse, cowshed, byre, ~silo",
    "windmill": "windmill, ~mill, ~watermill, wind mill, ~sawmill, ~wind turbine",
    "lighthouse": "lighthouse, light house, ~beacon",
    "bridge": (
        "bridge, viaduct, footbridge, arch bridge, stone arch bridge, ~aqueduct, rope bridge, "
        "suspension bridge, drawbridge, arched bridge, covered bridge"
    ),
    "wall": (
        "wall, city wall, rampart, battlement, harbour wall, town wall, castle wall, curtain wall, "
        "parapet"
    ),
    "arch": (
        "arch, archway, arcade, ~gate, ~gateway, ~portal, arched doorway, loggia, ~gatehouse, "
        "triumphal arch, vaulted, ~vault, arched, ~vaulting"
    ),
    "column": (
        "column, pillar, colonnade, ~obelisk, fallen column, broken column, portico, peristyle, "
        "toppled column, colonnaded, ~pylon, ~standing stone"
    ),
    "stairs": (
        "stair, step, staircase, stairway, stairs, stairwell, flight of step, flight of stair, "
        "spiral staircase"
    ),
    "pier": (
        "pier, jetty, dock, quay, wharf, boardwalk, landing stage, ~mole, ~breakwater, ~quayside"
    ),
    "well": "well, water well, wishing well, draw well",
    "fountain": "fountain, ~water feature, drinking fountain",
    "statue": (
        "statue, sculpture, bust, monument, ~gargoyle, ~memorial, ~idol, ~sphinx, ~effigy, marble "
        "figure, stone figure, ~totem, ~colossus"
    ),
    "bench": "bench, park bench, pew, ~garden seat",
    "lamp": (
        "lamp, lantern, street lamp, streetlight, street light, lamppost, lamp post, ~chandelier, "
        "floor lamp, table lamp, desk lamp, streetlamp, gas lamp, oil lamp, ~neon sign, ~neon, "
        "~paper lantern, lampstand, lamplight, lamplit, lantern light, bedside lamp, gaslight, "
        "~light bulb, ~headlight, standard lamp"
    ),
    "fence": "fence, railing, picket fence, ~balustrade, palisade, ~rail fence",
    "boat": (
        "boat, rowboat, rowing boat, sailboat, sailing boat, canoe, ~ship, ~yacht, ~gondola, "
        "dinghy, fishing boat, skiff, ~kayak, ~raft, ~trawler, dory, ~sail, ~punt, ~barge, "
        "~wreck, ~shipwreck, ~steamer, ~ferry"
    ),
    "cart": (
        "cart, wagon, ~carriage, hay cart, handcart, ~wheelbarrow, ~chariot, hay wagon, waggon"
    ),
    "barrel": "barrel, cask, keg, wine barrel, ~vat",
    "crate": "crate, box, ~fruit box, ~packing case",
    "tent": "tent, ~yurt, pavilion, ~marquee, ~teepee, ~tipi, campsite, encampment, ~camp",
    "stall": (
        "stall, kiosk, booth, market stall, market stand, fruit stand, ~food stand, ~vegetable "
        "stand, trader's stand"
    ),
    "campfire": "campfire, bonfire, fire pit, camp fire, ~beacon fire",
    "boulder": (
        "boulder, rock, ~stone block, outcrop, ~rubble, rock formation, ~standing rock, big "
        "stone, ~menhir, ~fallen block"
    ),
    "pot": (
        "pot, vase, urn, jar, amphora, planter, flowerpot, flower pot, ~jug, ~bowl, potted plant"
    ),
    "torch": "torch, brazier, sconce, ~candle, torchlit, torchlight, ~candlelight, ~candlelit",
    "table": (
        "table, desk, dining table, writing desk, ~workbench, coffee table, kitchen table, ~altar"
    ),
    "chair": "chair, stool, ~throne, seat, rocking chair, dining chair, ~deckchair, ~deck chair",
    "armchair": "armchair, easy chair, wing chair, wingback chair, arm chair, ~recliner",
    "sofa": "sofa, couch, settee, ~loveseat, chesterfield, ~divan, ~chaise longue",
    "bed": (
        "bed, four poster, four poster bed, ~bunk, bunk bed, double bed, ~cot, bedroom, ~cradle, "
        "bedchamber, ~hammock"
    ),
    "bookshelf": (
        "bookshelf, bookcase, shelf, library, shelf of book, book shelf, ~book, wall of book, "
        "book lined, reading room"
    ),
    "fireplace": (
        "fireplace, hearth, ~stove, open fire, log fire, crackling fire, mantelpiece, ~oven, "
        "fireside"
    ),
    "rug": "rug, carpet, ~mat, persian carpet, persian rug, ~doormat, oriental rug",
    "picture": (
        "picture, painting, portrait, ~mirror, ~poster, ~tapestry, framed picture, ~fresco, "
        "~canvas"
    ),
    "door": "door, doorway, ~hatch, front door",
    "window": (
        "window, windowpane, window pane, ~skylight, bay window, casement, ~porthole, ~stained "
        "glass"
    ),
    "chest": (
        "chest, treasure chest, ~wardrobe, ~drawer, ~dresser, ~cupboard, chest of drawer, coffer, "
        "~cabinet, strongbox, ~sideboard, ~sarcophagus, ~coffin"
    ),
}  # fmt: skip

FIRE = "fire, flame, blaze"
"""A campfire outside, a fireplace inside."""

PART = (
    "roof, facade, shutter, hull, cushion, gable, chimney, thatch, capital, plinth, frame, oar, "
    "mast, dome, tiled roof, thatched roof, canopy roof, awning, upholstery, seat cover, sill, "
    "lid"
)
"""Parts of things: what is said of their colour is said of the thing."""

FITTING = (
    "ceiling, floor, beam, balcony, porch, terrace, curtain, tile, blanket, tablecloth, flagpole, "
    "wallpaper, doorstep, hearthstone, foundation, pillow, bedspread, rafter, cobweb, pane, yard"
)
"""Things that keep what is said of them, and that no world has."""

MATERIAL = {
    "stone": (
        "stone, granite, sandstone, limestone, slate, cobblestone, stone built, ~concrete, "
        "basalt, dry stone, drystone, flint, masonry, travertine, fieldstone, rubble stone"
    ),
    "wood": (
        "wood, wooden, timber, oak wood, log, oaken, pinewood, ~bamboo, ~wicker, mahogany, plank, "
        "driftwood, half timbered, walnut, teak, ~straw, ~thatched, timbered, clapboard, ~rattan, "
        "oak"
    ),
    "brick": "brick, redbrick, red brick, bricked, brickwork, clinker, brick built",
    "marble": "marble, alabaster, marbled",
    "plaster": (
        "plaster, stucco, whitewashed, plastered, ~adobe, lime washed, stuccoed, ~clay, mud "
        "brick, ~terracotta"
    ),
    "metal": (
        "metal, iron, steel, bronze, copper, brass, wrought iron, cast iron, ~tin, rusty, rusted, "
        "~gold plated, aluminium, aluminum, metallic, gilded, ~silver plated, rusting"
    ),
    "glass": "glass, crystal, glazed, glassy",
    "cloth": (
        "cloth, linen, velvet, ~leather, canvas, silk, fabric, woollen, cotton, ~fur, wool, "
        "textile, upholstered, felt, woolen, denim"
    ),
}

COLOR = {
    "white": "white, ivory, cream, snow white, pale, whitewashed, off white, alabaster, chalky",
    "grey": "grey, gray, silver, ashen, slate grey, slate gray, silvery",
    "black": "black, ebony, jet black, pitch black, sooty, coal black, inky",
    "red": (
        "red, crimson, scarlet, ruby, burgundy, maroon, vermilion, blood red, redbrick, reddish, "
        "rust red, cherry red, wine red"
    ),
    "orange": "orange, amber, terracotta, apricot, rust coloured, rust colored",
    "yellow": (
        "yellow, lemon, mustard, ochre, ocher, straw coloured, saffron, yellowish, lemon yellow"
    ),
    "green": (
        "green, emerald, olive green, jade, mint, bottle green, lime green, greenish, moss green, "
        "sage green"
    ),
    "blue": (
        "blue, navy, azure, turquoise, teal, cobalt, indigo, cyan, sky blue, ultramarine, aqua, "
        "bluish, navy blue, sapphire, cornflower blue, duck egg blue"
    ),
    "purple": "purple, violet, lilac, mauve, plum, magenta, amethyst",
    "pink": "pink, rosy, fuchsia, salmon, coral pink, rose coloured",
    "brown": (
        "brown, chocolate, tan, beige, russet, umber, sepia, chestnut, tawny, brownish, auburn, "
        "khaki"
    ),
    "golden": "golden, gold, gilded, gilt",
}

NUMBER = {
    "one": 1, "single": 1, "lone": 1, "solitary": 1, "lonely": 1, "two": 2, "twin": 2, "pair": 2,
    "pair of": 2, "couple of": 2, "couple": 2, "both": 2, "three": 3, "trio of": 3, "four": 4,
    "five": 5, "six": 6, "half a dozen": 6, "half dozen": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "a dozen": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "score of": 20, "two dozen": 24, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "hundred": 100, "a hundred": 100, "thousand": 1000, "a thousand": 1000,
    "quartet of": 4, "double": 2, "seventy": 70, "eighty": 80, "ninety": 90,
    "few": 3, "handful of": 4, "several": 5, "dozens of": 24, "dozen of": 24, "solo": 1,
    "only one": 1, "a single": 1, "hundreds of": 100, "hundred of": 100,
}  # fmt: skip

MANY = (
    "many, lots of, lot of, countless, numerous, row of, line of, rows of, series of, cluster of, "
    "group of, crowd of, some, any, more, plenty of, ring of, circle of, endless, all, avenue of, "
    "clump of, stand of, bunch of, pile of, stack of, stacked, heap of, various, collection of, "
    "number of, huddle of, scatter of, stretch of, expanse of, patch of"
)
"""More than one, nobody knows how many: the world decides."""
