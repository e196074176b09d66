"""Draws the pictures anew: ``python -m docs.pictures`` from the project's root."""

from __future__ import annotations

from pathlib import Path

from docs.pictures.drawing import pictures

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Writes each picture beside this file."""
    for name, text in pictures().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"docs/pictures/{name}")


if __name__ == "__main__":
    main()
