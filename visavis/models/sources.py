"""What to tell a person whose file is missing: every way to get it."""

from collections.abc import Iterator

from visavis.models.manifest import File, Manifest, Member, Model, Remote


def by_hand(manifest: Manifest, model: Model, file: File) -> str:
    """How to get ``file`` on another machine and bring it here, every source that allows it."""
    ways = [f"fetch it elsewhere with `{command}`" for command in _commands(manifest, file)]
    ways += [f"save {url} as {model.name}/{file.name}" for url in _addresses(file)]
    if not ways:
        ways = [f"put it at {model.name}/{file.name}"]
    return f"By hand: {', or '.join(ways)}, in a folder that VISAVIS_MODELS_DIR names."


def _commands(manifest: Manifest, file: File) -> Iterator[str]:
    """For each source made of archives, the commands that fetch them all."""
    for source in file.sources:
        needed = [part.archive for part in source.parts if isinstance(part, Member)]
        if needed:
            yield " && ".join(manifest.archives[name].command for name in dict.fromkeys(needed))


def _addresses(file: File) -> Iterator[str]:
    """The addresses that give the whole file as it is."""
    for source in file.sources:
        (first, *others) = source.parts
        if isinstance(first, Remote) and not others:
            yield first.url
