"""The manifest: what it refuses, and that the shipped one is sound."""

from pathlib import Path

import pytest
from model_fakes import file_of
from pydantic import ValidationError

from visavis import models
from visavis.models.digests import describe_size
from visavis.models.errors import UnknownModelError
from visavis.models.manifest import Hex, Member, Remote, Source, Text, parse, shipped

SHA = "0" * 64
MODEL = f"""
[archives]
[[models]]
name = "tiny"
version = "1"
summary = "s"
licence = "MIT"
homepage = "https://example.org"
[[models.files]]
name = "model.bin"
bytes = 1
sha256 = "{SHA}"
"""


def test_the_shipped_manifest_is_sound() -> None:
    names = {model.name for model in models.catalogue()}
    assert names >= {"kokoro", "kokoro-voices", "english-lexicon", "face-mesh"}
    for model in models.catalogue():
        assert model.licence in {"Apache-2.0", "MIT"}, "nothing copyleft without a decision"
        assert model.bytes == sum(file.bytes for file in model.files)
        assert model.homepage.startswith("https://")


def test_the_docs_name_every_model_and_its_licence() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    for model in models.catalogue():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{model.name}` |")]
        assert model.licence in row
        assert (model.extra or "core") in row
        assert describe_size(model.bytes) in row
        for file in model.files[:4]:
            assert file.name in row


def test_every_archive_is_used_and_pinned() -> None:
    used = {
        part.archive
        for model in shipped().models
        for file in model.files
        for source in file.sources
        for part in source.parts
        if isinstance(part, Member)
    }
    assert used == set(shipped().archives)
    assert all(archive.version in archive.requirement for archive in shipped().archives.values())


def test_hub_addresses_are_pinned_to_a_revision() -> None:
    urls = [
        part.url
        for model in shipped().models
        for file in model.files
        for source in file.sources
        for part in source.parts
        if isinstance(part, Remote)
    ]
    assert urls
    assert all(url.startswith("https://") for url in urls)
    assert not [url for url in urls if "/main/" in url or "/master/" in url]


def test_all_voices_are_there() -> None:
    voices = next(model for model in models.catalogue() if model.name == "kokoro-voices")
    assert len(voices.files) == 54
    assert {file.bytes for file in voices.files} == {510 * 256 * 4}
    assert voices.file("af_heart.bin") is not None
    assert voices.file("af_nobody.bin") is None


def test_written_bytes_match_their_hash() -> None:
    vocabulary = shipped().models[0].file("vocab.json")
    assert vocabulary is not None
    (part,) = vocabulary.sources[0].parts
    assert isinstance(part, Text)
    assert file_of("vocab.json", part.text.encode(), (part,)) == vocabulary


def test_the_durations_output_is_one_protobuf_message() -> None:
    """ModelProto.graph is field 7, GraphProto.output 12, ValueInfoProto.name 1."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    model = shipped().model("kokoro")
    assert model is not None
    (*_, last) = model.files[0].sources[0].parts
    assert isinstance(last, Hex)
    message = field(7, field(12, field(1, b"/encoder/Clip_output_0")))
    assert bytes.fromhex(last.hex) == message


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ("sources = []", "at least 1 item"),
        ("sources = [{ parts = [] }]", "at least 1 item"),
        ('sources = [{ parts = [{ archive = "a.whl", member = "m" }] }]', "no archive a.whl"),
        ('sources = [{ parts = [{ url = "http://example.org/m" }] }]', "must be https"),
        ('sources = [{ parts = [{ url = "file:///etc/passwd" }] }]', "must be https"),
        ('sources = [{ parts = [{ hex = "abc" }] }]', "match pattern"),
        (
            'sources = [{ parts = [{ archive = "a.whl", member = "m", start = 5, end = 5 }] }]',
            "the range 5..5 is empty",
        ),
        (
            'sources = [{ parts = [{ url = "https://example.org/m" }, { hex = "ab" }] }]',
            "needs a digest",
        ),
    ],
)
def test_a_bad_source_is_refused(sources: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        parse(MODEL + sources)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden"])
def test_a_file_name_cannot_leave_its_folder(name: str) -> None:
    text = MODEL.replace("model.bin", name) + 'sources = [{ parts = [{ hex = "ab" }] }]'
    with pytest.raises(ValidationError, match="match pattern"):
        parse(text)


def test_names_are_unique() -> None:
    entry = MODEL.replace("[archives]", "") + 'sources = [{ parts = [{ hex = "ab" }] }]'
    with pytest.raises(ValidationError, match="two models share a name"):
        parse("[archives]\n" + entry + entry)


def test_commands_for_people_are_complete() -> None:
    archives = shipped().archives
    wheel = next(a for a in archives.values() if a.package == "mediapipe")
    assert wheel.command == (
        "pip download --no-deps --only-binary :all: --platform manylinux_2_28_x86_64"
        " --python-version 3.12 mediapipe==0.10.21"
    )
    tarball = next(a for a in archives.values() if a.package == "kokoro-js")
    assert tarball.command == "npm pack kokoro-js@1.2.1"


def test_a_source_is_a_value() -> None:
    source = Source(parts=(Hex(hex="ab"),))
    assert source == Source(parts=(Hex(hex="ab"),))
    with pytest.raises(ValidationError):
        source.digest = None  # type: ignore[misc]


def test_asking_for_an_unknown_model_names_the_known() -> None:
    with pytest.raises(UnknownModelError, match=r"no model 'nothing'.*kokoro"):
        models.ensure("nothing")
