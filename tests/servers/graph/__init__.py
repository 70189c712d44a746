"""A stateful fake of Microsoft Graph mail (v1.0), for tests and benchmarks.

Read in this order: `server` says what a test can do, `app` and `mailboxes` which requests are answered, `tenant`,
`delta`, `replies` and `subscriptions` what is behind the answers, `faults` what may go wrong, `checks`, `schema` and
`canned` what every answer is held against.

Known to differ from the real service: it never reorders or delays by itself, `$value` gives the bytes that were
delivered (Exchange builds the message anew), and a search by an extended property costs nothing.
"""

from tests.servers.graph.server import GraphServer

__all__ = ["GraphServer"]
