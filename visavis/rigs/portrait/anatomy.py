"""Which points of the face mesh steer which part of a portrait."""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


def _indices(text: str) -> Indices:
    return np.array(text.split(), np.intp)


def _unique(*groups: Indices) -> Indices:
    return np.array(list(dict.fromkeys(np.concatenate(groups).tolist())), np.intp)


# Lip contours from corner to corner, image left to right.
INNER_UPPER = _indices("78 191 80 81 82 13 312 311 310 415 308")
INNER_LOWER = _indices("78 95 88 178 87 14 317 402 318 324 308")
OUTER_UPPER = _indices("61 185 40 39 37 0 267 269 270 409 291")
OUTER_LOWER = _indices("61 146 91 181 84 17 314 405 321 375 291")
CORNERS = _indices("61 78 291 308")

# The first row of skin around the lips, clockwise from under the nose; both lip layers share it.
LIP_SURROUND = _indices(
    "164 393 391 322 410 287 273 335 406 313 18 83 182 106 43 57 186 92 165 167"
)

# Few points steer much: a warp solves one equation for each, and OpenCV solves fewer than a
# hundred without waking any threads.
_OUTLINE = _indices("10 297 284 389 454 361 397 379 400 152 176 150 172 132 234 162 54 67")
_CHIN = _indices("200 199 211 431")
_CHEEKS = _indices("50 280 205 425 207 427 214 434")
_BROWS = _indices("46 52 55 105 276 282 285 334")
_NOSE = _indices("4 2 98 327 129 358")
_LIDS = _indices("33 133 263 362")
_SURROUND = _indices("164 391 410 287 273 335 406 18 182 106 43 57 186 165")

_SHARED = (_OUTLINE, _CHIN, _CHEEKS, _SURROUND, CORNERS)
UPPER_LAYER = _unique(*_SHARED, _BROWS, _NOSE, _LIDS, OUTER_UPPER, INNER_UPPER)
"""What the whole face but the lower lip follows."""
LOWER_LAYER = _unique(*_SHARED, _indices("2 98 327 4"), OUTER_LOWER, INNER_LOWER)
"""What the lower lip and the skin under it follow."""
PINS = 12


def _columns(text: str) -> Indices:
    return np.array([row.split() for row in text.strip().splitlines()], np.intp)


# Rows of points from the edge of a lip outwards, to the chin and to the nose.
LOWER_COLUMNS = _columns("""
95 96 77 146 43 202 210 169 150
88 89 90 91 106 204 211 170 149
178 179 180 181 182 194 32 140 176
87 86 85 84 83 201 208 171 148
14 15 16 17 18 200 199 175 152
317 316 315 314 313 421 428 396 377
402 403 404 405 406 418 262 369 400
318 319 320 321 335 424 431 395 378
324 325 307 375 273 422 430 394 379
""")
UPPER_COLUMNS = _columns("""
191 183 184 185 186
80 42 74 40 92
81 41 73 39 165
82 38 72 37 167
13 12 11 0 164
312 268 302 267 393
311 271 303 269 391
310 272 304 270 322
415 407 408 409 410
""")
