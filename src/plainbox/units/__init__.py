"""The unit types, one module each, and how a record becomes a unit."""

from plainbox.units.build import build_unit
from plainbox.units.category import Category
from plainbox.units.exporter import Exporter
from plainbox.units.job import FLAGS, Job, JobKind, ResultsFormat
from plainbox.units.manifest_entry import ManifestEntry, ValueType
from plainbox.units.other import BareUnit, FileUnit, OtherUnit
from plainbox.units.packaging import PackagingMetaData
from plainbox.units.setup_job import SetupJob
from plainbox.units.template import Template
from plainbox.units.test_plan import TestPlan

__all__ = [
    "FLAGS",
    "BareUnit",
    "Category",
    "Exporter",
    "FileUnit",
    "Job",
    "JobKind",
    "ManifestEntry",
    "OtherUnit",
    "PackagingMetaData",
    "ResultsFormat",
    "SetupJob",
    "Template",
    "TestPlan",
    "ValueType",
    "build_unit",
]
