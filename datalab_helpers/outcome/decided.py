"""What was fixed before any outcome was seen, read back from the sealed plan."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any

from ..errors import guarded
from ..store import Seal
from ..tables import as_text


@dataclass(frozen=True, eq=False, repr=False)
class Decided:
    """The sealed plan: the measure that decides, what would matter, and who is compared with whom."""

    sha256: str
    plan: dict[str, Any]

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(_told(analysis))}</td></tr>"
            for name, analysis in self.plan["analyses"].items()
        )
        return (
            f"<p>Sealed as <code>{self.sha256[:12]}</code>. The measure that decides is <b>{html.escape(self.plan['primary'])}</b>; "
            f"a difference below {self.plan['smallest_difference']:g} would not matter.</p><table>{rows}</table>"
        )


def _told(analysis: dict[str, Any]) -> str:
    if analysis["refused"]:
        return f"not analysed: {analysis['refused']}"
    s, sizes = analysis["settings"], analysis["sizes"]
    caliper = "" if s["caliper"] is None else f", caliper {s['caliper']:g} {s['caliper_unit']}"
    return (
        f"{s['method']} matching{caliper}, within {', '.join(s['exact']) or 'no exact strata'}; {sizes['treatment']:,} people "
        f"and a comparison group worth {sizes['comparison_effective']:,.0f}; balance: {analysis['balance']}"
    )


@guarded
def decided(seal: Seal) -> Decided:
    """The plan as it was sealed; LockError when it is missing or was changed."""
    seal.check()
    return Decided(seal.sha256, json.loads(seal.path.read_text(encoding="utf-8")))
