"""Write the pages of the catalogue into docs/kinds, from the declarations of the library."""

from __future__ import annotations

import sys
from pathlib import Path

from neurocanvas import library
from neurocanvas.formats.kind_docs import pages
from neurocanvas.sim.integrators import describe

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "kinds"


def made() -> dict[str, str]:
    """Return all pages: name of the file -> text."""
    kinds = list(library.registry())
    return pages(kinds, {kind.name: describe(kind) for kind in kinds})


def main() -> int:
    """Write what is new and remove what no kind stands for any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = made()
    for old in FOLDER.glob("*.md"):
        if old.name not in found:
            old.unlink()
    for name, text in found.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(found)} pages in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
