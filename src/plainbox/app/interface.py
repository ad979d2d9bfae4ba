"""What programs that show or steer runs import; `docs/how-to/follow-a-session.md` shows its use."""

from plainbox.app.following import (
    Bootstrapped,
    Bootstrapping,
    Finished,
    Recorded,
    Running,
    Session,
    Stage,
    attach,
)
from plainbox.app.hosting import resume, start
from plainbox.app.messages import Heard, Missed
from plainbox.app.setup import Setup, set_up
from plainbox.session.events import Answer, Choice, Question
from plainbox.session.store import Store

__all__ = [
    "Answer",
    "Bootstrapped",
    "Bootstrapping",
    "Choice",
    "Finished",
    "Heard",
    "Missed",
    "Question",
    "Recorded",
    "Running",
    "Session",
    "Setup",
    "Stage",
    "Store",
    "attach",
    "resume",
    "set_up",
    "start",
]
