"""The poses that are rendered for each presenter; the runtime rig holds the same."""

HALF = {"eyeBlinkLeft": 0.55, "eyeBlinkRight": 0.55}
BLINK = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
OPEN = {
    "jawOpen": 0.75, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35,
    "mouthLowerDownLeft": 0.5, "mouthLowerDownRight": 0.5,
}  # fmt: skip
WIDE = {
    "jawOpen": 0.14, "mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "mouthStretchLeft": 0.25,
    "mouthStretchRight": 0.25, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4,
    "mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4, "cheekSquintLeft": 0.3,
    "cheekSquintRight": 0.3,
}  # fmt: skip
ROUND = {"mouthPucker": 0.65, "mouthFunnel": 0.45, "jawOpen": 0.25}
KEYS = {"rest": {}, "half": HALF, "blink": BLINK, "open": OPEN, "wide": WIDE, "round": ROUND}
