"""Faces in pictures: found, tracked, measured, checked and told apart from their background."""

from visavis.face.arkit import ArkitBasis
from visavis.face.canonical import Angles, Similarity, align, place_of
from visavis.face.check import PortraitSource, SourceWarning, check_portrait
from visavis.face.detect import Detection, FaceDetector
from visavis.face.head import HeadSplit
from visavis.face.image import load_image
from visavis.face.segment import Segmenter, VideoSegmenter
from visavis.face.track import FaceTracker, find_faces
from visavis.face.types import Face

__all__ = [
    "Angles",
    "ArkitBasis",
    "Detection",
    "Face",
    "FaceDetector",
    "FaceTracker",
    "HeadSplit",
    "PortraitSource",
    "Segmenter",
    "Similarity",
    "SourceWarning",
    "VideoSegmenter",
    "align",
    "check_portrait",
    "find_faces",
    "load_image",
    "place_of",
]
