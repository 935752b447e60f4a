"""What presenters are made of: skin, hair, cloth, as nodes of Blender's shaders."""

import math

import bpy
import numpy as np

from gallery import lines, source
from gallery.person import Person

LINE_SHADE, LINE_DEPTH = 0.5, 0.032
"""How much lines of age darken the skin, and how deep they are in units of k."""


def plain(name: str, **values: object):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    for key, value in values.items():
        socket = shader.inputs[key.replace("_", " ")]
        socket.default_value = (*value, 1) if key.endswith("Color") else value
    return material, material.node_tree, shader


def hair_material(name: str, melanin: float, redness: float):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    shader = tree.nodes.new("ShaderNodeBsdfHairPrincipled")
    shader.parametrization = "MELANIN"
    values = {
        "Melanin": min(1.0, melanin), "Melanin Redness": redness, "Roughness": 0.38,
        "Radial Roughness": 0.6, "Coat": 0.0, "Random Color": 0.15, "Random Roughness": 0.15,
    }  # fmt: skip
    for key, value in values.items():
        if key in shader.inputs:
            shader.inputs[key].default_value = value
    if melanin > 0.1:
        # melanin alone comes out olive under these lamps
        shader.inputs["Tint"].default_value = (1.0, 0.80, 0.78, 1)
    tree.links.new(shader.outputs[0], output.inputs[0])
    return material


def short_hair_material(name: str, melanin: float, redness: float):
    """Brows and beards: short strands glow when light scatters in them, so theirs is plain."""
    amount = -math.log(max(1 - min(melanin, 0.97), 1e-4))
    dark, red = np.array([0.506, 0.841, 1.653]), np.array([0.343, 0.733, 1.924])
    absorbed = amount * (dark * (1 - redness) + red * redness)
    tint = [1.0, 0.8, 1.3] if melanin > 0.3 else [1.0, 0.96, 0.90]
    colour = 0.5 * np.exp(-2.6 * np.sqrt(absorbed)) * tint
    # black hair of the head shows no brown; neither may a black beard
    grey = colour @ [0.30, 0.55, 0.15]
    colour = grey + (colour - grey) * np.interp(melanin, [0.75, 0.95], [1.0, 0.1])
    material, _, shader = plain(name, Base_Color=tuple(colour), Roughness=0.55)
    shader.inputs["Specular IOR Level"].default_value = 0.25
    return material


def drawing(name: str, values: np.ndarray):
    """A picture of one value for each place, row 0 at the bottom."""
    image = bpy.data.images.new(name, values.shape[1], values.shape[0], float_buffer=True)
    image.colorspace_settings.name = "Non-Color"
    pixels = np.repeat(values[..., None], 4, 2).astype(np.float32)
    pixels[..., 3] = 1
    image.pixels.foreach_set(pixels.ravel())
    return image


