"""The analyst's technical annex: the executed notebooks as pages, kept in the run's folder and never published."""

from __future__ import annotations

from pathlib import Path

from ...report.templates import style
from ...run import Run, write_bytes
from ...wording.numbers import readable

HERE = Path(__file__).parent


def write_annex(run: Run) -> Path:
    """One page a notebook in `annex/` of the run's folder, each leading to the others; returns the folder.

    Code is folded. Tables, pictures and headings are marked up for whoever hears the page.
    """
    # Imported here: only a finished run needs it, and it takes a second.
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="datalab_annex",
        extra_template_basedirs=[str(HERE)],
        filters={"accessible": accessible},
        exclude_anchor_links=True,
    )
    notebooks = sorted((run.folder / "notebooks").glob("*.ipynb"))
    names = [(f"{notebook.stem}.html", notebook.stem[3:].capitalize()) for notebook in notebooks]
    for notebook, (name, title) in zip(notebooks, names, strict=True):
        about = {"id": run.request.id, "title": title, "pages": names, "style": style()}
        page, _ = exporter.from_notebook_node(
            nbformat.read(notebook, as_version=4), resources={"annex": about}
        )
        write_bytes(run.folder / "annex" / name, readable(page).encode())
    return run.folder / "annex"


def accessible(shown: str) -> str:
    """HTML of a result with what notebooks leave out: scope of headers, scrolling by keyboard, no empty header."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(shown, "html.parser")
    for left in soup.find_all("style"):
        left.decompose()
    for table in soup.find_all("table"):
        table.attrs.pop("border", None)
        for header in [empty for empty in table.find_all("th") if not empty.get_text(strip=True)]:
            header.name = "td"
        for header in table.find_all("th"):
            header["scope"] = "col" if header.find_parent("thead") or _heads_columns(header) else "row"
        table.wrap(
            soup.new_tag(
                "div", attrs={"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Table"}
            )
        )
    return str(soup)


def _heads_columns(header) -> bool:  # type: ignore[no-untyped-def]
    """Several headers in a row are the head of a table that has no thead."""
    return len(header.find_parent("tr").find_all("th")) > 1
