"""From a clip to a rig."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.errors import SourceError
from visavis.face import indices as at
from visavis.media import probe
from visavis.media.source import Source
from visavis.rigs.footage.bank import LIGHT_PLACES, Bank, angles_of, features
from visavis.rigs.footage.blur import blur_penalties
from visavis.rigs.footage.checks import ClipWatch, check_container
from visavis.rigs.footage.clip import (
    Clip,
    Progress,
    encode_crop,
    mouth_box,
    read_clip,
    working_rate,
)
from visavis.rigs.footage.drawn import FEWEST_OPENINGS, draw_mouths
from visavis.rigs.footage.film import FilmReader
from visavis.rigs.footage.mattes import Mattes
from visavis.rigs.footage.points import HEAD_CONTROLS
from visavis.rigs.footage.rig import FootageRig
from visavis.rigs.footage.shapes import Shapes, lip_gaps, reference_of, smoothed, strain_of
from visavis.rigs.footage.walk import Stretches, measure_stretches
from visavis.rigs.types import Framing

Floats = npt.NDArray[np.float32]

LEAST_SCORE = 0.8
MOUTH_SIDE = 0.125
"""Weight of each neighbour in the points of a mouth: more would move them off a mouth that moves,
less would leave all that the tracker trembles."""


def create_footage(source: Source, *, progress: Progress | None = None) -> FootageRig:
    """Make a rig of a clip of one person.

    Args:
        source: path or bytes of a video of 4 to 15 s.
        progress: told the share that is done and what is being done.

    Raises:
        MediaError: the clip cannot be decoded.
        SourceError: the clip cannot become an avatar; `check` names why.
    """
    info = probe(source)
    check_container(info)
    watch = ClipWatch(float(working_rate(info)))
    clip = read_clip(source, info, watch=watch.see, progress=progress)
    warnings = watch.judge(clip.changes)
    if progress is not None:
        progress(0.95, "learning the face")
    return build_rig(clip, {"warnings": [asdict(warning) for warning in warnings]})


def build_rig(clip: Clip, notes: Mapping[str, Any]) -> FootageRig:
    """The rig of a clip that was read and found good.

    Args:
        clip: what was read.
        notes: see `FootageRig.notes`.
    """
    tracked = _without_holes(clip)
    landmarks = smoothed(tracked)
    mouths = smoothed(tracked, MOUTH_SIDE)[..., :2]
    reference = reference_of(landmarks)
    draft = Shapes.learn(reference, landmarks[:1])
    places = [draft.place(frame) for frame in landmarks]
    canonical = np.array(
        [place.undo(frame) for place, frame in zip(places, landmarks, strict=True)], np.float32
    )
    shapes = Shapes.learn(reference, canonical)
    angles = np.array([angles_of(place.angles) for place in places], np.float32)
    usable = np.array(
        [
            face is not None and face.score >= LEAST_SCORE and bool(crop)
            for face, crop in zip(clip.faces, clip.crops, strict=True)
        ]
    )
    frames = np.flatnonzero(usable)
    if len(frames) < 2:
        raise SourceError(
            f"The mouth is seen in {len(frames)} frames of the clip.",
            "Keep it in view and uncovered.",
            check="mouth",
        )
    bank = Bank(
        frames.astype(np.int32),
        features(canonical[frames], angles[frames], clip.light[frames]),
        mouths[frames],
        clip.boxes[frames],
        tuple(clip.crops[frame] for frame in frames),
        blur_penalties(
            [clip.crops[frame] for frame in frames],
            mouths[frames] - clip.boxes[frames, None, :2],
            lip_gaps(canonical[frames])[:, 3:6].mean(1),
        ),
    )
    if shapes.widest < FEWEST_OPENINGS:
        shapes, bank = _with_drawn_mouths(clip, landmarks, canonical, shapes, bank)
    return FootageRig(
        clip.film,
        landmarks,
        clip.light,
        shapes,
        bank,
        _stretches(clip, landmarks, strain_of(canonical)),
        _framing(landmarks, clip.film.size),
        Mattes.find(clip.film),
        notes,
    )


def _with_drawn_mouths(
    clip: Clip, landmarks: Floats, canonical: Floats, shapes: Shapes, bank: Bank
) -> tuple[Shapes, Bank]:
    """Shapes and mouths of a person who hardly opens the mouth in the clip, with drawn ones."""
    frames = bank.frames
    gaps = lip_gaps(canonical[frames])[:, 3:6].mean(1)
    turned = bank.features[:, -len(LIGHT_PLACES) - 2 : -len(LIGHT_PLACES)]
    calm = np.linalg.norm(turned - np.median(turned, axis=0), axis=1)
    resting = int(frames[(gaps + calm).argmin()])
    picture = FilmReader(clip.film).picture(resting)
    drawn = list(draw_mouths(picture, landmarks[resting]))
    places = [shapes.place(mouth.face.landmarks) for mouth in drawn]
    faces = np.array(
        [place.undo(m.face.landmarks) for place, m in zip(places, drawn, strict=True)], np.float32
    )
    boxes = [mouth_box(mouth.face, mouth.picture) for mouth in drawn]
    crops = [
        encode_crop(mouth.picture[box[1] : box[3], box[0] : box[2]])
        for box, mouth in zip(boxes, drawn, strict=True)
    ]
    # Numbers far beyond the clip's: rows of openings follow each other, other mouths do not.
    numbers = [len(clip) + 100 * (m.row + 1) + m.column for m in drawn]
    light = np.repeat(clip.light[resting][None], len(drawn), 0)
    angles = np.array([angles_of(place.angles) for place in places], np.float32)
    own = len(drawn) // max(1, len(canonical) // 2) + 1
    learnt = Shapes.learn(shapes.reference, np.concatenate([canonical, *[faces] * own]))
    return replace(learnt, neutral=shapes.neutral), Bank(
        np.concatenate([bank.frames, np.array(numbers, np.int32)]),
        np.concatenate([bank.features, features(faces, angles, light)]),
        np.concatenate([bank.landmarks, np.array([m.face.landmarks[:, :2] for m in drawn])]),
        np.concatenate([bank.boxes, np.array(boxes, np.int32)]),
        (*bank.crops, *crops),
        np.concatenate([bank.penalties, np.zeros(len(drawn), np.float32)]),
    )


def _without_holes(clip: Clip) -> Floats:
    """(t, 478, 3) landmarks; frames without a face get those between their neighbours."""
    known = [index for index, face in enumerate(clip.faces) if face is not None]
    if not known:
        raise SourceError(
            "No face was found in the clip.",
            "Use a clip in which one person looks into the camera.",
            check="one_face",
        )
    found = np.array([face.landmarks for face in clip.faces if face is not None])
    flat = found.reshape(len(found), -1)
    result = np.empty((len(clip), flat.shape[1]), np.float32)
    places = np.interp(np.arange(len(clip)), known, np.arange(len(known)))
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, len(known) - 1)
    share = (places - below)[:, None].astype(np.float32)
    result[:] = flat[below] * (1 - share) + flat[above] * share
    return result.reshape(len(clip), at.POINTS, 3)


def _stretches(clip: Clip, landmarks: Floats, strain: Floats) -> Stretches:
    eye = np.linalg.norm(landmarks[:, at.LEFT_EYE_OUTER] - landmarks[:, at.RIGHT_EYE_OUTER], axis=1)
    unit = float(np.median(eye))
    poses = landmarks[:, HEAD_CONTROLS, :2].reshape(len(landmarks), -1) / unit
    size = clip.looks.shape[1:]
    mouth = landmarks[:, at.JAW, :2].reshape(-1, 2) / np.array(clip.film.size) * size[::-1]
    low, high = np.floor(mouth.min(0)).astype(int), np.ceil(mouth.max(0)).astype(int)
    seen = np.ones(size, bool)
    seen[max(0, low[1] + (high[1] - low[1]) // 3) : high[1], max(0, low[0]) : high[0]] = False
    lids = np.concatenate([at.RIGHT_UPPER_LID, at.LEFT_UPPER_LID])
    under = np.concatenate([at.RIGHT_LOWER_LID[::-1], at.LEFT_LOWER_LID[::-1]])
    open_eyes = np.abs(landmarks[:, lids, 1] - landmarks[:, under, 1]).mean(1) / unit
    return measure_stretches(poses, clip.looks[:, seen], open_eyes, clip.rate, strain, clip.jerks)


def _framing(landmarks: Floats, size: tuple[int, int]) -> Framing:
    face = np.median(landmarks, axis=0)
    width, height = size
    oval = face[at.OVAL]
    left, right = float(oval[:, 0].min()), float(oval[:, 0].max())
    top, chin = float(oval[:, 1].min()), float(face[at.CHIN, 1])
    return Framing(
        # Hair rises above the forehead's outline by about a quarter of the face.
        crown=max(0.0, top - 0.25 * (chin - top)) / height,
        eyes=float(face[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER], 1].mean()) / height,
        chin=chin / height,
        centre=(left + right) / 2 / width,
        face_width=(right - left) / width,
    )
