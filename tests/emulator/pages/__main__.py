"""`python -m tests.emulator.pages` writes the tables of the pages in docs/emulator/ anew."""

from __future__ import annotations

from tests.emulator.pages.writing import PAGES, ROOT, renewed


def main() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        if (new := renewed(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"wrote {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
