"""What is written into the logs of the portal."""

import logging
import re

#: Addresses whose last word opens something to whoever has it; ``deploy/nginx/nginx.conf`` names them too.
OPENING = re.compile(
    r"(/(?:jury/c|accounts/invitation|accounts/confirm-email|accounts/password/reset/key)/)[^\s/'\"]+"
)


class HideTokens(logging.Filter):
    """Cuts such an address short: a reader of the logs must not get in by it."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if OPENING.search(said):
            record.msg, record.args = OPENING.sub(r"\1…", said), ()
        return True
