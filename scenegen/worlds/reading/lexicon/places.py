"""What the settings, the ground, the water and the plants are called."""

from __future__ import annotations

SETTING = {
    "alpine valley": (
        "alpine valley, valley, mountain, mountain range, alp, alpine, peak, summit, "
        "mountainside, mountain pass, pass, highland, himalaya, andes, pyrenee, dolomite, rocky "
        "mountain, mountain ridge, ~fjord, glen, vale, switzerland, swiss alp, tyrol, tirol, "
        "bavaria, rockies, caucasus, carpathian, nepal, tibet, patagonia, foothill, mountain "
        "meadow, alpine meadow, mountaintop, mountain valley, mountain landscape, alpine pasture, "
        "massif, col, dale"
    ),
    "pine forest": (
        "forest, pine forest, birch forest, birch wood, birch grove, palm grove, oak forest, "
        "wood, woodland, pine wood, taiga, grove, thicket, ~jungle, ~rainforest, ~rain forest, "
        "forest clearing, clearing, glade, ~swamp, ~bayou, copse, forest path, forest floor, "
        "treetop, timberland, ~mangrove, ~bog, backwood, spinney"
    ),
    "desert canyon": (
        "desert, canyon, desert canyon, dune, sand dune, badland, mesa, butte, gorge, ravine, "
        "wadi, oasis, sahara, wild west, arroyo, wasteland, outback, gobi, mojave, gulch, red "
        "rock country, ~mars, ~martian, slot canyon, hoodoo, arizona, utah, nevada, new mexico, "
        "grand canyon, monument valley, kalahari, atacama, namib, negev, petra"
    ),
    "coast": (
        "coast, beach, sandy beach, island, shore, seashore, seaside, coastline, bay, cove, "
        "harbour, harbor, port, coastal, sea cliff, lagoon, shoreline, peninsula, oceanfront, "
        "islet, ~archipelago, atoll, headland, riviera, marina, sandbank, clifftop, strand, "
        "~estuary, fishing village, fishing port, by the sea"
    ),
    "meadow village": (
        "meadow, field of grass, grass field, olive grove, village, meadow village, hamlet, "
        "pasture, countryside, farmland, field, prairie, steppe, ~savanna, ~savannah, grassland, "
        "moor, moorland, heath, farm, ~vineyard, orchard, rolling hill, ~park, green hill, "
        "cornfield, wheat field, village green, plain, ~garden, farmyard, rural, hayfield, "
        "downland, ~cemetery, ~graveyard, paddock, homestead, shire, puszta, pampa"
    ),
    "snowfield": (
        "snowfield, tundra, arctic, antarctic, antarctica, glacier, ice field, icefield, polar, "
        "ice sheet, snowy plain, snow field, north pole, south pole, ~iceberg, frozen plain, "
        "snowy waste, snowy desert, frozen waste, ice desert, ice cap, greenland, snowdrift, "
        "frozen wasteland, snowscape, snowy field, siberia, field of snow, field of deep snow, "
        "field of fresh snow, plain of snow, desert of snow, sea of snow"
    ),
    "city street": (
        "city street, cobbled street, street, city, alley, avenue, boulevard, downtown, town, "
        "lane, alleyway, sidewalk, urban, metropolis, side street, high street, road, "
        "metropolitan, back street, old town, cityscape, crossroad, intersection, terraced "
        "street, pavement, mews, suburb, manhattan, new york, london, tokyo, paris, city block, "
        "~canal, backstreet"
    ),
    "plaza": (
        "plaza, square, piazza, town square, village square, market square, marketplace, market, "
        "market place, courtyard, cloister, monastery, forum, agora, bazaar, atrium, abbey, "
        "patio, convent, city square, campo, quad, quadrangle, piazzetta, esplanade, souk"
    ),
    "room": (
        "room, living room, bedroom, kitchen, library, office, study, dining room, lounge, "
        "classroom, tavern, inn, pub, parlour, parlor, attic, interior, indoor, indoors, "
        "apartment, flat, nursery, salon, workshop, studio, bathroom, hotel room, cafe, coffee "
        "shop, restaurant, ~throne room, ~great hall, ~ballroom, inside a house, loft, drawing "
        "room, sitting room, guest room, furnished room, bedsit, ~conservatory, den, reading "
        "room, chamber, boudoir, bedchamber, ~museum, ~gallery, ~hall, ~church interior, living "
        "area, waiting room, playroom"
    ),
    "dungeon": (
        "dungeon, corridor, hallway, passage, passageway, crypt, cellar, catacomb, tunnel, "
        "prison, underground, cave, cavern, vault, tomb, sewer, ~mine, hall way, cell, torture "
        "chamber, basement, labyrinth, maze, ~subway, ~bunker, ~grotto, oubliette, mineshaft, "
        "undercroft, gaol, jail"
    ),
    "temple ruin": (
        "temple, temple ruin, ruin, ruined temple, shrine, acropolis, parthenon, sanctuary, "
        "ancient temple, ~pyramid, amphitheatre, amphitheater, ~stonehenge, ~stone circle, greek "
        "temple, roman ruin, colosseum, pantheon, ancient ruin, ~pagoda, ~ziggurat, necropolis, "
        "~mausoleum, lost city, ruined city"
    ),
}  # fmt: skip

