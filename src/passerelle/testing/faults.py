"""What can go wrong at the vendor's side, and the families of errors that may come of it."""

from __future__ import annotations

from enum import StrEnum

from passerelle.errors import ConfigError, OutcomeUnknown, PasserelleError, ProtocolError, RecordError, TransientError


class Fault(StrEnum):
    """One way to fail. Statuses answer without doing anything."""

    UNAUTHORISED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    UNPROCESSABLE = "422"
    TOO_MANY = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    SERVICE_OFF = "503"
    REFUSED = "the connection is refused"
    TIMEOUT = "no answer, and nothing was done"
    REDIRECT = "the caller is sent elsewhere"
    NOT_THE_FORMAT = "200 with a web page"
    LOST_ANSWER = "done, and the connection broke before the answer"
    ERROR_AFTER_COMMIT = "done, and the answer is a 500"
    CUT_ANSWER = "done, and the answer breaks off in the middle"
    HALF_DONE = "half of the batch done, and no answer"


Families = tuple[type[PasserelleError], ...]

READ: dict[Fault, Families] = {
    Fault.UNAUTHORISED: (ConfigError,),
    Fault.FORBIDDEN: (ConfigError,),
    Fault.NOT_FOUND: (ConfigError, ProtocolError),
    Fault.CONFLICT: (ConfigError, ProtocolError),
    Fault.UNPROCESSABLE: (ConfigError, ProtocolError),
    Fault.TOO_MANY: (TransientError,),
    Fault.SERVER_ERROR: (TransientError, ProtocolError),
    Fault.BAD_GATEWAY: (TransientError,),
    Fault.SERVICE_OFF: (TransientError, ConfigError),
    Fault.REFUSED: (TransientError,),
    Fault.TIMEOUT: (TransientError,),
    Fault.REDIRECT: (ConfigError,),
    Fault.NOT_THE_FORMAT: (ProtocolError,),
}

# A write answered with 5xx, cut or not at all may have been done: only a refusal, or a connection never made, was not.
WRITE: dict[Fault, Families] = {
    Fault.UNAUTHORISED: (ConfigError,),
    Fault.FORBIDDEN: (ConfigError,),
    Fault.NOT_FOUND: (ConfigError, ProtocolError, RecordError),
    Fault.CONFLICT: (ConfigError, ProtocolError, RecordError),
    Fault.UNPROCESSABLE: (ConfigError, ProtocolError, RecordError),
    Fault.TOO_MANY: (TransientError,),
    Fault.SERVER_ERROR: (OutcomeUnknown,),
    Fault.BAD_GATEWAY: (OutcomeUnknown,),
    Fault.SERVICE_OFF: (OutcomeUnknown, TransientError, ConfigError),
    Fault.REFUSED: (TransientError,),
    Fault.TIMEOUT: (OutcomeUnknown,),
    Fault.REDIRECT: (ConfigError,),
    Fault.NOT_THE_FORMAT: (OutcomeUnknown, ProtocolError),
}

# Done at the vendor's side, whatever the caller heard.
COMMITTED: dict[Fault, Families] = {
    Fault.LOST_ANSWER: (OutcomeUnknown,),
    Fault.ERROR_AFTER_COMMIT: (OutcomeUnknown,),
    Fault.CUT_ANSWER: (OutcomeUnknown,),
}
