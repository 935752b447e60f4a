"""The picture around the person: canvas, background, layout, captions."""

from visavis.scene.apart import apart
from visavis.scene.backgrounds import Background, background_names, parse_background
from visavis.scene.canvas import ASPECTS, FRAME_RATES, RESOLUTIONS, Canvas, canvas
from visavis.scene.compositor import Compositor, compose
from visavis.scene.framing import Subject
from visavis.scene.layouts import FULL, Arrangement, Layout, layout
from visavis.scene.matte import Matte
from visavis.scene.sidecars import write_sidecar
from visavis.scene.styles import STYLES, CaptionStyle, caption_style
from visavis.scene.watermark import TEST, Watermark

__all__ = [
    "ASPECTS",
    "FRAME_RATES",
    "FULL",
    "RESOLUTIONS",
    "STYLES",
    "TEST",
    "Arrangement",
    "Background",
    "Canvas",
    "CaptionStyle",
    "Compositor",
    "Layout",
    "Matte",
    "Subject",
    "Watermark",
    "apart",
    "background_names",
    "canvas",
    "caption_style",
    "compose",
    "layout",
    "parse_background",
    "write_sidecar",
]