HINT = {
    "alpine valley": (
        "castle, hill, chalet, cliff, rapid, waterfall, ridge, gorge, edelweiss, snowy peak, "
        "loch, tarn, lake, river, stream, mountain lake, mountain stream, snow capped, hillside, "
        "slope, hilltop, brook, creek, viaduct, fortress, citadel, pass, ravine, lakeside, "
        "riverside, riverbank, hilly, mountainous"
    ),
    "pine forest": (
        "pine, fir, spruce, conifer, birch, cabin, log cabin, campfire, mushroom, fern, moss, "
        "undergrowth, tree, oak, beech, larch, stump, maple, aspen, pine tree, evergreen, "
        "sawmill, bonfire, campsite"
    ),
    "desert canyon": "cactus, cacti, saguaro, red rock, camel, sand, sandstone, agave, tumbleweed",
    "coast": (
        "sea, ocean, lighthouse, pier, boat, palm, palm tree, jetty, wave, surf, cliff, seagull, "
        "gull, quay, wharf, sailboat, yacht, tide, ship, coconut, driftwood, harbour wall, "
        "seashell, dock, fisherman, trawler, rowboat, tropical, seaweed, sea breeze"
    ),
    "meadow village": (
        "cottage, church, barn, windmill, cow, sheep, farmhouse, wildflower, hedge, wheat, "
        "chapel, flower, hay, haystack, house, grass, poppy, fence, mill, well, hill, grassy, "
        "horse, daisy, lavender, stable, cart, scarecrow, tulip, sunflower, thatched, bluebell, "
        "pond, rooftop"
    ),
    "snowfield": "igloo, polar bear, penguin, ice, snow, sled, sledge, husky, arctic fox, frozen",
    "city street": (
        "skyscraper, car, traffic, shop, neon, street lamp, streetlight, lamppost, building, cab, "
        "taxi, tram, cobblestone, townhouse, tenement, pedestrian, shopfront, bus, street light, "
        "crowd, office block, neon sign, cobbled, gas lamp, townhouses, cobbles"
    ),
    "plaza": (
        "arcade, fountain, stall, bench, statue, colonnade, market stall, monk, cathedral, "
        "loggia, portico, kiosk"
    ),
    "room": (
        "sofa, bookshelf, armchair, bed, table, chair, desk, fireplace, rug, picture, carpet, "
        "couch, curtain, painting, wallpaper, ceiling, bookcase, window, piano, floor lamp, "
        "stove, hearth, hospital, school, wardrobe, settee, shelf, cushion, candle, floorboard, "
        "chandelier, mantelpiece, kettle, bathtub"
    ),
    "dungeon": "torch, skeleton, chain, torchlit, prisoner, vaulted, cobweb, rat, tomb, brazier",
    "temple ruin": (
        "column, pillar, colonnade, ancient, greek, roman, marble, overgrown, toppled, obelisk, "
        "altar, mayan, aztec, god, fallen column, doric, ionic, corinthian, sphinx"
    ),
}  # fmt: skip

RELIEF = {
    "flat": "flat, level, plain, flatland",
    "rolling": "rolling, undulating, rolling hill, downland, gently sloping",
    "hilly": "hilly, hill, hillside, foothill, hilltop, hillock, knoll",
    "mountainous": (
        "mountainous, mountain, peak, alp, steep, rugged, craggy, jagged, summit, mountain range, "
        "towering cliff, snowy peak, highland, dolomite, mountainside, massif"
    ),
}

GROUND = {
    "grass": (
        "grassy, lawn, turf, field of grass, grass field, grassland, grass covered, grazing land"
    ),
    "soil": "muddy, mud, earth, earthen, dirt, soil, dirt road, dirt path, clay, peat, dirt track",
    "sand": "sandy, sand, dune, sand dune, sandy beach, on the sand",
    "rock": (
        "rocky, cliff, sea cliff, precipice, red rock, bare rock, rock face, stony, gravel, "
        "pebble, scree, craggy, shingle, sandstone, limestone, granite, slate, rock wall, sheer "
        "rock, crag, pebbly, basalt"
    ),
    "snow": "snowy ground, snowy field, snowfield, deep snow, snowdrift, snowy plain",
    "paving": (
        "paved, paving, cobblestone, cobbled, flagstone, stone floor, tiled, tile floor, cobble, "
        "tiled floor, marble floor, asphalt, pavement, cobbled street, paving stone, flagged"
    ),
    "planks": (
        "plank, wooden floor, floorboard, parquet, wood floor, planked, boarded, timber floor, "
        "oak floor, hardwood floor"
    ),
}

