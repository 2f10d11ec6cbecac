"""What a submission holds: each column once, with the headings understood, the values allowed and what it buys.

The template, `datalab check`, intake and the README's table follow from here; nothing repeats a rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["name", "date", "choice", "pnc_id", "prison_number", "text"]


@dataclass(frozen=True)
class Field:
    """One column.

    synonyms : headings understood, in lower case without anything but letters and digits
    essential : without it a person cannot be analysed; identity : says who somebody is
    helpful : read where given; two columns of it, or dates in no clear order, are no reason to refuse a file
    values : what may be written -> what else is understood as it, in lower case
    write, example, buys : for the person who fills in the template
    """

    heading: str
    synonyms: tuple[str, ...]
    kind: Kind
    write: str
    example: str
    buys: str
    essential: bool = False
    identity: bool = False
    helpful: bool = False
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


# Read by intake into typed columns.
FIELDS: dict[str, Field] = {
    "surname": Field(
        "Surname", ("surname", "lastname", "familyname"), "name",
        "as on court papers", "Okafor", "needed to find the person", essential=True, identity=True),
    "forename": Field(
        "Forename", ("forename", "firstname", "givenname", "forenames", "firstnames"), "name",
        "as on court papers, not a nickname", "Daniel", "needed to find the person", essential=True, identity=True),
    "date_of_birth": Field(
        "Date of birth", ("dateofbirth", "dob", "birthdate", "birthday"), "date",
        "day/month/year", "31/12/1990", "needed to find the person", essential=True, identity=True),
    "gender": Field(
        "Gender", ("gender", "sex"), "choice",
        "M or F", "M", "needed to find the person and to compare like with like", essential=True, identity=True,
        values={"M": ("m", "male", "man"), "F": ("f", "female", "woman")}),
    "pnc_id": Field(
        "PNC ID", ("pncid", "pnc", "pncnumber", "pncno"), "pnc_id",
        "if held", "2001/0012345H", "raises the chance that the person is found", identity=True),
    "prison_number": Field(
        "Prison number",
        ("prisonnumber", "nomisnumber", "nomsnumber", "nomis", "noms", "nomsid", "nomisid", "prisonno"),
        "prison_number",
        "if held", "A1234BC", "raises the chance that the person is found", identity=True),
    "start": Field(
        "Intervention start",
        ("interventionstart", "interventionstartdate", "startdate", "start", "datestarted", "programmestart"),
        "date",
        "day/month/year", "15/03/2021", "starts the clock; without it the person cannot be analysed", essential=True),
    "end": Field(
        "Intervention end",
        ("interventionend", "interventionenddate", "enddate", "end", "dateended", "programmeend"), "date",
        "day/month/year", "15/09/2021", "shows how long support lasted"),
    "released": Field(
        "Release date", ("releasedate", "dateofrelease", "released", "datereleased"), "date",
        "day/month/year, if known", "01/03/2021", "tells people of one name and birthday apart", helpful=True),
    "sentenced": Field(
        "Sentence date",
        ("sentencedate", "dateofsentence", "sentenced", "convictiondate", "dateofconviction", "orderstart", "cautiondate"), "date",
        "day/month/year, if known", "01/09/2020", "tells people of one name and birthday apart", helpful=True),
}  # fmt: skip
# Kept as they are, for a request to select participants by.
FURTHER: dict[str, Field] = {
    "region": Field(
        "Region", ("region", "area"), "choice",
        "as in the list", "North West", "allows an analysis of one region"),
    "reference": Field(
        "User reference", ("userreference", "reference", "ref", "userref", "caseref"), "text",
        "your own number", "17", "lets you recognise a row we ask about; use no name"),
    "completed": Field(
        "Completed", ("completed", "completer"), "choice",
        "yes or no", "yes", "allows an analysis of those who completed",
        values={"yes": ("yes", "y", "true", "1"), "no": ("no", "n", "false", "0")}),
    "sessions": Field(
        "Sessions", ("sessions", "sessionsattended", "attendance"), "text",
        "a number", "8", "shows how much support was given"),
    "reason_ended": Field(
        "Reason for ending", ("reasonforending", "reasonended", "exitreason"), "text",
        "a few words, the same each time", "completed", "shows who left early and why"),
    "referral": Field(
        "Referral route", ("referralroute", "referredby", "referral"), "text",
        "who sent the person to you", "probation", "shows how people come to you"),
    "motivation": Field(
        "Motivation or need at the start", ("motivationorneedatthestart", "motivation", "needscore", "motivationscore"), "text",
        "a score, the same scale for all", "4", "the difference that records do not show and that most often misleads"),
}  # fmt: skip
# Known and harmless; intake keeps them, and they are no reason for a remark.
HARMLESS = ("indexdate", "establishment", "prison", "site", "centre", "cohort", "group", "deliverymode", "status", "hours")  # fmt: skip
# What no analysis needs and nobody should send: words of headings -> what it is called.
UNNEEDED: dict[str, tuple[str, ...]] = {
    "phone number": ("phone", "telephone", "mobile", "tel", "contactnumber", "contactno"),
    "e-mail address": ("email", "emailaddress", "mail"),
    "home address": ("address", "street", "postcode", "homeaddress", "town", "postal"),
    "health": ("health", "medical", "diagnosis", "medication", "disability", "gp", "mentalhealth", "substance"),
    "family or next of kin": ("nextofkin", "kin", "emergencycontact", "children", "partner"),
    "National Insurance or other number": ("nationalinsurance", "nino", "nhsnumber", "passport", "bank"),
    "religion, ethnicity or orientation": ("religion", "faith", "ethnicity", "ethnicorigin", "sexualorientation"),
    "free notes": ("notes", "note", "comments", "comment", "casenotes", "remarks"),
    "name of a worker": ("keyworker", "caseworker", "worker", "mentor", "staff"),
}  # fmt: skip
PEOPLE_SHEET = "People"
NOT_SERVED_SHEET = "Eligible, not served"
# Names of a second sheet that holds people who could have taken part and did not.
NOT_SERVED = (
    "eligiblenotserved",
    "eligiblebutnotserved",
    "notserved",
    "notstarted",
    "eligibledidnotstart",
    "waitinglist",
)
NO_PERSON = ("total", "subtotal", "grandtotal", "sum", "count", "average", "mean", "note", "notes", "source")

# `YYYY/NNNNNNNC`: year and serial as one number, modulo 23, give the letter.
PNC_ID = re.compile(r"(\d{4}|\d{2})/?(\d{1,7})([A-Z])")
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
PRISON_NUMBER = re.compile(r"[A-Z]\d{4}[A-Z]{2}")
YOUNGEST, OLDEST = 10, 100  # years at the programme's start that a two-digit year of birth may give


def choice(name: str, text: str) -> str | None:
    """The allowed value that a text stands for, or None."""
    allowed = (FIELDS | FURTHER)[name].values
    return next((value for value, ways in allowed.items() if text.lower() in ways), None)


def pnc_id(text: str, last_year: int) -> str | None:
    """`YYYY/NNNNNNNC` when the check letter is right (two-digit years and short serials widened).

    Two digits stand for the latest such year up to `last_year`, in which the programme ended:
    nobody who took part was entered on the register after it.
    """
    found = PNC_ID.fullmatch(identifier(text))
    if not found or found[3] != check_letter(found):
        return None
    year = found[1]
    if len(year) == 2:
        year = str(last_year - (last_year - int(year)) % 100)
    return f"{year}/{found[2].zfill(7)}{found[3]}"


def check_letter(found: re.Match[str]) -> str:
    """The letter that a PNC ID of this year and serial must have."""
    return CHECK_LETTERS[int(found[1][-2:] + found[2].zfill(7)) % 23]


def prison_number(text: str) -> str | None:
    """A prison number in capitals without blanks, when its form is right."""
    text = identifier(text)
    return text if PRISON_NUMBER.fullmatch(text) else None


def identifier(text: str) -> str:
    """An identifier as it is compared: capitals, no blanks."""
    return text.upper().replace(" ", "")
