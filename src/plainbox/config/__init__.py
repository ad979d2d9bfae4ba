"""What people have set, and where: options declared once, layers of values, provenance."""

from plainbox.config.options import Layer, Option, Stated
from plainbox.config.places import config_files, own_config_file, state_folder
from plainbox.config.reading import FREE_SECTIONS, read_settings
from plainbox.config.settings import OPTIONS, Settings

__all__ = [
    "FREE_SECTIONS",
    "OPTIONS",
    "Layer",
    "Option",
    "Settings",
    "Stated",
    "config_files",
    "own_config_file",
    "read_settings",
    "state_folder",
]