WATER = {
    "river": (
        "river, stream, brook, creek, rapid, ~waterfall, ~canal, riverbank, riverside, rivulet, "
        "mountain stream, ~cascade, torrent, beck, burn, ~cataract, ford, ~weir, ~estuary, "
        "~aqueduct, watercourse, thames, danube, rhine, seine, ~fall of water"
    ),
    "lake": (
        "lake, ~water, loch, tarn, reservoir, mountain lake, lakeside, lakeshore, ~fjord, mere, "
        "lough"
    ),
    "pond": (
        "pond, pool, oasis, waterhole, watering hole, ~hot spring, ~spring water, ~puddle, lily "
        "pond, duck pond, ~swamp, ~bog, ~marsh, millpond, ~bayou, ~mangrove, reflecting pool, "
        "~geyser"
    ),
    "sea": (
        "sea, ocean, coast, beach, sandy beach, island, bay, harbour, harbor, seashore, seaside, "
        "lagoon, surf, wave, shore, coastline, cove, tide, sea cliff, pacific, atlantic, "
        "mediterranean, atoll, waterfront, marina, seascape, islet, breaker, shoreline, headland, "
        "open water, baltic, adriatic, aegean, caribbean, fishing village, riviera, peninsula, by "
        "the sea, oceanfront"
    ),
}

PLANT = {
    "pine": (
        "pine, pine tree, fir, fir tree, spruce, conifer, coniferous, evergreen, larch, cedar, "
        "hemlock, christmas tree, pine forest, pine wood, taiga, scots pine, redwood, ~sequoia, "
        "needle tree, pinewood, piny, yew"
    ),
    "broadleaf": (
        "broadleaf, broadleaved, oak, oak tree, beech, maple, elm, ash tree, chestnut tree, "
        "linden, willow, ~olive tree, ~olive grove, fruit tree, apple tree, cherry tree, "
        "deciduous, hornbeam, hazel, alder, sycamore, ~jungle, ~rainforest, ~rain forest, "
        "orchard, walnut tree, plane tree, lime tree, rowan, ~acacia, ~mangrove, ~banyan, leafy "
        "tree, leafy, magnolia, ~baobab, ~eucalyptus, ~bamboo"
    ),
    "birch": "birch, birch tree, silver birch, aspen, birch wood, birch forest, birch grove",
    "palm": "palm, palm tree, coconut palm, coconut tree, date palm, palm grove, coconut",
    "cypress": "cypress, cypress tree, poplar, italian cypress, poplar tree",
    "cactus": "cactus, cacti, saguaro, prickly pear, ~agave, ~succulent, ~joshua tree, ~yucca",
    "bush": (
        "bush, shrub, hedge, bramble, ~fern, ~heather, sagebrush, juniper, undergrowth, ~ivy, "
        "~vine, thorn bush, ~bracken, hedgerow, gorse, shrubbery, brush, scrub, ~creeper, "
        "thicket, ~thistle, ~tumbleweed, ~vineyard, broom bush, brushwood, rosemary, ~nettle"
    ),
    "grass": (
        "grass, tall grass, long grass, ~wheat, ~hay, ~moss, ~mossy, lawn, turf, grassland, "
        "steppe, prairie, field of grass, ~cornfield, ~wheat field, grassy, ~barley, ~corn, "
        "sedge, pampa, ryegrass, hayfield, ~lichen, dune grass, ~weed, ~oat, ~rye"
    ),
    "flowers": (
        "flower, wildflower, wild flower, poppy, tulip, daisy, lavender, blossom, rose, "
        "sunflower, bluebell, lily, buttercup, cherry blossom, in bloom, orchid, edelweiss, "
        "flowering, blooming, flower bed, carpet of flowers, snowdrop, crocus, daffodil, flowery, "
        "geranium, dandelion, heathland, wisteria, hyacinth, violet flower, primrose, "
        "bougainvillea, cornflower"
    ),
    "reeds": "reed, bulrush, cattail, rush, papyrus, reed bed, reedbed",
    "dead tree": (
        "dead tree, bare tree, ~stump, tree stump, ~driftwood, withered tree, leafless tree, dead "
        "trunk, burnt tree, charred tree, fallen tree, fallen trunk, ~log, bare branch, skeletal "
        "tree, lifeless tree"
    ),
}

PLANTS = {
    "trees": "tree, woodland, treetop, foliage, woods, sapling, canopy",
    "plants": "vegetation, plant, greenery, plant life, flora, verdure, plant growth",
}
"""Words for many kinds of plants at once."""

DENSITY = {
    "dense": (
        "dense, thick, lush, overgrown, densely wooded, abundant, luxuriant, verdant, tangled, "
        "impenetrable, full of, thickly wooded, densely, wooded, thickly, rampant, teeming"
    ),
    "sparse": (
        "sparse, scarcely a, scarcely any, hardly a, barely a, scattered, scattering of, "
        "sparsely, a handful of, scrubby, hardly any, barely any, scarce, occasional, here and "
        "there, isolated, lonely, lone, solitary, sprinkling of"
    ),
    "none": "bare, barren, lifeless, sterile, denuded, bare of, desolate",
}
"""How much of it; said of plants, or of nothing that counts."""

# Words of density that speak of plants wherever they stand.

OF_PLANTS = "bare barren lifeless desolate lush overgrown wooded verdant luxuriant"
