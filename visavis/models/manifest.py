"""The manifest: every weight file, its size, hash, licence and where it comes from."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(gt=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Digest(_Entry):
    """What proves that bytes are the right ones.

    Attributes:
        bytes: length.
        sha256: lower-case hexadecimal SHA-256.
    """

    bytes: Size
    sha256: Sha256


class Archive(Digest):
    """A pinned release file of a package registry, fetched by the registry's own client.

    Attributes:
        client: ``pip`` for a wheel, ``npm`` for a tarball.
        package: name in the registry.
        version: exact version.
        platform: platform tag of a wheel that is not pure Python; only its data are read.
        python: Python version such a wheel was built for.
    """

    client: Literal["pip", "npm"]
    package: str
    version: str
    platform: str | None = None
    python: str | None = None

    @property
    def requirement(self) -> str:
        """How the client is asked for it, e.g. ``misaki==0.9.4``."""
        return f"{self.package}{'==' if self.client == 'pip' else '@'}{self.version}"

    @property
    def command(self) -> str:
        """The command by which a person fetches it on another machine."""
        if self.client == "npm":
            return f"npm pack {self.requirement}"
        choice = f" --only-binary :all: --platform {self.platform}" if self.platform else ""
        choice += f" --python-version {self.python}" if self.python else ""
        return f"pip download --no-deps{choice} {self.requirement}"


class Member(_Entry):
    """Bytes ``start`` to ``end`` of one member of an archive; all of it by default."""

    archive: FileName
    member: str
    start: Annotated[int, Field(ge=0)] = 0
    end: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"{self.member}: the range {self.start}..{self.end} is empty")
        return self


class Remote(_Entry):
    """A file of a model hub.

    Attributes:
        url: https, or plain http on the loopback interface.
        digest: what the download must be; not needed where it is the whole of the file.
    """

    url: str
    digest: Digest | None = None

    @model_validator(mode="after")
    def _secure(self) -> Self:
        if not is_secure(self.url):
            raise ValueError(f"{self.url}: must be https")
        return self


class Hex(_Entry):
    """Bytes written in the manifest itself, as hexadecimal digits."""

    hex: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")]


class Text(_Entry):
    """Text written in the manifest itself, in UTF-8."""

    text: Annotated[str, StringConstraints(min_length=1)]


Part = Member | Remote | Hex | Text


class Source(_Entry):
    """One way to get a file: its parts, joined in order.

    Attributes:
        parts: at least one.
        digest: set where this source carries the same weights serialised differently.
    """

    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    digest: Digest | None = None

    @model_validator(mode="after")
    def _provable(self) -> Self:
        for part in self.parts:
            if isinstance(part, Remote) and part.digest is None and len(self.parts) > 1:
                raise ValueError(f"{part.url}: needs a digest, because it is only a part")
        return self


class File(Digest):
    """One file of a model and its sources, best first."""

    name: FileName
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest that counts as this file, the usual one first."""
        usual = Digest(bytes=self.bytes, sha256=self.sha256)
        return (usual, *(source.digest for source in self.sources if source.digest))

    def digest_from(self, source: Source) -> Digest:
        """The digest that the file has when it is made from ``source``."""
        return source.digest or self.digests[0]


class Model(_Entry):
    """A named set of files.

    Attributes:
        name: how the code asks for it.
        version: part of its folder's name; a new version never overwrites an old one.
        summary: one line for people.
        licence: SPDX expression of the weights.
        homepage: where the weights come from originally.
        extra: the optional part of the product that needs it; None for the core.
        files: at least one.
    """

    name: Name
    version: str
    summary: str
    licence: str
    homepage: str
    extra: Name | None = None
    files: Annotated[tuple[File, ...], Field(min_length=1)]

    @property
    def bytes(self) -> int:
        """Size of all files on disk."""
        return sum(file.bytes for file in self.files)

    @property
    def folder(self) -> str:
        """Name of its folder: ``name-version``."""
        return f"{self.name}-{self.version}"

    def file(self, name: str) -> File | None:
        """The file of that name, or None."""
        return next((file for file in self.files if file.name == name), None)


class Manifest(_Entry):
    """All models, and the archives that their files come from by file name."""

    archives: dict[FileName, Archive]
    models: tuple[Model, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [model.name for model in self.models]
        if len(set(names)) != len(names):
            raise ValueError("two models share a name")
        for model in self.models:
            if len({file.name for file in model.files}) != len(model.files):
                raise ValueError(f"{model.name}: two files share a name")
            for part in _parts(model):
                if isinstance(part, Member) and part.archive not in self.archives:
                    raise ValueError(f"{model.name}: no archive {part.archive}")
        return self

    def model(self, name: str) -> Model | None:
        """The model of that name, or None."""
        return next((model for model in self.models if model.name == name), None)


def _parts(model: Model) -> list[Part]:
    return [part for file in model.files for source in file.sources for part in source.parts]


def is_secure(url: str) -> bool:
    """Whether a file may be fetched from ``url``: https, or http on the loopback interface."""
    parsed = urlsplit(url)
    loopback = parsed.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parsed.hostname) and (
        parsed.scheme == "https" or (parsed.scheme == "http" and loopback)
    )


def parse(text: str) -> Manifest:
    """Read a manifest from TOML; raises pydantic's ValidationError where it is inconsistent."""
    return Manifest.model_validate(tomllib.loads(text))


@lru_cache(maxsize=1)
def shipped() -> Manifest:
    """The manifest that ships with the package."""
    return parse(files(__package__).joinpath("manifest.toml").read_text(encoding="utf-8"))
