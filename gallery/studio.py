"""The Blender scene of one presenter: meshes, strands, materials, lights, camera, layers."""

import math
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from gallery import drapery, lines, materials, source, strands, wardrobe
from gallery import hair as hairs
from gallery.person import Person
from gallery.spec import Spec

SIZE = (1000, 800)
WIDTH = 4.5
"""Width of the picture in units of k."""
CENTRE = -0.42
"""Height of its middle over the eye line."""
LENS = 85.0
EXPOSURE = 0.3
COVER_SAMPLES = 10
SENSOR = 36.0


def to_blender(points: np.ndarray) -> np.ndarray:
    """y up, z to the camera, into Blender's z up, -y to the camera."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


@dataclass(frozen=True)
class Box:
    """A rectangle of the picture in pixels, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int


def _mesh(name, points, quads, material, *, colours=None, uv=None, front=None, levels=0):
    used, inverse = np.unique(quads, return_inverse=True)
    faces = [list(dict.fromkeys(face)) for face in inverse.reshape(quads.shape).tolist()]
    data = bpy.data.meshes.new(name)
    data.from_pydata(to_blender(points[used]).tolist(), [], faces)
    data.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    if colours is not None:
        layer = data.attributes.new("Col", "FLOAT_COLOR", "POINT")
        values = np.ones((len(used), 4))
        values[:, :3] = colours[used]
        layer.data.foreach_set("color", values.ravel())
    if uv is not None:
        data.uv_layers.new(name="UV").data.foreach_set("uv", uv.reshape(-1, 2).ravel())
    if front is not None:
        data.uv_layers.new(name="front").data.foreach_set("uv", front[quads].ravel())
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    if levels:
        modifier = thing.modifiers.new("subdivide", "SUBSURF")
        modifier.levels = modifier.render_levels = levels
    data.materials.append(material)
    return thing, used


def _curves(name, points, radius, taper, material):
    count, steps, _ = points.shape
    data = bpy.data.hair_curves.new(name)
    data.add_curves([steps] * count)
    data.attributes["position"].data.foreach_set(
        "vector", to_blender(points).astype(np.float32).ravel()
    )
    layer = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
    t = np.linspace(0, 1, steps)
    size = radius * (1 - (1 - taper) * t**2)
    layer.data.foreach_set("value", np.tile(size, (count, 1)).astype(np.float32).ravel())
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    data.materials.append(material)
    return thing