def skin_material(person: Person):
    spec = person.spec
    material, tree, shader = plain("skin", IOR=1.42)
    nodes, link = tree.nodes, tree.links.new
    colour = nodes.new("ShaderNodeVertexColor")
    colour.layer_name = "Col"
    lips = nodes.new("ShaderNodeTexImage")
    lips.image = bpy.data.images.load(
        str(source.MPFB / "textures" / "mpfb_lips.jpg"), check_existing=True
    )
    lips.image.colorspace_settings.name = "Non-Color"
    uv = nodes.new("ShaderNodeUVMap")
    uv.uv_map = "UV"
    link(uv.outputs[0], lips.inputs[0])
    on_lips = lips.outputs[0]
    if source.inverted("lips"):
        invert = nodes.new("ShaderNodeInvert")
        link(on_lips, invert.inputs["Color"])
        on_lips = invert.outputs[0]
    cover = nodes.new("ShaderNodeMath")
    cover.operation = "MULTIPLY"
    cover.inputs[1].default_value = spec.skin.lip_cover
    link(on_lips, cover.inputs[0])
    mix = nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    link(cover.outputs[0], mix.inputs[0])
    link(colour.outputs[0], mix.inputs[6])
    mix.inputs[7].default_value = (*spec.skin.lips, 1)
    where = nodes.new("ShaderNodeTexCoord")

    def noise(scale: float, detail: float):
        node = nodes.new("ShaderNodeTexNoise")
        node.inputs["Scale"].default_value = scale
        node.inputs["Detail"].default_value = detail
        link(where.outputs["Object"], node.inputs["Vector"])
        return node.outputs[0]

    def ranged(value, low: float, high: float, start: float = 0.0, stop: float = 1.0):
        node = nodes.new("ShaderNodeMapRange")
        link(value, node.inputs[0])
        node.inputs[1].default_value, node.inputs[2].default_value = start, stop
        node.inputs[3].default_value, node.inputs[4].default_value = low, high
        return node.outputs[0]

    tint = nodes.new("ShaderNodeHueSaturation")
    link(ranged(noise(3.5, 5), 0.90, 1.10), tint.inputs["Value"])
    link(mix.outputs[2], tint.inputs["Color"])
    surface = tint.outputs[0]
    if spec.skin.freckles:
        spots = nodes.new("ShaderNodeMix")
        spots.data_type = "RGBA"
        amount = nodes.new("ShaderNodeMath")
        amount.operation = "MULTIPLY"
        amount.inputs[1].default_value = spec.skin.freckles
        link(ranged(noise(26, 2), 0, 1, 0.60, 0.68), amount.inputs[0])
        link(amount.outputs[0], spots.inputs[0])
        link(surface, spots.inputs[6])
        spots.inputs[7].default_value = (*(np.array(spec.skin.tone) * [0.62, 0.45, 0.36]), 1)
        surface = spots.outputs[2]
    folded = None
    if spec.skin.lines:
        place = nodes.new("ShaderNodeUVMap")
        place.uv_map = "front"
        drawn = nodes.new("ShaderNodeTexImage")
        drawn.image, drawn.extension = drawing("lines", lines.valleys(person)), "CLIP"
        link(place.outputs[0], drawn.inputs[0])
        folded = drawn.outputs[0]
        shade = nodes.new("ShaderNodeMix")
        shade.data_type, shade.blend_type = "RGBA", "MULTIPLY"
        amount = nodes.new("ShaderNodeMath")
        amount.operation = "MULTIPLY"
        amount.inputs[1].default_value = LINE_SHADE * spec.skin.lines
        link(folded, amount.inputs[0])
        link(amount.outputs[0], shade.inputs[0])
        link(surface, shade.inputs[6])
        shade.inputs[7].default_value = (0.70, 0.48, 0.42, 1)
        surface = shade.outputs[2]
    link(surface, shader.inputs["Base Color"])
    shader.inputs["Subsurface Weight"].default_value = 0.8
    shader.inputs["Subsurface Scale"].default_value = 0.06
    shader.inputs["Subsurface Radius"].default_value = (1, 0.35, 0.18)
    link(ranged(on_lips, 0.50, 0.33), shader.inputs["Roughness"])
    pores = nodes.new("ShaderNodeTexVoronoi")
    pores.inputs["Scale"].default_value = 36
    link(where.outputs["Object"], pores.inputs["Vector"])
    relief = nodes.new("ShaderNodeMath")
    link(pores.outputs[0], relief.inputs[0])
    link(noise(60, 2), relief.inputs[1])
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 0.10 + 0.12 * spec.skin.lines
    bump.inputs["Distance"].default_value = 0.012
    link(relief.outputs[0], bump.inputs["Height"])
    if folded is not None:
        fold = nodes.new("ShaderNodeBump")
        fold.invert = True
        fold.inputs["Strength"].default_value = min(1.0, spec.skin.lines)
        fold.inputs["Distance"].default_value = LINE_DEPTH * person.k
        link(folded, fold.inputs["Height"])
        link(fold.outputs[0], bump.inputs["Normal"])
    link(bump.outputs[0], shader.inputs["Normal"])
    return material


def cloth_material(name: str, colour: tuple[float, ...], fabric: str):
    rough, sheen, scale, strength = {
        "cotton": (0.85, 0.15, 120, 0.18), "wool": (0.9, 0.35, 70, 0.35),
        "silk": (0.42, 0.1, 150, 0.06), "knit": (0.9, 0.3, 38, 0.5),
    }[fabric]  # fmt: skip
    material, tree, shader = plain(name, Base_Color=colour, Roughness=rough, Sheen_Weight=sheen)
    nodes, link = tree.nodes, tree.links.new
    where = nodes.new("ShaderNodeTexCoord")
    weave = nodes.new("ShaderNodeTexNoise")
    weave.inputs["Scale"].default_value = scale
    folds = nodes.new("ShaderNodeTexNoise")
    folds.inputs["Scale"].default_value = 1.6
    folds.inputs["Detail"].default_value = 2
    for node in (weave, folds):
        link(where.outputs["Object"], node.inputs["Vector"])
    fine = nodes.new("ShaderNodeBump")
    fine.inputs["Strength"].default_value = strength
    fine.inputs["Distance"].default_value = 0.01
    link(weave.outputs[0], fine.inputs["Height"])
    broad = nodes.new("ShaderNodeBump")
    broad.inputs["Strength"].default_value = 0.35
    broad.inputs["Distance"].default_value = 0.12
    link(folds.outputs[0], broad.inputs["Height"])
    link(fine.outputs[0], broad.inputs["Normal"])
    link(broad.outputs[0], shader.inputs["Normal"])
    return material
