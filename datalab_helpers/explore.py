"""What an analyst works with by hand, in a live notebook. Nothing of it runs in a batch."""

from __future__ import annotations

import getpass
import html
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from .errors import guarded
from .intake import LinkedPeople, Participants, explain
from .intake.linking import Decision, ReviewQueue, record
from .request import Request

# Heading, what was submitted, what is on record.
SHOWN = {
    "Surname": ("surname", "surname_r"),
    "Forename": ("forename", "forename_r"),
    "Date of birth": ("date_of_birth", "born_r"),
    "Gender": ("gender", "gender_r"),
    "PNC ID": ("pnc_id", "pnc_id_r"),
    "Prison number": ("prison_number", "prison_number_r"),
}
CLOSED = (
    "Names and dates are shown only while somebody looks at them. They are not saved with the notebook, unless "
    "JupyterLab was told to save widgets."
)
NOBODY = "nobody"


@guarded
def review_desk(
    request: Request, participants: Participants, linked: LinkedPeople, queue: ReviewQueue
) -> Any:
    """A desk for deciding doubtful links one by one, closed until somebody opens it.

    A decision is written beside the submission at once, with who, when and why; run the notebook
    again to link with it. Needs a live kernel; in a batch it stays closed.
    """
    import ipywidgets as widgets

    if queue.waiting.empty:
        return widgets.HTML("<p>Nothing to decide.</p>")
    rows = list(queue.waiting.index)
    place = {"at": 0}
    opened = widgets.Button(description=f"Look at {len(rows)} links", button_style="primary")
    view, told = widgets.HTML(), widgets.HTML(CLOSED)
    choice = widgets.RadioButtons(options=[], description="Who is it?")
    reason = widgets.Text(description="Reason", placeholder="such as: release date in our file is theirs")
    by = widgets.Text(description="Decided by", value="")
    blind = widgets.Checkbox(description="hide what the model thinks", value=False)
    keep = widgets.Button(description="Keep this decision", button_style="success")
    later = widgets.Button(description="Later")
    back = widgets.Button(description="Previous")
    desk = widgets.VBox([view, choice, reason, by, blind, widgets.HBox([keep, later, back]), told])
    desk.layout.display = "none"

    def rivals() -> pd.DataFrame:
        own = linked.rivals[linked.rivals["row"] == rows[place["at"]]]
        # The model's first is person A, unless what it thinks is hidden.
        return own.sort_values("person_id") if blind.value else own

    def show(_: Any = None) -> None:
        desk.layout.display, opened.layout.display = "", "none"
        by.value = by.value or _user()
        if place["at"] >= len(rows):
            view.value = ""
            for part in (choice, reason, by, blind, keep, later, back):
                part.layout.display = "none"
            told.value = "<p><b>All looked at.</b> Run this notebook again from the top to link with what was decided.</p>"
            return
        own = rivals()
        choice.options = [
            *(
                (f"person {letter}", str(person))
                for letter, person in zip("ABC", own["person_id"], strict=False)
            ),
            ("none of them, and nobody else on record", NOBODY),
        ]
        choice.value = None
        told.value = f"<p>{place['at'] + 1} of {len(rows)}. {CLOSED}</p>"
        pages = [pair_table(participants.rows.loc[rows[place["at"]]], own, rows[place["at"]])]
        if not blind.value:
            for letter, person in zip("ABC", own["person_id"], strict=False):
                why = explain(linked, rows[place["at"]], int(person))
                pages.append(f"<p><b>Person {letter}</b></p>{why._repr_html_()}")
        view.value = "".join(pages)

    def write(decision: Decision, person: int | None = None) -> None:
        key = queue.waiting.loc[rows[place["at"]], "row_key"]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record(request, queue.records, key, decision, person, by=by.value, at=now, reason=reason.value)
        place["at"] += 1
        reason.value = ""
        show()

    def decide(_: Any) -> None:
        if choice.value is None or not by.value.strip():
            told.value = "<p><b>Choose a person or “none of them”, and say who decides.</b></p>"
        elif choice.value == NOBODY:
            write("nobody")
        else:
            write("accept", int(choice.value))

    def put_off(_: Any) -> None:
        write("later")

    def previous(_: Any) -> None:
        place["at"] = max(0, place["at"] - 1)
        show()

    opened.on_click(show)
    keep.on_click(decide)
    later.on_click(put_off)
    back.on_click(previous)
    blind.observe(show, "value")
    return widgets.VBox([opened, desk])


def _user() -> str:
    """Who sits here, as far as the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without names of users
        return ""


def pair_table(row: pd.Series, rivals: pd.DataFrame, number: int) -> str:
    """A submitted row beside the people on record it could be."""
    heads = "".join(
        f"<th>person {letter} on record</th>" for letter, _ in zip("ABC", rivals.index, strict=False)
    )
    lines = []
    for heading, (sent, recorded) in SHOWN.items():
        cells = "".join(f"<td>{_text(value)}</td>" for value in rivals[recorded])
        lines.append(f"<tr><th>{heading}</th><td>{_text(row[sent])}</td>{cells}</tr>")
    return f"<table><tr><th></th><th>row {number} as sent</th>{heads}</tr>{''.join(lines)}</table>"


def _text(value: Any) -> str:
    if pd.isna(value):
        return "not given"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%d/%m/%Y")
    text = str(value)
    if len(text) == 8 and text.isdigit():
        text = f"{text[6:]}/{text[4:6]}/{text[:4]}"
    return html.escape(text)