class Studio:
    """One presenter before the camera; `pose` moves it, `shoot` renders some of its parts."""

    def __init__(self, spec: Spec, scale: float = 1.0, samples: int = 16, threads: int = 1) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.spec = spec
        self.person = person = Person(spec)
        self.size = (int(SIZE[0] * scale), int(SIZE[1] * scale))
        self.parts: dict[str, list] = {
            name: []
            for name in ("skin", "eyes", "upper", "lower", "tongue", "lashes", "brows", "beard",
                         "hair", "dyed", "clothes", "extras")
        }  # fmt: skip
        self._moving: list[tuple] = []
        self._strands: list[tuple] = []
        self._fitted: list[tuple] = []
        self._grown = hairs.make(person)
        self._body()
        self._mouth()
        self._strand_parts()
        self._clothes()
        self._lights()
        self._camera(samples, threads)

    def _add(self, part, name, points, quads, material, **how):
        thing, used = _mesh(name, points, quads, material, **how)
        self.parts[part].append(thing)
        return thing, used

    def _body(self) -> None:
        person = self.person
        base = source.base()
        seen = person.points[person.quads].mean(1)[:, 1] > person.eye_y - 3.4 * person.k
        quads = person.quads[seen]
        colours = person.colours(self._grown.scalp if self._grown else None)
        skin, used = self._add(
            "skin", "skin", person.points, quads, materials.skin_material(person),
            colours=colours, uv=base.texture[base.texture_faces["body"][seen]],
            front=lines.places(person), levels=2,
        )  # fmt: skip
        self._moving.append((skin, used))
        material, tree, shader = materials.plain("eye", Roughness=0.08, Coat_Weight=0.9)
        shader.inputs["Specular IOR Level"].default_value = 0.6
        shader.inputs["Coat Roughness"].default_value = 0.02
        colour = tree.nodes.new("ShaderNodeVertexColor")
        colour.layer_name = "Col"
        tree.links.new(colour.outputs[0], shader.inputs["Base Color"])
        for side in "lr":
            points, quads, colours = person.eyeball(side, person.points)
            self._add("eyes", f"eye-{side}", points, quads, material, colours=colours)

    def _mouth(self) -> None:
        """MakeHuman's teeth, upper and lower apart, and the tongue of the base mesh."""
        person = self.person
        enamel, _, shader = materials.plain("teeth", Base_Color=(0.80, 0.74, 0.64), Roughness=0.28)
        shader.inputs["Subsurface Weight"].default_value = 0.3
        shader.inputs["Subsurface Scale"].default_value = 0.05
        gums, _, _ = materials.plain("gums", Base_Color=(0.50, 0.17, 0.15), Roughness=0.4)
        self._teeth = source.fitted("teeth/teeth_base")
        placed, quads = self._teeth.place(person.points), self._teeth.quads
        dropped = (self._teeth.place(person.posed({"jawOpen": 1.0})) - placed)[:, 1]
        for members in hairs.connected(len(placed), quads):
            tooth = len(members) < 200
            drop = dropped[quads[members]].mean(1)
            if tooth:
                drop = np.full(len(members), drop.mean())
            for part, chosen in (("upper", drop > -0.05), ("lower", drop <= -0.05)):
                if chosen.any():
                    thing, used = self._add(
                        part, part, placed, quads[members[chosen]], enamel if tooth else gums,
                        levels=1,
                    )  # fmt: skip
                    self._fitted.append((thing, used))
        flesh, _, shader = materials.plain("tongue", Base_Color=(0.46, 0.15, 0.14), Roughness=0.4)
        shader.inputs["Subsurface Weight"].default_value = 0.5
        shader.inputs["Subsurface Scale"].default_value = 0.1
        thing, used = self._add(
            "tongue", "tongue", person.points, source.base().faces["helper-tongue"], flesh, levels=2
        )
        self._moving.append((thing, used))

    def _strand_parts(self) -> None:
        spec, person = self.spec, self.person
        hair = materials.hair_material("hair", spec.hair.melanin, spec.hair.redness)
        white = materials.hair_material("white", 0.035, 0.0)
        if self._grown:
            share = np.random.default_rng(spec.seed).random(len(self._grown.points))
            for material, chosen in (
                (hair, share >= spec.hair.grey),
                (white, share < spec.hair.grey),
            ):
                if chosen.any():
                    points = self._grown.points[chosen]
                    self.parts["hair"].append(
                        _curves(material.name, points, self._grown.radius, 0.3, material)
                    )
        dark = materials.short_hair_material(
            "brow", spec.hair.melanin * spec.brows.dark, spec.hair.redness
        )
        bearded = materials.short_hair_material("beard", spec.hair.melanin, spec.hair.redness)
        fair = materials.short_hair_material("grey", 0.08, 0.05)
        black, _, _ = materials.plain("lash", Base_Color=(0.012, 0.009, 0.008), Roughness=0.6)
        kinds = [("brows", strands.brows(person), dark), ("lashes", strands.lashes(person), black)]
        beard = strands.beard(person)
        if beard is not None:
            share = np.random.default_rng(spec.seed + 9).random(len(beard.points))
            for material, chosen in (
                (bearded, share >= spec.hair.grey),
                (fair, share < spec.hair.grey),
            ):
                if chosen.any():
                    kinds.append(
                        ("beard", strands.Strands(beard.points[chosen], beard.vertices[chosen],
                         beard.weights[chosen], beard.radius, beard.taper), material)
                    )  # fmt: skip
        for part, grown, material in kinds:
            thing = _curves(part, grown.points, grown.radius, grown.taper, material)
            self.parts[part].append(thing)
            self._strands.append((thing, grown))

    def _clothes(self) -> None:
        spec, person = self.spec, self.person
        lowest = person.eye_y - 3.4 * person.k
        covered = spec.clothes.covering != "none"
        pieces = wardrobe.pieces(person, lowest)
        for index, piece in enumerate(pieces):
            colour = spec.clothes.colours[min(index, len(spec.clothes.colours) - 1)]
            material = materials.cloth_material(f"cloth-{index}", colour, spec.clothes.fabric)
            # the wardrobe dyes what has the first colour, or the head scarf alone
            part = "dyed" if colour == spec.clothes.colours[0] and not covered else "clothes"
            thing, _ = self._add(
                part, f"cloth-{index}", piece.points, piece.quads, material, levels=1
            )
            thick = thing.modifiers.new("thick", "SOLIDIFY")
            thick.thickness, thick.offset = 0.022 * person.k, 0.6
        collar = materials.cloth_material("collar", spec.clothes.colours[0], spec.clothes.fabric)
        covering = materials.cloth_material("covering", spec.clothes.covering_colour, "cotton")
        for sheets, material in (
            (drapery.collar(person), collar), (drapery.scarf(person), covering)
        ):  # fmt: skip
            for sheet in sheets:
                part = "clothes" if covered and material is collar else "dyed"
                thing, _ = self._add(part, "sheet", sheet.points, sheet.quads, material, levels=1)
                thick = thing.modifiers.new("thick", "SOLIDIFY")
                thick.thickness, thick.offset = 0.016 * person.k, 0.0
        self._sewn(pieces[0])
        metal, _, _ = materials.plain(
            "metal", Base_Color=spec.clothes.earrings_colour, Roughness=0.25, Metallic=1.0
        )
        for points, quads in wardrobe.earrings(person):
            self._add("extras", "earring", points, quads, metal)
        frame, _, _ = materials.plain(
            "frame", Base_Color=spec.clothes.glasses_colour, Roughness=0.25
        )
        for line, radius, closed in wardrobe.glasses(person):
            self._tube("extras", "frame", line, radius, closed, frame)

    def _tube(self, part, name, line, radius, closed, material) -> None:
        data = bpy.data.curves.new(name, "CURVE")
        data.dimensions, data.bevel_depth, data.bevel_resolution = "3D", radius, 3
        spline = data.splines.new("POLY")
        spline.points.add(len(line) - 1)
        where = np.column_stack([to_blender(line), np.ones(len(line))])
        spline.points.foreach_set("co", where.ravel())
        spline.use_cyclic_u = closed
        data.materials.append(material)
        thing = bpy.data.objects.new(name, data)
        bpy.context.collection.objects.link(thing)
        self.parts[part].append(thing)

    def _sewn(self, piece: wardrobe.Piece) -> None:
        """Bands, strips and buttons on the largest piece of the garment."""
        clothes, person = self.spec.clothes, self.person
        cloth = materials.cloth_material("sewn", clothes.colours[0], clothes.fabric)
        for line, radius in wardrobe.trims(person, piece):
            self._tube("dyed", "trim", line, radius, True, cloth)
        if clothes.cut == "kurta":
            strip, buttons = wardrobe.placket(person, piece)
            thing, _ = self._add("dyed", "placket", strip.points, strip.quads, cloth, levels=1)
            thick = thing.modifiers.new("thick", "SOLIDIFY")
            thick.thickness, thick.offset = 0.02 * person.k, 0.0
            bead, _, _ = materials.plain("button", Base_Color=clothes.colours[-1], Roughness=0.35)
            ring = np.linspace(0, 2 * np.pi, 20, endpoint=False)
            for middle in buttons:
                flat = np.stack([np.cos(ring), np.sin(ring), 0 * ring], 1) * 0.028 * person.k
                self._tube("extras", "button", middle + flat * 0.55, 0.02 * person.k, True, bead)

    def _lights(self) -> None:
        k, y, gain = self.person.k, self.person.eye_y, self.spec.skin.gain
        target = Vector(to_blender(np.array([0, y - 0.55 * k, 0.6])))
        lamps = [
            ((-4.2, 3.4, 6.0), 3.4, 560, (1, 0.94, 0.87)),
            ((5.5, 0.8, 5.5), 5.0, 120, (0.92, 0.96, 1)),
            ((4.5, 3.0, -4.5), 2.5, 280, (1, 0.97, 0.94)),
            ((-5.0, 2.0, -4.0), 2.2, 200, (0.88, 0.94, 1)),
            ((0.0, -4.0, 5.0), 4.0, 60, (1, 0.93, 0.87)),
        ]
        for place, size, power, colour in lamps:
            # rim lights glare on dark skin when they are raised with the others
            share = gain if place[2] > 0 else 0.75 * min(gain, 1 / gain)
            light = bpy.data.lights.new("lamp", "AREA")
            light.energy, light.size, light.color = power * share, size * k, colour
            lamp = bpy.data.objects.new("lamp", light)
            # one catch light in each eye: the others are not mirrored
            lamp.visible_glossy = power == max(row[2] for row in lamps) or place[2] < 0
            bpy.context.scene.collection.objects.link(lamp)
            where = Vector(to_blender(np.array([place[0] * k, y + place[1] * k, place[2] * k])))
            lamp.location = where
            lamp.rotation_euler = (target - where).to_track_quat("-Z", "Y").to_euler()
        world = bpy.data.worlds.new("world")
        bpy.context.scene.world = world
        world.use_nodes = True
        background = world.node_tree.nodes["Background"]
        background.inputs[0].default_value = (0.60, 0.61, 0.64, 1)
        background.inputs[1].default_value = 0.20 * gain

    def _camera(self, samples: int, threads: int) -> None:
        k, y = self.person.k, self.person.eye_y
        scene = bpy.context.scene
        data = bpy.data.cameras.new("camera")
        data.lens, data.sensor_width = LENS, SENSOR
        camera = bpy.data.objects.new("camera", data)
        scene.collection.objects.link(camera)
        distance = WIDTH * k * LENS / SENSOR
        camera.location = Vector(to_blender(np.array([0, y + CENTRE * k, distance + 0.5])))
        camera.rotation_euler = (math.pi / 2, 0, 0)
        scene.camera = self.camera = camera
        render, cycles = scene.render, scene.cycles
        render.engine = "CYCLES"
        render.resolution_x, render.resolution_y = self.size
        render.film_transparent = True
        render.image_settings.file_format, render.image_settings.color_mode = "PNG", "RGBA"
        render.threads_mode, render.threads = "FIXED", threads
        render.use_persistent_data = True
        cycles.samples, cycles.use_adaptive_sampling, cycles.adaptive_threshold = (
            samples,
            True,
            0.08,
        )
        cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
        cycles.denoising_prefilter = "FAST"
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 1
        cycles.transparent_max_bounces, cycles.transmission_bounces = 8, 2
        cycles.seed = 0
        # keeps skin warm and cloth the colour that was asked for
        scene.view_settings.view_transform = "Khronos PBR Neutral"
        scene.view_settings.exposure = EXPOSURE
        scene.cycles_curves.shape = "RIBBONS"

    def pose(self, curves: dict[str, float]) -> None:
        person = self.person
        points = person.posed(curves)
        for thing, used in self._moving:
            flat = to_blender(points[used]).astype(np.float32).ravel()
            thing.data.vertices.foreach_set("co", flat)
            thing.data.update()
        teeth = to_blender(self._teeth.place(points)).astype(np.float32)
        for thing, used in self._fitted:
            thing.data.vertices.foreach_set("co", teeth[used].ravel())
            thing.data.update()
        for side, thing in zip("lr", self.parts["eyes"], strict=True):
            ball, _, _ = person.eyeball(side, points)
            thing.data.vertices.foreach_set("co", to_blender(ball).astype(np.float32).ravel())
            thing.data.update()
        for thing, grown in self._strands:
            moved = to_blender(grown.moved(person.points, points)).astype(np.float32)
            thing.data.attributes["position"].data.foreach_set("vector", moved.ravel())
            thing.data.update_tag()

    def projection(self) -> np.ndarray:
        """(3, 4): base coordinates to pixel x, y and depth, homogeneous by the third row."""
        width, height = self.size
        focal = LENS / SENSOR * width
        x, y, z = self.camera.location
        eye = np.array([x, z, -y])  # back into y up
        out = np.zeros((3, 4))
        out[0, :] = [focal, 0, -width / 2, -focal * eye[0] + width / 2 * eye[2]]
        out[1, :] = [0, -focal, -height / 2, focal * eye[1] + height / 2 * eye[2]]
        out[2, :] = [0, 0, -1, eye[2]]
        return out

    def project(self, points: np.ndarray) -> np.ndarray:
        matrix = self.projection()
        flat = points @ matrix[:, :3].T + matrix[:, 3]
        return flat[..., :2] / flat[..., 2:]

    def box(self, left: float, right: float, top: float, bottom: float) -> Box:
        """A box given in units of k from the mid plane and the eye line, at the lips' depth."""
        person = self.person
        corners = np.array(
            [[left * person.k, person.eye_y + top * person.k, person.mouth[2]],
             [right * person.k, person.eye_y + bottom * person.k, person.mouth[2]]]
        )  # fmt: skip
        (x0, y0), (x1, y1) = self.project(corners)
        return Box(int(x0) // 2 * 2, int(y0) // 2 * 2, int(x1) // 2 * 2, int(y1) // 2 * 2)

    def show(self, seen: tuple[str, ...], held: tuple[str, ...] = (), bare: bool = False) -> None:
        """Which parts the camera sees, which cut holes, and whether the unseen cast shadows."""
        for part, things in self.parts.items():
            for thing in things:
                thing.visible_camera = part in seen or part in held
                thing.is_holdout = part in held
                # what nobody sees or is shaded by need not be built
                thing.hide_render = bare and part not in seen

    def shoot(self, path: Path, box: Box | None = None) -> None:
        render = bpy.context.scene.render
        width, height = self.size
        render.use_border = render.use_crop_to_border = box is not None
        if box is not None:
            # the edges are cut down to whole pixels: a little more, or rounding takes a row
            more = 0.01
            render.border_min_x = (box.left + more) / width
            render.border_max_x = (box.right + more) / width
            render.border_min_y = 1 - (box.bottom - more) / height
            render.border_max_y = 1 - (box.top - more) / height
        render.filepath = str(path)
        bpy.ops.render.render(write_still=True)

    def shoot_cover(self, path: Path, box: Box | None = None) -> None:
        """Only how much of each pixel is covered: no light, many samples, in little time."""
        scene = bpy.context.scene
        flat = bpy.data.materials.new("flat")
        flat.use_nodes = True
        flat.node_tree.nodes.clear()
        output = flat.node_tree.nodes.new("ShaderNodeOutputMaterial")
        glow = flat.node_tree.nodes.new("ShaderNodeEmission")
        flat.node_tree.links.new(glow.outputs[0], output.inputs[0])
        layer, samples = bpy.context.view_layer, scene.cycles.samples
        layer.material_override = flat
        scene.cycles.use_denoising, scene.cycles.samples = False, COVER_SAMPLES
        self.shoot(path, box)
        scene.cycles.use_denoising, scene.cycles.samples = True, samples
        layer.material_override = None
