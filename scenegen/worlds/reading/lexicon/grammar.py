"""Words that carry a sentence but say nothing of a world, and words that turn its sense."""

from __future__ import annotations

FUNCTION = (
    "a an the this that these those such each every either both all any some of in on at by with "
    "without to into onto from for as and or nor but so yet if than then there here where when "
    "while which who whose whom what it its it's they them their he she his her him we us our you "
    "your i me my is are was were be been being am isn't aren't wasn't weren't don't doesn't "
    "didn't won't can't do does did has have had having will would can could may might must shall "
    "should not no none never neither nothing nobody no-one over under above below beneath behind "
    "beyond before after during between among amid amidst amongst beside besides near nearby next "
    "along alongside across around round about against up down off out upon through throughout "
    "toward towards inside outside within past via per like unlike until till since because "
    "although though even just only also too very quite rather really almost nearly somewhat "
    "fairly pretty slightly still again once now ever always often sometimes both same own other "
    "another more most less least much many few little lot lots several one ones else away back "
    "forth apart together underneath atop overhead far however perhaps maybe please let lets "
    "let's want wants would'd i'd i'm there's that's here's we're it'd they're gone anything "
    "something everything everywhere somewhere nowhere anywhere half way ago yes oh well-nigh "
    "whilst unto ere o e s t d ll re ve m th way bit kind sort piece already ahead everywhere "
    "foot sight half minute minutes w dead soon yonder beneath thereof therein absolutely "
    "completely totally entirely mostly mainly largely partly possibly certainly truly simply "
    "suddenly finally lastly first second third last ending starting beginning start begin end "
    "ends begins starts followed meanwhile eventually later onwards onward"
)
"""Articles, pronouns, prepositions, auxiliaries, adverbs of degree."""

FILLER = (
    "scene view shot image picture photo photograph video clip film movie footage render "
    "rendering world place landscape scenery setting location spot area site region environment "
    "background foreground middle center centre distance horizon side edge corner top bottom "
    "front rear end left right show shows showing shown see sees seen seeing look looks looking "
    "imagine make create crawl crawling crawls burned burnt fringe fringed roadside wayside "
    "nearby generate depict depicting feature features featuring contain contains containing "
    "include includes including consist please cinematic photorealistic realistic hd 4k 8k ultra "
    "detailed stand stands standing stood lie lies lying lay sit sits sitting sat rest rests "
    "resting stretch stretches stretching surround surrounds surrounded surrounding flank flanked "
    "flanking frame framed framing overlook overlooks overlooking line lined lining lead leads "
    "leading rise rises rising rose cross crosses crossing span spans spanning nestle nestles "
    "nestled nestling perch perched perches hang hangs hanging hung fill fills filled filling "
    "cover covers covered covering cast casts casting bathe bathed bathes bathing set sets run "
    "runs running go goes going come comes coming meet meets meeting keep keeps kept wait waits "
    "waiting loom looms looming tower towers towering shine shines shining glow glows glowing lit "
    "light lights lighting illuminate illuminated flow flows flowing wind winds winding wound "
    "meander meanders meandering fall falls falling fell drop drops pour make makes made built "
    "build paint painted grow grows growing grown hold holds face faces facing dot dotted border "
    "bordered bordering ring ringed circle enclose enclosed enclosing carpet carpeted drift "
    "drifts drifting hover hovers hovering settle settled settling linger lingers lingering hide "
    "hides hidden hiding half-hidden reach reaches reaching climb climbs climbing turn turns "
    "turned spread spreads spreading scatter arrange arranged place placed day days daytime "
    "daylight sky skies air heaven time hour season weather morning's evening's atmosphere mood "
    "feeling feel style vibe ground land leave leaves leaving take takes taken seem seems appear "
    "appears become becomes remain remains bear catch catches crown crowned cling clings clinging "
    "creep creeps creeping curl curls curling peek peeks peeking peer slip slips break breaks "
    "breaking slope slopes sloping gather gathers filter filters filtering stream streams "
    "streaming glint glints glinting gleam gleams gleaming glitter glitters glittering sparkle "
    "sparkles sparkling flicker flickers flickering burn burns burning reflect reflects reflected "
    "reflecting lap laps lapping moor moored anchor anchored roll rolls swirl swirls swirling "
    "blow blows blowing whisper rustle sway sways swaying wreathe wreathed wrapped wrap drape "
    "draped draping lean leans leaning tuck tucked huddle huddled huddles clustered cluster "
    "strewn scattered litter littered decorate decorated hum give gives giving given hint part "
    "parts pass passes passing serve open opens opening close closes closing watch watching "
    "watches step light's"
)
"""What speaks of the picture itself, and verbs that only place things."""

