"""What the camera's moves are called."""

from __future__ import annotations

STRONG = {
    "orbit": (
        "orbit, orbiting, orbital shot, orbit shot, drone orbit, encircle, encircling, revolve"
    ),
    "arc": "arc shot, arc around, arcing around, arc left, arc right, arcing, arc move",
    "dolly": (
        "dolly, dollying, dolly shot, tracking forward, track forward, dolly in place, steadicam "
        "walk, walk forward, walking forward, move forward, moving forward, travelling forward, "
        "traveling forward, forward travelling, forward tracking shot, first person walk, "
        "tracking in, forward movement"
    ),
    "truck": (
        "truck left, truck right, trucking, trucking shot, track left, track right, tracking "
        "left, tracking right, tracking shot, slider shot, sideways dolly, lateral move, slide "
        "left, slide right, sliding left, sliding right, lateral tracking shot, sideways tracking "
        "shot, truck to, truck slowly, crab left, crab right, lateral dolly, dolly left, dolly "
        "right"
    ),
    "pedestal": "pedestal up, pedestal down, pedestal shot, boom up, boom down, pedestal move",
    "pan": (
        "pan left, pan right, panning, pan shot, whip pan, pan across, pan over, pan slowly, pan "
        "around, panning shot, panorama shot"
    ),
    "tilt": (
        "tilt up, tilt down, tilting up, tilting down, tilt shot, tilt upward, tilt downward, "
        "tilting upward, tilting downward, tilt to, tilt slowly"
    ),
    "roll": (
        "barrel roll, camera roll, roll shot, dutch roll, dutch tilt, dutch angle, roll the "
        "camera"
    ),
    "crane": (
        "crane shot, crane up, crane down, craning, craning up, craning down, jib shot, jib up, "
        "jib down, crane rising, crane over, crane upward, crane move, crane back, crane above, "
        "jib, flyover, crane away"
    ),
    "push-in": (
        "push in, pushing in, push toward, pushing toward, push forward, pushing forward, dolly "
        "in, dolly toward, dolly into, move closer, moving closer, move in, moving in, creep in, "
        "creeping in, come closer, pushes in, push into, track in, push slowly in, push gently "
        "in, push up to, dollying in, dolly slowly in, dolly up to, go closer, push closer, dolly "
        "closer"
    ),
    "pull-out": (
        "pull out, pulling out, pull back, pulling back, dolly out, dolly back, dolly away, dolly "
        "backward, pull away, pulling away, back away, backing away, backing out, move away, "
        "moving away, track back, tracking back, reverse dolly, dollying out, dollying back, "
        "track out, pull slowly back, pull slowly out, retreat from, move back, moving back, "
        "dolly slowly back, move backward, moving backward, back off"
    ),
    "dolly-zoom": (
        "dolly zoom, zolly, vertigo effect, vertigo shot, hitchcock zoom, contra zoom, trombone "
        "shot, vertigo zoom"
    ),
    "spiral": (
        "spiral around, spiralling around, spiraling around, spiral up, spiral down, spiral shot, "
        "corkscrew, helix, spiralling, spiraling, spiral in, spiral out, spiral move, helical"
    ),
    "fly-through": "flythrough, fpv, drone flight through",
    "establish": (
        "establishing shot, establishing view, wide shot, aerial view, aerial shot, drone shot, "
        "drone view, bird eye view, bird's eye view, aerial, overview shot, long shot, panoramic "
        "shot, panoramic view, wide view, drone footage, master shot, extreme wide shot, aerial "
        "footage, establish the scene, overview, seen from the air, from the air, from above"
    ),
    "hold": (
        "static shot, static camera, fixed camera, locked off, locked off shot, still camera, "
        "tripod, still shot, fixed shot, stationary camera, static, stationary shot, camera "
        "still, camera stays still, locked down, camera hold, camera rests, camera stays put, "
        "hold still, camera doesn't move, lingering shot, stay still, locked camera, unmoving "
        "camera"
    ),
    "turntable": "turntable, turn table, turntable shot, 360 turntable",
    "walkthrough": (
        "walkthrough, walk through, walking through, guided tour, tour through, strolling "
        "through, stroll through, wander through, wandering through, tour of"
    ),
    "zoom-in": (
        "zoom in, zooming in, zoom into, zoom on, zoom toward, zoom shot, crash zoom, zoom "
        "closer, slow zoom, zoom slowly in"
    ),
    "zoom-out": "zoom out, zooming out, zoom back, zoom away, zoom slowly out",
}  # fmt: skip
"""What is a move of the camera wherever it stands."""

