"""How Sphinx makes a site of these pages: `sphinx-build -W docs build/docs`."""

from plainbox import __version__

project = "plainbox"
author = "the plainbox developers"
release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
highlight_language = "text"
html_theme = "furo"
html_title = f"plainbox {release}"
