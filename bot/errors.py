"""The errors of Folkmoot.

FolkmootError
├── ConfigError         a setting, zone, database or port is wrong; one sentence, exit code 78
├── UsageError          the command line asks for what cannot be; one sentence, exit code 2
├── CommandError        the asker's mistake; its text is the answer
│   └── NotAllowed      the asker may not do this
├── ImportProblem       a file of an export is damaged or foreign; names file and place, the rest goes on
├── StoreBusy           the writer's queue is full; try again
├── StoreFailed         the database failed while we worked; nothing of that work is kept
└── PlatformError       something a platform answered
    ├── MessageGone     the message is not there any more
    ├── Forbidden       a permission is missing; not tried again until something changes
    │   ├── Archived    the thread is archived; nothing can be edited until it is opened again
    │   ├── ThreadClosed  a thread is closed to us, its channel is not
    │   └── Unchangeable  a rule of the whole space: what was posted a while ago cannot be edited
    └── Unavailable     try again later
"""


class FolkmootError(Exception):
    """Everything that Folkmoot itself raises."""


class ConfigError(FolkmootError):
    """Something outside is wrong and the operator has to mend it; the text is one sentence that says how."""


class UsageError(FolkmootError):
    """The command line asks for what cannot be; the text is one sentence that says what it must be."""


class CommandError(FolkmootError):
    """The asker's mistake; the text is what they are told, already in their language."""


class NotAllowed(CommandError):
    """The asker may not do this; the text says who may."""


class ImportProblem(FolkmootError):
    """A file cannot be read as an export; the text names the file and the place in it."""


class StoreBusy(FolkmootError):
    """The writer's queue is at its bound; nothing was stored, try again."""


class StoreFailed(FolkmootError):
    """The database failed (disk full, connection lost, file damaged); nothing of the work was stored."""


class PlatformError(FolkmootError):
    """A platform refused or failed."""


class MessageGone(PlatformError):
    """The message was deleted, or never was."""


class Forbidden(PlatformError):
    """The platform does not let us; trying again is useless until a permission changes."""


class Archived(Forbidden):
    """The thread is archived: nothing in it can be changed until somebody opens it again."""


class ThreadClosed(Forbidden):
    """A thread is closed to us in a channel that is open: a private one put us out."""


class Unchangeable(Forbidden):
    """A rule of the whole space does not let us edit what we posted a while ago."""


class Unavailable(PlatformError):
    """The platform cannot answer now; try again later, not before `after` seconds.

    It was not even `asked` where we are not connected or told to be silent.
    """

    def __init__(self, said: str = "", *, after: float = 0.0, asked: bool = True) -> None:
        super().__init__(said)
        self.after = after
        self.asked = asked
