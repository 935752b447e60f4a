"""Cloth in another colour, on layers small enough to see every pixel."""

import numpy as np

from visavis.rigs.character.dye import dyed

BOX = {"front": (2, 4, 8, 10)}


def layers(value=(60, 90, 160)):
    full = np.zeros((12, 12, 4), np.uint8)
    full[...] = (*value, 255)
    full[6:, :6, :3] = [round(0.6 * channel) for channel in value]  # a fold in shade
    return {"full": full, "front": full[4:10, 2:8].copy(), "lash-rest": full[:2].copy()}


def mask(full=255):
    cloth = np.zeros((12, 12), np.uint8)
    cloth[4:] = full
    return cloth


def test_cloth_at_middle_light_shows_the_colour_and_shade_stays_shade():
    before = layers()
    before["full"][6:8, :6] = (60, 90, 160, 255)  # so that the middle of the light is the lit part
    out = dyed(before, BOX, mask(), (200, 60, 40))["full"]
    assert np.abs(out[5, 9, :3].astype(int) - (200, 60, 40)).max() <= 2
    lit, shaded = out[5, 9, :3].astype(float), out[10, 2, :3].astype(float)
    assert (shaded < lit).all()
    assert np.allclose(shaded / shaded.sum(), lit / lit.sum(), atol=0.03)


def test_what_is_not_cloth_and_all_opacity_stay():
    before = layers()
    before["full"][0, 0] = (1, 2, 3, 77)
    out = dyed(before, BOX, mask(), (200, 60, 40))
    assert np.array_equal(out["full"][:4], before["full"][:4])
    assert np.array_equal(out["full"][..., 3], before["full"][..., 3])
    assert out["lash-rest"] is before["lash-rest"]


def test_layers_are_dyed_where_their_box_lies_in_the_picture():
    out = dyed(layers(), BOX, mask(), (30, 160, 60))
    assert np.array_equal(out["front"], out["full"][4:10, 2:8])


def test_half_cloth_is_half_dyed():
    whole = dyed(layers(), {}, mask(), (220, 220, 210))["full"].astype(int)
    half_mask = mask()
    half_mask[5, 9] = 128
    half = dyed(layers(), {}, half_mask, (220, 220, 210))["full"].astype(int)
    middle = (layers()["full"][5, 9, :3].astype(int) + whole[5, 9, :3]) / 2
    assert np.abs(half[5, 9, :3] - middle).max() <= 2


def test_bright_cloth_never_wraps_around():
    before = layers((120, 120, 120))
    before["full"][5, 9, :3] = 255
    out = dyed(before, BOX, mask(), (240, 235, 220))["full"]
    assert (out[5, 9, :3] >= 235).all()


def test_without_cloth_nothing_happens():
    before = layers()
    out = dyed(before, BOX, np.zeros((12, 12), np.uint8), (200, 60, 40))
    assert all(np.array_equal(out[name], before[name]) for name in before)
