"""Rooms to stand in: ``python -m gallery.sets [names] [--out DIR]`` renders and packs them.

Plain furniture in metres: x to the right, y away from the camera, z up. Each is rendered small, put
out of focus by the disc of a lens, and enlarged: nothing in it is sharp, so nothing is lost.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import bpy

# bmesh can be found once bpy is loaded
# isort: split
import bmesh
import numpy as np
from PIL import Image
from scipy.signal import fftconvolve

BACKGROUNDS = Path(__file__).parent.parent / "visavis" / "assets" / "backgrounds"
SIZE = (480, 270)
SHIPPED = (1920, 1080)
SAMPLES = 10
WALL = 4.4
"""Depth of the back wall."""
QUALITY = 84

Colour = tuple[float, float, float]
WOOD: Colour = (0.30, 0.165, 0.085)
PALE_WOOD: Colour = (0.50, 0.34, 0.20)
BOOKS: tuple[Colour, ...] = (
    (0.22, 0.05, 0.04), (0.05, 0.12, 0.22), (0.50, 0.42, 0.30), (0.10, 0.20, 0.14),
    (0.60, 0.56, 0.50), (0.42, 0.20, 0.06), (0.07, 0.07, 0.08), (0.30, 0.34, 0.38),
)  # fmt: skip


_made: dict = {}
"""Paints and meshes of the room that is being built."""


def _paint(colour: Colour, rough: float = 0.6, glow: float = 0.0, metal: float = 0.0):
    key = (tuple(colour), rough, glow, metal)
    if key in _made:
        return _made[key]
    material = _made[key] = bpy.data.materials.new("paint")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = rough
    shader.inputs["Metallic"].default_value = metal
    if glow:
        shader.inputs["Emission Color"].default_value = (*colour, 1)
        shader.inputs["Emission Strength"].default_value = glow
    return material


def _put(key: str, build: Callable, material, at, scale=(1.0, 1.0, 1.0), smooth: bool = True):
    """An object of a shape; shapes of one kind and paint share their mesh."""
    data = _made.get((key, material.name))
    if data is None:
        data = _made[key, material.name] = bpy.data.meshes.new(key)
        shape = bmesh.new()
        build(shape)
        shape.to_mesh(data)
        shape.free()
        data.polygons.foreach_set("use_smooth", np.full(len(data.polygons), smooth))
        data.materials.append(material)
    thing = bpy.data.objects.new(key, data)
    thing.location, thing.scale = at, scale
    bpy.context.collection.objects.link(thing)
    return thing


def box(x: float, y: float, z: float, wide: float, deep: float, high: float, material):
    """A box whose middle is at x, y, z."""

    def build(shape) -> None:
        bmesh.ops.create_cube(shape, size=1)

    return _put("box", build, material, (x, y, z), (wide, deep, high), smooth=False)


def tube(x: float, y: float, z: float, radius: float, high: float, material, top=None):
    """An upright cylinder or truncated cone whose middle is at x, y, z."""
    share = 1.0 if top is None else top / radius

    def build(shape) -> None:
        bmesh.ops.create_cone(
            shape, cap_ends=True, segments=32, radius1=1, radius2=max(share, 1e-3), depth=1
        )

    return _put(f"tube{share:.3f}", build, material, (x, y, z), (radius, radius, high))


def ball(x: float, y: float, z: float, radius: float, material, flat: float = 1.0):
    """A ball, or one that is pressed flat."""

    def build(shape) -> None:
        bmesh.ops.create_uvsphere(shape, u_segments=20, v_segments=12, radius=1)

    return _put("ball", build, material, (x, y, z), (radius, radius, radius * flat))


def lamp(x: float, y: float, z: float, size: float, power: float, colour=(1, 0.95, 0.88), turn=0.0):
    """An area light that shines down, or turned about y by `turn` radians."""
    light = bpy.data.lights.new("lamp", "AREA")
    light.size, light.energy, light.color = size, power, colour
    thing = bpy.data.objects.new("lamp", light)
    thing.location, thing.rotation_euler = (x, y, z), (0, turn, 0)
    bpy.context.collection.objects.link(thing)


def shell(wall: Colour, floor: Colour, rough: float = 0.5) -> None:
    """Back wall, side walls, floor and ceiling."""
    box(0, WALL + 0.1, 1.5, 12, 0.2, 3.4, _paint(wall, 0.8))
    for side in (-1, 1):
        box(side * 4.2, 1.2, 1.5, 0.2, 6.6, 3.4, _paint(wall, 0.8))
    box(0, 1.2, -0.05, 9, 7, 0.1, _paint(floor, rough))
    box(0, 1.2, 3.1, 9, 7, 0.1, _paint((0.8, 0.8, 0.78), 0.9))


def plant(x: float, y: float, z: float, size: float, rng: np.random.Generator, pot: Colour) -> None:
    tube(x, y, z + 0.17 * size, 0.16 * size, 0.34 * size, _paint(pot, 0.5), 0.2 * size)
    greens = [(0.05, 0.16, 0.05), (0.08, 0.24, 0.07), (0.03, 0.11, 0.04)]
    for index in range(46):
        angle, lean = rng.uniform(0, 2 * math.pi), rng.uniform(0.15, 0.9)
        reach = size * rng.uniform(0.12, 0.6)
        leaf = ball(
            x + math.sin(angle) * math.sin(lean) * reach,
            y + math.cos(angle) * math.sin(lean) * reach,
            z + 0.4 * size + math.cos(lean) * reach,
            1, _paint(greens[index % 3], 0.45),
        )  # fmt: skip
        leaf.scale = (0.04 * size, 0.008 * size, 0.22 * size)
        leaf.rotation_euler = (-lean * math.cos(angle), lean * math.sin(angle), 0)


def shelves(x, y, wide, high, rows, rng, wood=WOOD, full=0.85) -> None:
    """An open bookcase on the floor."""
    frame = _paint(wood, 0.5)
    box(x, y + 0.17, high / 2, wide, 0.03, high, _paint(tuple(0.6 * c for c in wood), 0.6))
    for side in (-1, 1):
        box(x + side * wide / 2, y, high / 2, 0.04, 0.36, high, frame)
    step = high / rows
    for row in range(rows + 1):
        box(x, y, row * step, wide, 0.36, 0.04, frame)
    for row in range(rows):
        at = x - wide / 2 + 0.05
        while at < x + wide / 2 - 0.08:
            thick = rng.uniform(0.025, 0.06)
            tall = step * rng.uniform(0.6, 0.85)
            if rng.random() < full:
                colour = BOOKS[int(rng.integers(len(BOOKS)))]
                box(at + thick / 2, y - 0.03, row * step + 0.02 + tall / 2, thick * 0.94,
                    rng.uniform(0.2, 0.26), tall, _paint(colour, 0.55))  # fmt: skip
            else:
                at += 0.08
            at += thick


def _daylight(bright: float):
    """Emission from hazy green at the bottom to white sky at the top of what carries it."""
    key = ("daylight", bright)
    if key in _made:
        return _made[key]
    material = _made[key] = bpy.data.materials.new("daylight")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    where = tree.nodes.new("ShaderNodeTexCoord")
    apart = tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    glow = tree.nodes.new("ShaderNodeEmission")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    stops = ramp.color_ramp.elements
    stops[0].position, stops[0].color = 0.0, (0.16, 0.27, 0.13, 1)
    stops[1].position, stops[1].color = 1.0, (0.86, 0.94, 1.0, 1)
    for place, colour in ((0.28, (0.30, 0.42, 0.26)), (0.42, (0.66, 0.78, 0.80))):
        stops.new(place).color = (*colour, 1)
    glow.inputs[1].default_value = bright
    tree.links.new(where.outputs["Generated"], apart.inputs[0])
    tree.links.new(apart.outputs[2], ramp.inputs[0])
    tree.links.new(ramp.outputs[0], glow.inputs[0])
    tree.links.new(glow.outputs[0], output.inputs[0])
    return material


def window(x, y, z, wide, high, panes, frame=(0.75, 0.75, 0.74), bright=1.7) -> None:
    """Panes in the back wall with daylight behind."""
    box(x, y - 0.02, z, wide, 0.04, high, _daylight(bright))
    box(x, y - 0.03, z - 0.6 * high, wide + 0.1, 0.05, 0.2 * high, _paint(frame, 0.4))
    material = _paint(frame, 0.4)
    for index in range(panes + 1):
        box(x - wide / 2 + wide * index / panes, y - 0.06, z, 0.05, 0.1, high + 0.05, material)
    for edge in (-1, 0.1, 1):
        box(x, y - 0.06, z + edge * high / 2, wide + 0.05, 0.1, 0.05, material)
    lamp_at = y - 0.5
    lamp(x, lamp_at, z + 0.6, 1.2, 60, (0.85, 0.93, 1))


def art(x, z, wide, high, colours: tuple[Colour, ...], frame: Colour = (0.05, 0.045, 0.04)) -> None:
    box(x, WALL - 0.02, z, wide, 0.04, high, _paint(frame, 0.4))
    box(x, WALL - 0.045, z, wide * 0.92, 0.01, high * 0.92, _paint(colours[0], 0.7))
    for index, colour in enumerate(colours[1:]):
        thing = ball(x + (index - 0.6) * wide * 0.22, WALL - 0.05, z + (index - 0.5) * high * 0.16,
             0.2 * high, _paint(colour, 0.7), 1.0)  # fmt: skip
        thing.scale = (0.2 * high, 0.004, 0.2 * high)


def office(rng) -> None:
    shell((0.62, 0.60, 0.56), (0.34, 0.24, 0.16), 0.35)
    window(-1.45, WALL, 1.65, 2.1, 1.7, 3)
    shelves(1.75, WALL - 0.25, 1.3, 2.2, 5, rng, PALE_WOOD, 0.7)
    box(-1.5, WALL - 0.9, 0.74, 2.0, 0.75, 0.04, _paint(PALE_WOOD, 0.4))
    box(-1.75, WALL - 0.8, 1.05, 0.62, 0.03, 0.37, _paint((0.02, 0.02, 0.025), 0.3))
    tube(-1.75, WALL - 0.8, 0.83, 0.03, 0.16, _paint((0.3, 0.3, 0.3), 0.3, 0, 1))
    plant(0.72, WALL - 0.4, 0.0, 1.35, rng, (0.6, 0.58, 0.55))
    for x in (-0.9, 0.9):
        tube(x, WALL - 1.2, 2.42, 0.16, 0.16, _paint((0.05, 0.05, 0.05), 0.4), 0.05)
        ball(x, WALL - 1.2, 2.35, 0.07, _paint((1, 0.82, 0.6), 1, 14))
    lamp(0.6, 2.2, 3.0, 2.5, 110)


def classroom(rng) -> None:
    shell((0.70, 0.64, 0.50), (0.36, 0.26, 0.17), 0.4)
    box(-0.1, WALL - 0.03, 1.62, 3.0, 0.06, 1.35, _paint(WOOD, 0.5))
    board = _paint((0.035, 0.10, 0.075), 0.7)
    box(-0.1, WALL - 0.07, 1.62, 2.86, 0.02, 1.22, board)
    box(-0.1, WALL - 0.12, 0.93, 2.6, 0.12, 0.04, _paint(WOOD, 0.5))
    chalk = _paint((0.55, 0.6, 0.56), 0.9)
    for row in range(5):
        at = -1.38
        while at < -0.55:
            long = rng.uniform(0.06, 0.2)
            box(at + long / 2, WALL - 0.085, 2.05 - 0.17 * row, long, 0.01, 0.028, chalk)
            at += long + 0.05
    for index in range(3):
        ring = tube(0.65 + 0.24 * index, WALL - 0.085, 1.75 - 0.1 * (index % 2), 0.16, 0.01, chalk)
        hole = tube(0.65 + 0.24 * index, WALL - 0.092, 1.75 - 0.1 * (index % 2), 0.13, 0.01, board)
        ring.rotation_euler = hole.rotation_euler = (math.pi / 2, 0, 0)
    shelves(2.25, WALL - 0.25, 0.95, 1.25, 3, rng, PALE_WOOD)
    ball(2.2, WALL - 0.3, 1.52, 0.17, _paint((0.06, 0.22, 0.38), 0.35))
    tube(2.2, WALL - 0.3, 1.3, 0.1, 0.05, _paint(WOOD, 0.4), 0.03)
    window(-2.75, WALL, 1.75, 1.4, 1.5, 2)
    for x in (-1.6, 0.0, 1.6):
        box(x, 2.9, 0.74, 1.1, 0.5, 0.04, _paint(PALE_WOOD, 0.35))
    lamp(0, 2.0, 3.0, 3.0, 170)


def news_desk(rng) -> None:
    shell((0.012, 0.02, 0.05), (0.012, 0.018, 0.035), 0.12)
    for index in range(-6, 7):
        shade = 0.5 + 0.5 * rng.random()
        colour = (0.015 * shade, 0.07 * shade, 0.26 * shade)
        box(index * 0.46, WALL - 0.06, 1.5, 0.43, 0.06, 3.0, _paint(colour, 0.25, 0.7))
        if index % 2:
            box(index * 0.46 + 0.23, WALL - 0.12, 1.5, 0.025, 0.03, 3.0,
                _paint((0.15, 0.5, 1.0), 1, 4))  # fmt: skip
    for side in (-1, 1):
        box(side * 1.75, WALL - 0.4, 1.72, 1.45, 0.05, 0.86, _paint((0.02, 0.02, 0.03), 0.2))
        box(side * 1.75, WALL - 0.44, 1.72, 1.38, 0.02, 0.79, _paint((0.03, 0.16, 0.48), 0.3, 1.6))
        for row in range(4):
            long = rng.uniform(0.4, 1.0)
            box(side * 1.75 - 0.58 + long / 2, WALL - 0.46, 1.98 - 0.15 * row, long, 0.01, 0.035,
                _paint((0.5, 0.75, 1.0), 1, 1.6))  # fmt: skip
    box(0, WALL - 0.5, 1.02, 6.5, 0.05, 0.03, _paint((0.9, 0.25, 0.1), 1, 2))
    box(0, 2.9, 0.72, 4.6, 0.9, 0.06, _paint((0.03, 0.04, 0.07), 0.08))
    box(0, 2.44, 0.66, 4.6, 0.03, 0.025, _paint((0.2, 0.55, 1.0), 1, 10))
    lamp(-2.2, 2.2, 2.9, 1.2, 60, (0.6, 0.75, 1))
    lamp(2.2, 2.2, 2.9, 1.2, 60, (0.6, 0.75, 1))


def living_room(rng) -> None:
    shell((0.60, 0.50, 0.38), (0.30, 0.19, 0.11), 0.35)
    cloth = _paint((0.13, 0.20, 0.22), 0.9)
    box(-0.9, WALL - 0.55, 0.55, 2.5, 0.75, 0.5, cloth)
    for index in range(3):
        box(-1.7 + 0.8 * index, WALL - 0.35, 0.88, 0.78, 0.26, 0.5, cloth)
    for x, colour in ((-1.85, (0.55, 0.30, 0.10)), (-0.15, (0.55, 0.48, 0.38))):
        thing = ball(x, WALL - 0.72, 0.98, 0.24, _paint(colour, 0.95))
        thing.scale = (0.25, 0.12, 0.22)
    art(-1.35, 1.95, 0.75, 0.95, ((0.66, 0.60, 0.5), (0.45, 0.2, 0.1), (0.1, 0.2, 0.22)))
    art(-0.45, 1.95, 0.6, 0.75, ((0.55, 0.57, 0.52), (0.08, 0.14, 0.1), (0.6, 0.42, 0.16)))
    tube(1.15, WALL - 0.6, 0.8, 0.015, 1.6, _paint((0.25, 0.18, 0.08), 0.3, 0, 1))
    tube(1.15, WALL - 0.6, 1.7, 0.25, 0.36, _paint((1.0, 0.78, 0.5), 1, 3.2), 0.17)
    lamp(1.15, WALL - 0.7, 2.3, 0.5, 16, (1, 0.75, 0.45))
    shelves(2.2, WALL - 0.25, 1.1, 1.0, 2, rng, WOOD, 0.6)
    plant(1.85, WALL - 0.45, 1.0, 0.75, rng, (0.55, 0.3, 0.2))
    ball(2.5, WALL - 0.3, 1.1, 0.1, _paint((0.62, 0.6, 0.55), 0.4), 1.3)
    window(-3.0, WALL, 1.6, 1.1, 1.9, 2, bright=1.5)
    for x in (-3.55, -2.35):
        for fold in range(6):
            tube(x + 0.06 * fold, WALL - 0.16, 1.55, 0.045, 2.6, _paint((0.62, 0.56, 0.47), 0.9))
    lamp(0.5, 2.0, 3.0, 2.6, 75, (1, 0.88, 0.72))


def clinic(rng) -> None:
    shell((0.66, 0.72, 0.72), (0.52, 0.55, 0.56), 0.3)
    box(0, WALL - 0.02, 1.05, 9, 0.05, 0.12, _paint((0.10, 0.42, 0.45), 0.5))
    white = _paint((0.78, 0.79, 0.79), 0.3)
    for index in range(3):
        box(1.25 + 0.62 * index, WALL - 0.2, 2.1, 0.59, 0.36, 0.75, white)
        box(1.25 + 0.62 * index + 0.2, WALL - 0.39, 1.82, 0.02, 0.02, 0.12,
            _paint((0.5, 0.5, 0.5), 0.25, 0, 1))  # fmt: skip
    box(1.9, WALL - 0.3, 0.45, 2.1, 0.6, 0.9, white)
    box(1.9, WALL - 0.32, 0.92, 2.15, 0.66, 0.05, _paint((0.2, 0.24, 0.26), 0.25))
    for index in range(7):
        colour = [(0.1, 0.4, 0.45), (0.7, 0.7, 0.7), (0.5, 0.25, 0.12), (0.2, 0.3, 0.5)][index % 4]
        tube(1.1 + 0.16 * index, WALL - 0.35, 1.04, 0.05, 0.16 + 0.08 * (index % 3),
             _paint(colour, 0.3))  # fmt: skip
    window(-1.6, WALL, 1.7, 1.9, 1.4, 2, bright=1.7)
    for row in range(16):
        box(-1.6, WALL - 0.14, 1.05 + 0.085 * row, 1.9, 0.05, 0.018, white)
    plant(0.35, WALL - 0.4, 0.0, 1.3, rng, (0.75, 0.75, 0.74))
    box(-2.85, WALL - 0.03, 1.75, 0.5, 0.03, 0.75, _paint((0.75, 0.76, 0.74), 0.6))
    lamp(0.0, 2.2, 3.0, 3.0, 190, (0.96, 0.98, 1))


def shop(rng) -> None:
    shell((0.50, 0.47, 0.43), (0.33, 0.25, 0.18), 0.4)
    goods = [(0.55, 0.12, 0.08), (0.10, 0.30, 0.34), (0.66, 0.45, 0.10), (0.62, 0.58, 0.52),
             (0.08, 0.10, 0.16), (0.30, 0.14, 0.26), (0.20, 0.34, 0.16)]  # fmt: skip
    board = _paint(PALE_WOOD, 0.45)
    for row in range(4):
        z = 0.75 + 0.52 * row
        box(-1.75, WALL - 0.22, z, 2.2, 0.4, 0.04, board)
        at = -2.75
        while at < -0.75:
            wide = rng.uniform(0.1, 0.24)
            tall = rng.uniform(0.14, 0.34)
            colour = goods[int(rng.integers(len(goods)))]
            if rng.random() < 0.5:
                tube(at + wide / 2, WALL - 0.25, z + 0.02 + tall / 2, wide * 0.42, tall,
                     _paint(colour, 0.4))  # fmt: skip
            else:
                box(at + wide / 2, WALL - 0.25, z + 0.02 + tall / 2, wide * 0.85, 0.2, tall,
                    _paint(colour, 0.5))  # fmt: skip
            at += wide + 0.03
    thing = tube(1.75, WALL - 0.5, 1.75, 0.018, 2.2, _paint((0.05, 0.05, 0.05), 0.3, 0, 1))
    thing.rotation_euler = (0, math.pi / 2, 0)
    for index in range(15):
        colour = goods[int(rng.integers(len(goods)))]
        x = 0.8 + 0.135 * index
        thing = box(x, WALL - 0.5, 1.28, 0.06, 0.42, 0.8, _paint(colour, 0.9))
        thing.rotation_euler = (0, 0, rng.uniform(-0.12, 0.12))
    for x in (-1.9, -0.5, 0.9, 2.3):
        tube(x, WALL - 1.1, 2.5, 0.15, 0.2, _paint((0.04, 0.04, 0.04), 0.4), 0.04)
        ball(x, WALL - 1.1, 2.4, 0.08, _paint((1, 0.8, 0.55), 1, 18))
        lamp(x, WALL - 1.1, 2.3, 0.2, 16, (1, 0.82, 0.6))
    plant(2.75, WALL - 0.9, 0.0, 1.3, rng, (0.25, 0.22, 0.2))
    lamp(0, 2.0, 3.0, 3.0, 85, (1, 0.93, 0.84))


def library(rng) -> None:
    shell((0.20, 0.13, 0.08), (0.18, 0.09, 0.045), 0.3)
    for index in range(-3, 4):
        shelves(index * 1.0, WALL - 0.25, 0.96, 2.75, 6, rng, (0.16, 0.075, 0.035), 0.94)
    for side in (-1, 1):
        tube(side * 1.6, 3.2, 1.02, 0.16, 0.16, _paint((0.10, 0.45, 0.25), 0.3, 2.0), 0.07)
        tube(side * 1.6, 3.2, 0.86, 0.012, 0.2, _paint((0.4, 0.28, 0.08), 0.2, 0, 1))
        lamp(side * 1.6, 3.2, 1.6, 0.3, 9, (1, 0.75, 0.4))
    box(0, 3.1, 0.74, 5, 0.8, 0.06, _paint((0.14, 0.06, 0.03), 0.25))
    for x in (-2, 0, 2):
        lamp(x, WALL - 1.0, 2.95, 0.7, 34, (1, 0.82, 0.58))


def outdoors(rng) -> None:
    world = bpy.context.scene.world.node_tree.nodes["Background"]
    world.inputs[0].default_value = (0.62, 0.80, 1.0, 1)
    world.inputs[1].default_value = 1.25
    box(0, 30, -0.05, 90, 80, 0.1, _paint((0.09, 0.17, 0.035), 0.9))
    thing = box(1.2, 20, 0.0, 2.4, 60, 0.02, _paint((0.42, 0.36, 0.27), 0.9))
    thing.rotation_euler = (0, 0, 0.12)
    greens = [(0.05, 0.15, 0.025), (0.09, 0.22, 0.035), (0.16, 0.27, 0.04), (0.035, 0.10, 0.03)]
    leaves = [_paint(colour, 0.8) for colour in greens]

    def foliage(middle, spread, count: int, size: float) -> None:
        for at in rng.normal(middle, spread, (count, 3)):
            if at[2] > 0:
                ball(*at, size * rng.uniform(0.5, 1.3), leaves[int(rng.integers(4))], 0.7)

    for _ in range(26):
        y = rng.uniform(8, 34)
        x = rng.uniform(-0.7, 0.7) * y
        if abs(x - 1.0) < 2.6:
            x += 4.0 if x > 1 else -4.0
        tall = rng.uniform(3.2, 5.2)
        tube(x, y, tall / 3, 0.13, tall * 0.7, _paint((0.12, 0.07, 0.04), 0.9))
        foliage((x, y, tall * 0.9), (0.72, 0.72, 0.55), 170, 0.22)
    for _ in range(22):
        side = rng.choice([-1, 1])
        x, y = side * rng.uniform(2.2, 7), rng.uniform(6, 11)
        foliage((x, y, 0.3), (0.42, 0.3, 0.2), 60, 0.12)
    for x in np.arange(-40, 40, 3.0):
        foliage((x, 48, 2.2), (1.4, 1.0, 1.3), 14, 0.9)
    light = bpy.data.lights.new("sun", "SUN")
    light.energy, light.angle, light.color = 3.6, 0.05, (1, 0.91, 0.76)
    sun = bpy.data.objects.new("sun", light)
    sun.rotation_euler = (math.radians(50), math.radians(-30), 0)
    bpy.context.collection.objects.link(sun)


def studio(rng) -> None:
    """A sweep of grey paper between a soft box and a reflector."""
    paper = _paint((0.60, 0.61, 0.64), 0.85)
    turn = np.linspace(0, math.pi / 2, 24)
    curve = [(WALL - 1.6 + 1.3 * math.sin(a), 1.3 - 1.3 * math.cos(a)) for a in turn]
    line = [(-1.0, 0.0), *curve, (WALL - 0.3, 3.0)]
    data = bpy.data.meshes.new("sweep")
    points = [(x, y, z) for x in (-3.4, 3.4) for y, z in line]
    n = len(line)
    data.from_pydata(points, [], [(i, i + 1, n + i + 1, n + i) for i in range(n - 1)])
    data.polygons.foreach_set("use_smooth", np.ones(n - 1, bool))
    data.materials.append(paper)
    bpy.context.collection.objects.link(bpy.data.objects.new("sweep", data))
    shell((0.62, 0.63, 0.65), (0.26, 0.26, 0.27), 0.6)
    black = _paint((0.02, 0.02, 0.022), 0.5)
    for side, wide, glow in ((-1, 0.55, 1.1), (1, 0.42, 0.28)):
        x = side * 1.78
        screen = box(x, 3.3, 1.72, wide, 0.05, 1.15, _paint((1.0, 0.96, 0.90), 0.9, glow))
        frame = box(x, 3.36, 1.72, wide + 0.1, 0.06, 1.25, black)
        for thing in (screen, frame):
            thing.rotation_euler = (0, 0, -side * 0.6)
        tube(x, 3.4, 0.6, 0.025, 1.4, black)
        for lean in (-0.32, 0.0, 0.32):
            leg = tube(x + lean * 0.5, 3.4, 0.22, 0.016, 0.5, black)
            leg.rotation_euler = (0, -lean * 2, 0)
    spot = bpy.data.lights.new("spot", "SPOT")
    spot.energy, spot.spot_size, spot.spot_blend, spot.color = 260, 1.15, 1.0, (1, 0.97, 0.93)
    thing = bpy.data.objects.new("spot", spot)
    thing.location, thing.rotation_euler = (0, 1.4, 2.9), (math.radians(66), 0, 0)
    bpy.context.collection.objects.link(thing)
    lamp(-1.5, 1.4, 3.0, 1.6, 85)
    lamp(1.5, 1.4, 3.0, 1.6, 70, (0.9, 0.95, 1))


SETS: dict[str, tuple[Callable, float]] = {
    "office": (office, 11), "classroom": (classroom, 10), "news-desk": (news_desk, 8),
    "living-room": (living_room, 11), "clinic": (clinic, 10), "shop": (shop, 11),
    "library": (library, 9), "outdoors": (outdoors, 22), "studio": (studio, 15),
}  # fmt: skip
"""What builds each room, and the radius of its blur in pixels of the shipped picture."""


def render(name: str, path: Path, threads: int) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _made.clear()
    scene = bpy.context.scene
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.9, 0.94, 1, 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.15
    SETS[name][0](np.random.default_rng(4))
    camera = bpy.data.cameras.new("camera")
    camera.lens = 34
    thing = bpy.data.objects.new("camera", camera)
    scene.collection.objects.link(thing)
    thing.location, thing.rotation_euler = (0, 0, 1.5), (math.radians(90), 0, 0)
    scene.camera = thing
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling = SAMPLES, False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 4, 2
    cycles.sample_clamp_indirect = 4
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def finish(name: str, rendered: Path, target: Path) -> None:
    """Enlarge, blur by the disc of a lens in linear light, add a grain against bands."""
    picture = Image.open(rendered).convert("RGB").resize(SHIPPED, Image.Resampling.BICUBIC)
    light = (np.asarray(picture, np.float32) / 255) ** 2.2
    radius = SETS[name][1]
    at = np.arange(-math.ceil(radius) - 1, math.ceil(radius) + 2)
    disc = np.clip(radius + 0.5 - np.hypot(at[:, None], at[None]), 0, 1)
    disc /= disc.sum()
    pad = len(at) // 2
    wide = np.pad(light, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    soft = np.stack([fftconvolve(wide[..., c], disc, mode="valid") for c in range(3)], -1)
    grain = np.random.default_rng(1).normal(0, 0.6, (*soft.shape[:2], 1))
    out = np.clip(soft, 0, 1) ** (1 / 2.2) * 255 + grain
    target.parent.mkdir(exist_ok=True)
    Image.fromarray(np.clip(out, 0, 255).round().astype(np.uint8)).save(
        target, "WEBP", quality=QUALITY, method=6
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("build/gallery/sets"))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or SETS:
        rendered = options.out / f"{name}.png"
        if not rendered.exists():
            render(name, rendered, options.threads)
        finish(name, rendered, BACKGROUNDS / f"{name}.webp")


if __name__ == "__main__":
    main()
