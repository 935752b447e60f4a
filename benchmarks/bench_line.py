"""The whole line: text to a finished file, and the memory it takes."""

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = (
    "Good morning, and welcome. Today we look at how a small team can make a film in an afternoon. "
    "First, write what you want to say, as you would tell a friend. Then choose who says it. "
    "Five very fine vans passed Bob's big pumpkin, and we chose to push on. Keep sentences short, "
    "leave room to breathe, and read it aloud once before you press the button. When it is done, "
    "watch it to the end. You will hear at once what to change, and changing it costs nothing. "
    "Then show it to somebody."
)
"""About thirty seconds of speech."""

_CHILD = """
import json, resource, sys
from visavis.line import Request, render
request = Request(**json.loads(sys.argv[1]))
result = render(request, sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([result.duration, result.seconds, result.frames, result.stages, peak]))
"""


def _job(folder: Path, **request: object) -> tuple[float, float, int, dict[str, float], float]:
    import json

    done = subprocess.run(
        [sys.executable, "-c", _CHILD, json.dumps(request), str(folder / "job.mp4")],
        check=True,
        capture_output=True,
        text=True,
    )
    duration, seconds, frames, stages, peak = json.loads(done.stdout.splitlines()[-1])
    return duration, seconds, frames, stages, peak


def rows() -> list[tuple[str, str, str]]:
    """Speed of the whole job and its peak memory."""
    table = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for resolution, target in (("720p", "2.0x"), ("1080p", "1.2x")):
            duration, seconds, frames, stages, peak = _job(
                folder, text=SCRIPT, avatar="ava", resolution=resolution, aspect="landscape"
            )
            what = f"{duration:.0f} s at {resolution}, 25 fps, presenter"
            table.append((what, f"{duration / seconds:.2f}x real time", f">= {target}"))
            spent = ", ".join(f"{k} {v / frames * 1000:.1f}" for k, v in stages.items())
            table.append((f"  {resolution}: ms of work per frame", spent, ""))
            table.append((f"  {resolution}: peak memory", f"{peak:.0f} MB", "< 1500 MB"))
    return table


def long() -> list[tuple[str, str, str]]:
    """Ten minutes of video: `python -m benchmarks.bench_line long`."""
    with tempfile.TemporaryDirectory() as name:
        duration, seconds, _, _, peak = _job(Path(name), text=SCRIPT * 21, avatar="ava")
    return [
        (f"{duration / 60:.1f} minutes at 720p", f"{duration / seconds:.2f}x real time", ""),
        ("  peak memory", f"{peak:.0f} MB", "< 1500 MB"),
    ]


if __name__ == "__main__":
    for row in long() if sys.argv[1:] == ["long"] else rows():
        print(*row, sep=" | ")
