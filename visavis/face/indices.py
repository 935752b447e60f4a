"""Names for the 478 points of the attention mesh.

Left and right are the subject's own, so `LEFT_EYE` is on the right of an unmirrored photograph.
Rings start at the image-left corner and run along the lower edge, then back along the upper one.
"""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]

POINTS = 478
MESH_POINTS = 468


def _indices(text: str) -> Indices:
    return np.array(text.split(), np.intp)


# Corners and single points.
RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_INNER, LEFT_EYE_OUTER = 362, 263
RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER = 61, 291
UPPER_LIP_MIDDLE, LOWER_LIP_MIDDLE = 13, 14
NOSE_TIP, CHIN, FOREHEAD = 1, 152, 10
RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE = 234, 454

# Lips: four rings of 20 from the skin to the opening; the inner one bounds the opening itself.
LIPS_OUTER = _indices("61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185")
LIPS_MIDDLE_OUTER = _indices(
    "76 77 90 180 85 16 315 404 320 307 306 408 304 303 302 11 72 73 74 184"
)
LIPS_MIDDLE_INNER = _indices(
    "62 96 89 179 86 15 316 403 319 325 292 407 272 271 268 12 38 41 42 183"
)
LIPS_INNER = _indices("78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191")
LIP_RINGS = (LIPS_OUTER, LIPS_MIDDLE_OUTER, LIPS_MIDDLE_INNER, LIPS_INNER)
LIPS = np.unique(np.concatenate(LIP_RINGS))
# Pairs that touch when the mouth is shut, image left to right, without the corners.
LIP_SEAM_LOWER = LIPS_INNER[1:10]
LIP_SEAM_UPPER = LIPS_INNER[:10:-1]

# Eyes: the rim of the lids, then the fold one row out.
RIGHT_EYE = _indices("33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246")
LEFT_EYE = _indices("362 382 381 380 374 373 390 249 263 466 388 387 386 385 384 398")
RIGHT_EYE_OUTER_RING = _indices("130 25 110 24 23 22 26 112 243 190 56 28 27 29 30 247")
LEFT_EYE_OUTER_RING = _indices("463 341 256 252 253 254 339 255 359 467 260 259 257 258 286 414")
RIGHT_UPPER_LID, RIGHT_LOWER_LID = RIGHT_EYE[9:], RIGHT_EYE[1:8]
LEFT_UPPER_LID, LEFT_LOWER_LID = LEFT_EYE[9:], LEFT_EYE[1:8]
EYES = np.concatenate([RIGHT_EYE, LEFT_EYE])

# Irises: centre first, then four points of its rim.
RIGHT_IRIS = np.arange(468, 473, dtype=np.intp)
LEFT_IRIS = np.arange(473, 478, dtype=np.intp)
IRISES = np.concatenate([RIGHT_IRIS, LEFT_IRIS])

RIGHT_BROW = _indices("46 53 52 65 55 107 66 105 63 70")
LEFT_BROW = _indices("276 283 282 295 285 336 296 334 293 300")
BROWS = np.concatenate([RIGHT_BROW, LEFT_BROW])

NOSE = _indices("168 6 197 195 5 4 1 19 94 2 98 97 326 327 129 358 49 279 48 278 64 294")

# The outline of the face, from the forehead clockwise as seen; then its lower half alone.
OVAL = _indices(
    "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377"
    " 152 148 176 149 150 136 172 58 132 93 234 127 162 21 54 103 67 109"
)
JAW = _indices("93 132 58 172 136 150 149 176 148 152 377 400 378 379 365 397 288 361 323")

# Points that move least with speech and expression: they carry the pose of the head.
RIGID = _indices(
    "10 338 297 332 284 251 389 127 162 21 54 103 67 109 168 6 197 195"
    " 33 133 362 263 151 9 8 234 454 356 122 351"
)

# What a mouth pulls along: everything below the nose that is neither lip nor outline.
LOWER_FACE = _indices(
    "205 425 50 280 36 266 206 426 207 427 216 436 212 432 202 422 204 424 194 418 201 421 200 199"
    " 175 18 313 83 182 406 164 165 391 92 322 186 410 57 287 43 273 106 335 214 434 192 416 135"
    " 364 169 394 170 395 140 369 171 396 208 428 32 262 211 431 210 430"
)
