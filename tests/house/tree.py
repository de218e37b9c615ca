"""The files of the checkout, as the rules see them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(*patterns: str) -> list[Path]:
    """Files that are, or are about to be, in the repository; those git ignores are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    found = [ROOT / name for name in names if (ROOT / name).is_file()]
    assert found, f"nothing matches {patterns}"
    return found
