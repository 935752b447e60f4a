"""Small edits of session descriptions, as text."""

import re
from collections.abc import Iterator

_RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"


def _sections(description: str) -> list[str]:
    """The session part, then one part per media section."""
    return re.split(r"(?m)^(?=m=)", description)


def _accepted(offer: str) -> Iterator[tuple[str, str]]:
    for section in _sections(offer)[1:]:
        mid = re.search(r"a=mid:(\S+)", section)
        extension = re.search(rf"a=extmap:(\d+)\S* {_RID}", section)
        if not (mid and extension and section.startswith("m=video")):
            continue
        lines = f"a=extmap:{extension[1]} {_RID}\r\n"
        layers = re.search(r"a=simulcast:send (\S+)", section)
        if layers:
            rids = [part.split(",")[0].lstrip("~") for part in layers[1].split(";")]
            best = max(rids, key="qhf".find)
            lines += f"a=rid:{best} recv\r\na=simulcast:recv {best}\r\n"
        yield mid[1], lines


def accept_one_layer(offer: str, answer: str) -> str:
    """Accept the best simulcast layer of each video section, and no other.

    aiortc leaves simulcast out of its answers; libwebrtc then refuses its own next offer, because
    the stream id extension was not negotiated.
    """
    wanted = dict(_accepted(offer))
    sections = _sections(answer)
    for index, section in enumerate(sections[1:], 1):
        mid = re.search(r"a=mid:(\S+)", section)
        if mid and mid[1] in wanted:
            sections[index] = section.rstrip("\r\n") + "\r\n" + wanted[mid[1]]
    return "".join(sections)


def with_address(description: str, address: str) -> str:
    """The description with every IPv4 host candidate at `address`, for a machine behind a NAT that
    forwards its ports one to one; unchanged where `address` is empty."""
    if not address:
        return description
    return re.sub(
        r"(?m)^(a=candidate:\S+ \d+ \S+ \d+ )\d+\.\d+\.\d+\.\d+( \d+ typ host)",
        rf"\g<1>{address}\g<2>",
        description,
    )