WEAK = {
    "orbit": (
        "circle, circling, go around, going around, move around, moving around, circle around, "
        "swing around, fly around, flying around, travel around, loop around, rotate around, "
        "rotating around, around, walk around, walking around, turn around, sweep around, "
        "swinging around, wheel around"
    ),
    "arc": "arc, swing, curve around, curving around",
    "dolly": (
        "walk, walking, travel, travelling, traveling, glide, gliding, advance, advancing, drift, "
        "drifting, move, moving, go, going, stroll, strolling, fly, flying, float, floating, "
        "follow, following, forward, ahead, head, heading, creep, creeping, push, pushing, track, "
        "tracking, run, running, ride, riding, drive, sail, sailing, wander, stride, prowl"
    ),
    "truck": "truck, slide, sliding, strafe, sideways, crab, sidestep",
    "pedestal": (
        "pedestal, rise, rising, ascend, ascending, descend, descending, sink, sinking, lift, "
        "lifting, climb, climbing, soar, soaring, lower, lowering, drop, dropping, boom"
    ),
    "pan": (
        "pan, look left, look right, turn left, turn right, looking left, looking right, turning "
        "left, turning right, sweep, sweeping, turn, turning, swivel, scan, scanning, gaze left, "
        "gaze right, rotate, rotating, swivelling"
    ),
    "tilt": (
        "tilt, tilting, look up, look down, looking up, looking down, gaze up, tip up, tip down"
    ),
    "roll": "roll, rolling",
    "crane": (
        "crane, fly over, flying over, fly above, flying above, rise over, rising over, rise "
        "above, rising above, soar over, soaring over, soar above, lift over, climb over, sweep "
        "over, sweeping over, glide over, gliding over, drift over, drifting over, lifting over, "
        "hover over, hovering over, swoop over, swooping over, ascend over, ascending over, skim "
        "over, skimming over, float over, floating over, rise up over"
    ),
    "push-in": (
        "approach, approaching, close in, closing in, near, in on, draw near, get closer, getting "
        "closer, closer, move toward, moving toward, walk toward, walking toward, glide toward, "
        "gliding toward, drift toward, fly toward, flying toward, advance toward, creep toward, "
        "head toward, travel toward, drawing closer, draw closer, edge closer, edging closer"
    ),
    "pull-out": (
        "retreat, retreating, back up, backing up, withdraw, withdrawing, recede, receding, back, "
        "away, walk backward, walking backward, glide back, drift back, drifting back, fly away, "
        "glide away, drift away, fall back, step back, ease back, easing back, backward"
    ),
    "spiral": "spiral, spin around, spinning around, twist around, wind around, winding around",
    "fly-through": (
        "fly through, flying through, fly into, flying into, soar through, soaring through, swoop "
        "through, swooping through, glide through, gliding through, drift through, drifting "
        "through, float through, sweep through, pass through, passing through, go through, rush "
        "through, zoom through, travel through"
    ),
    "walkthrough": "move through, moving through, explore, exploring",
    "hold": (
        "hover, hovering, hold, holding, still, pause, stay, staying, rest, resting, linger, "
        "lingering, stop, wait"
    ),
    "zoom-in": "zoom, zooming",
}  # fmt: skip
"""What is a move of the camera only where the clause speaks of the camera."""

