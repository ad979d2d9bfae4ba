"""Packaging meta-data: what the package of a provider depends on, for each system."""

from __future__ import annotations

from plainbox.fields import Line, Text, Unit, mandatory, optional


class PackagingMetaData(Unit):
    """Packages that a provider needs on one system; it has no id."""

    type_name = "packaging meta-data"

    os_id = mandatory(Line(), "System, as ID in os-release calls it.", absent="", key="os-id")
    os_version_id = optional(
        Line(),
        "Versions of the system: `24.04`, or with one of `== != < <= > >=` in front.",
        key="os-version-id",
    )
    depends = optional(Text(), "Packages that must be there.", key="Depends")
    recommends = optional(Text(), "Packages that should be there.", key="Recommends")
    suggests = optional(Text(), "Packages that may be of use.", key="Suggests")
