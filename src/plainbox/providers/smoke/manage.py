#!/usr/bin/env python3
"""Names the provider; plainbox reads the arguments below without running them."""

from plainbox.provider_manager import N_, setup

setup(
    name="plainbox-smoke",
    namespace="org.plainbox",
    version="1.0",
    description=N_("Quick real tests of the machine that plainbox runs on"),
    gettext_domain="plainbox-smoke",
)