QUALITY = (
    "old ancient young new modern big small large huge tiny giant enormous vast long short tall "
    "high low deep shallow wide narrow broad winding straight curved crooked round square "
    "beautiful pretty lovely picturesque scenic charming quaint rustic medieval gothic victorian "
    "baroque romanesque renaissance traditional typical remote distant faraway abandoned deserted "
    "empty lonely crowded busy worn weathered crumbling broken collapsed ruined ruinous damaged "
    "fallen clean dirty dusty wet dry damp slippery smooth rough soft hard heavy light faint "
    "strong weak gentle bright brilliant brightly dim dimly dark darkened shadowy shady colorful "
    "colourful vivid pale rich simple plain elegant luxurious opulent shabby grand windy breezy "
    "hot heat humid tropical temperate mediterranean nordic scandinavian italian french german "
    "english british scottish irish spanish portuguese dutch swiss austrian american african "
    "asian japanese chinese european russian turkish arabic moroccan persian indian egyptian "
    "greek roman mayan norwegian swedish icelandic greenlandic tuscan bavarian norman celtic "
    "byzantine viking fishing sheer steep jagged crooked twisted gnarled tangled floating sunken "
    "raised central main single-storey two-storey storey story storied distant lofty mighty proud "
    "humble sturdy fresh thin fine wild untouched pristine natural secluded hidden sheltered "
    "exposed open closed half full thick thin sharp blunt cracked mossy polished carved ornate "
    "painted decorated furnished sunken early late mid golden glowing twinkling flickering "
    "shining sleeping forgotten lost endless infinite boundless immense massive colossal compact "
    "cramped spacious airy snug wintery leafy stony sandy faded tattered patched stacked wooded "
    "magnificent stunning gorgeous perfect amazing wonderful little minor major classic classical "
    "period historic historical rural urban northern southern eastern western north south east "
    "west upper lower inner outer grassy arid parched sleepy lit unlit candlelit torch-lit wind "
    "breeze glare shadow shade shadows reflection reflections sound echo vaulted coarse shut "
    "shuttered brimming great good fair nice tidy messy cluttered neat overturned upturned moored "
    "anchored beached toppled windswept threadbare harsh flawless unmade striped rickety "
    "ramshackle derelict haggard weather-beaten sleek slender slim squat stout stubby ageing aged "
    "sweeping lone gusty gust blustery calmly quietly silently gently softly brilliantly "
    "sun-baked"
)
"""Qualities that are heard, but for which a world has no word."""

NEGATION = (
    "no, not, without, never, neither, nor, none of, free of, free from, devoid of, lacking, lack "
    "of, isn't, aren't, wasn't, weren't, don't, doesn't, no longer, not any, absence of, empty "
    "of, instead of, rather than, minus, sans, not a, bereft of, clear of, not even, no more, "
    "cannot, without any, no sign of, not a single, nary, lacks, stripped of, ain't, hold the, "
    "skip the, avoid, exclude, excluding, don't show, don't want, can't, won't, void of"
)
"""What follows is not there."""

AFFIRMATION = (
    "not only, not just, nothing but, no doubt, not far from, not without, no less than, not "
    "least, never without, not too far from, no other than, none other than, not merely, not to "
    "mention, not far, no matter, no end of, not long after, not long before, no shortage of"
)
"""What looks like a negation and is none."""

REVOKED = (
    "gone, vanished, absent, missing, lifted, cleared, melted, disappeared, dispersed, nowhere to "
    "be seen, nowhere in sight, forbidden, removed, cut down, felled, burnt down, not there, "
    "dried up, run dry, dried out, burned off, melted away, cleared away, ceased, stopped, over, "
    "passed"
)
"""What stands before ``is gone`` is not there; each needs an auxiliary before it."""

AUXILIARY = "is are was were has have had been be being"

EXCEPTION = (
    "except, except for, apart from, other than, but for, besides, save for, only, aside from, save"
)
"""In what is not there, what follows is."""

INSIDE = "in inside within on at through across amid among amidst throughout into"
"""Prepositions before the place where all is."""

