"""What checking finds in texts, for the tests beside this file and those of weaknesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.catalog import Catalog
from plainbox.checking import Finding, World, apply_ignores, check_units
from plainbox.diagnostics import Severity, Sink
from plainbox.fields import Owner
from plainbox.records import name_is_yaml, read_pxu, read_yaml
from plainbox.text import Source
from plainbox.units import build_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.fields import Unit

OWNER = Owner("org.example:example", "org.example")
OTHER = Owner("net.other:other", "net.other")
RESOURCE = "id: device\nplugin: resource\ncommand: list-devices\n\n"


def catalog_of(files: Mapping[str, str], owner: Owner, sink: Sink) -> Catalog:
    """The units of files by name; what cannot be read goes to the sink."""
    units: list[Unit] = []
    for name, text in files.items():
        reader = read_yaml if name_is_yaml(name) else read_pxu
        for record in reader(Source(name, text), sink):
            unit = build_unit(record, owner, sink)
            units += [unit] if unit else []
    return Catalog.of([owner], units, sink)


def check_files(files: Mapping[str, str], others: str = "") -> list[Finding]:
    """The findings in files of `org.example`, beside a provider `net.other`, in their order."""
    sink = Sink()
    catalog = catalog_of(files, OWNER, sink)
    world = World(catalog, lambda: catalog_of({"o.pxu": others}, OTHER, Sink()))
    checked = check_units(list(catalog.units), world)
    findings = [*map(Finding, sink.found), *checked.findings]
    sources = {
        id(it.diagnostic.span.source): it.diagnostic.span.source
        for it in findings
        if it.diagnostic.span
    }
    sources |= {id(source): source for source in checked.sources}
    kept = apply_ignores(findings, sources.values())
    return [it for it in kept if it.diagnostic.severity > Severity.HINT]


def check(text: str, others: str = "", name: str = "units/a.pxu") -> list[str]:
    """`severity[code] @text: message` of all findings in a text, in the order of the text."""
    findings = sorted(check_files({name: text}, others), key=_start)
    return [shown(finding) for finding in findings]


def _start(finding: Finding) -> int:
    span = finding.diagnostic.span
    return span.start if span else 0


def shown(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    text = diagnostic.span.text if diagnostic.span else ""
    return f"{diagnostic.severity.word}[{diagnostic.code}] @{text}: {diagnostic.message}"


def codes(text: str, others: str = "", name: str = "units/a.pxu") -> list[str]:
    """The codes of all findings in a text, in the order of the text."""
    findings = sorted(check_files({name: text}, others), key=_start)
    return [str(finding.diagnostic.code) for finding in findings]


def fix_of(text: str, name: str = "units/a.pxu") -> tuple[str, bool]:
    """Title and safety of the fix of the only finding."""
    (finding,) = check_files({name: text})
    fix = finding.diagnostic.fix
    assert fix is not None
    return fix.title, fix.safe
