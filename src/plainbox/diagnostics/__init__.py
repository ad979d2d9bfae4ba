"""What plainbox has to say about what users wrote: codes, diagnostics, sinks, renderers."""

from plainbox.diagnostics.codes import Code, Severity
from plainbox.diagnostics.model import Diagnostic, Edit, Fix, Label, Sink

__all__ = ["Code", "Diagnostic", "Edit", "Fix", "Label", "Severity", "Sink"]