NOUNISH = (
    "crane truck pan tilt arc spiral circle roll still boom head lower hold swing drift travel "
    "jib static"
)
"""Weak words that are things or qualities as well."""

CAMERA = (
    "camera, cam, we, shot, drone, lens, steadicam, gimbal, handheld, hand held, pov, point of "
    "view, first person, take, viewpoint, cameraman, camera move, camera movement, move, "
    "movement, quadcopter, footage, camerawork, our view, the view"
)
"""What says that a clause speaks of the camera."""

NOT_CAMERA = (
    "camera, cam, shot, drone, lens, steadicam, gimbal, pov, movement, move, quadcopter, "
    "camerawork, motion"
)

SPEED = {
    "very slow": (
        "very slow, very slowly, extremely slow, extremely slowly, ever so slowly, glacial, "
        "imperceptibly, super slow, barely perceptible"
    ),
    "slow": (
        "slow, slowly, gently, gentle, leisurely, unhurried, lazily, gradual, gradually, calm, "
        "softly, creeping, sedate, languid, languidly, lingering, lazy, soft, steadily, subtle, "
        "steady"
    ),
    "fast": (
        "fast, quick, quickly, rapid, rapidly, swift, swiftly, speedy, brisk, briskly, whip, "
        "sudden, crash, energetic, hurried, racing"
    ),
    "smooth": "smooth, smoothly, fluid, fluidly, graceful, gracefully, flowing, easy",
}

DIRECTION = {
    "left": "from right to left, right to left, left, leftward, leftwards, to the left",
    "right": "from left to right, left to right, right, rightward, rightwards, to the right",
    "up": (
        "up, upward, upwards, rising, rise, ascending, ascend, climbing, lifting, skyward, "
        "higher, gaining height, skywards, soaring, climbs, climb"
    ),
    "down": (
        "down, downward, downwards, descending, descend, sinking, lowering, lower, falling, "
        "dropping"
    ),
    "forward": (
        "forward, forwards, ahead, onward, in, into, along, toward, towards, straight ahead"
    ),
    "back": "back, backward, backwards, out, away, in reverse, reverse",
    "clockwise": "clockwise",
    "counter": (
        "counterclockwise, anticlockwise, counter clockwise, anti clockwise, contraclockwise"
    ),
}

TURN = {
    "360": (
        "full circle, all the way around, full turn, full orbit, whole circle, complete circle, "
        "full revolution, once around, complete orbit, all around, full 360, one full orbit, "
        "whole way around"
    ),
    "180": (
        "half circle, halfway around, half orbit, half turn, semicircle, half way around, half a "
        "circle, half a turn"
    ),
    "90": "quarter circle, quarter turn, quarter orbit, quarter of a circle, a quarter turn",
}

LENS = {
    "75": "wide angle, wide lens, wide angle lens, ultra wide",
    "25": "telephoto, tele lens, long lens, telephoto lens, narrow lens",
}

SHAKE = (
    "handheld, hand held, shaky, shaking, shaky cam, wobbly, documentary style, shoulder cam, "
    "hand held camera, jittery"
)

# How moves are told from other things: `reading.clauses` says what each list is for.

CONNECTORS = "then before after while finally followed lastly next ending starting"

ALONE = (
    "circle circling glide gliding fly flying approach approaching walk walking move moving "
    "travel travelling traveling sweep sweeping rise rising ascend ascending descend descending "
    "look looking rotate rotating explore exploring advance advancing zoom zooming pan tilt "
    "tilting truck crane arc strafe swing swinging hover hovering swoop swooping skim skimming "
    "soar soaring sideways drift drifting turn pedestal spiral orbit float floating"
)

STARTERS = "the a an its his her their this that every each"

BEFORE = "and with a an the in one it then slow by single long as we finally"