ASIDE = (
    "by near beside above over below beneath under behind beyond facing with towards toward from "
    "against around round overlooking along alongside off past between like outside"
)
"""Prepositions before something else."""

FAR = "in the distance, on the horizon, in the background, far away, far off, in the far distance"
"""What stands before is not where all is."""

IRREGULAR = {
    "leaves": "leaf", "shelves": "shelf", "wolves": "wolf", "knives": "knife", "halves": "half",
    "cacti": "cactus", "oases": "oasis", "men": "man", "women": "woman", "people": "people",
    "children": "child", "mice": "mouse", "geese": "goose", "feet": "foot", "woods": "wood",
    "roofs": "roof", "rooves": "roof", "wharves": "wharf", "loaves": "loaf", "series": "series",
    "lenses": "lens", "buses": "bus", "axes": "axe", "chateaux": "chateau", "stairs": "stair",
    "pyrenees": "pyrenee", "dolomites": "dolomite", "amphorae": "amphora", "cliffs": "cliff",
    "arches": "arch", "bookshelves": "bookshelf", "calves": "calf", "scarves": "scarf",
    "houses": "house", "horses": "horse", "axis": "axis", "bushes": "bush", "fungi": "fungus",
    "skies": "sky", "glasses": "glass", "canvases": "canvas", "lens": "lens", "canvas": "canvas",
    "christmas": "christmas", "always": "always", "terraces": "terrace", "fences": "fence",
    "palaces": "palace", "fireplaces": "fireplace", "benches": "bench", "branches": "branch",
    "moss": "moss", "news": "news", "gas": "gas", "atlas": "atlas", "swans": "swan",
    "avenues": "avenue", "statues": "statue", "ashes": "ash", "pathos": "pathos",
    "candles": "candle", "wherries": "wherry", "vases": "vase", "roses": "rose",
    "cottages": "cottage", "villages": "village", "bridges": "bridge", "hedges": "hedge",
    "degrees": "degree", "trees": "tree", "pines": "pine", "cypresses": "cypress",
    "fortresses": "fortress", "churches": "church", "torches": "torch", "porches": "porch",
    "couches": "couch", "beaches": "beach", "boxes": "box", "crosses": "cross",
    "passes": "pass", "grasses": "grass", "dunes": "dune", "stones": "stone", "lanes": "lane",
    "pillows": "pillow", "clothes": "clothes", "snows": "snow",
}  # fmt: skip

DECOYS = (
    "animal, dog, cat, bird, fish, cow, horse, sheep, wolf, bear, insect, snake, monster, dragon, "
    "unicorn, ghost, robot, alien, spaceship, rocket, car, truck, train, airplane, helicopter, "
    "bicycle, machine, computer, telephone, man, woman, child, people, soldier, king, queen, "
    "wizard, witch, pirate, knight, sword, gun, food, bread, fruit, coffee, wine, music, guitar, "
    "dance, football, game, money, business, politics, science, mathematics, religion, love, "
    "anger, hope, idea, memory, dream, war, death, birth, face, hand, eye, clothes, dress, hat, "
    "shoe, toy, newspaper, letter, language, medicine, hospital equipment, electricity, internet, "
    "software, running, jumping, eating, sleeping, singing, talking, fighting, working, seagull, "
    "eagle, elephant, lion, zebra, dinosaur, mermaid, vampire, zombie, balloon, umbrella, flag, "
    "clock, piano, television, knife, bottle, cup, plate, skull, bone, blood, gold coin, jewel, "
    "tractor, motorcycle, satellite, planet, galaxy, atom, cell biology, number, colour theory, "
    "law, school lesson, quickly, important, possible, angry, clever, expensive, smell, taste, "
    "noise, song, kite, smoke alarm, butterfly, bee, deer, camel, penguin, swan, rabbit, duck, "
    "chicken, pig, goat, farmer, fisherman, tourist, crowd, monk, traveller, hero, lover, saint, "
    "baker, child's toy"
)
"""Things that no world has: what is nearest to one of them is not understood."""

# What joins the words of a phrase: `reading.mentions` says what each list is for.

KEEPS = "and or of very quite rather too more most with"

LINKS = "of in from is are was were made built painted dyed"

BESIDE = "with all and out quite very"

ONE = "a an another every each"

DEFINITE = "the its their his her these those this that both"
