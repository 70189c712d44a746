"""The mail providers that most German businesses have, and what their customers have to know.

Servers and user names are those of the providers' own help pages and of Thunderbird's ISPDB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Authentication = Literal["password", "app_password", "oauth2"]
NoteCode = Literal[
    "imap_must_be_switched_on",
    "app_password_required",
    "app_password_with_second_factor",
    "mail_program_password_required",
    "oauth_only",
    "user_name_may_differ",
]

SWITCH_ON: tuple[NoteCode, ...] = ("imap_must_be_switched_on",)
APP_PASSWORD: tuple[NoteCode, ...] = ("app_password_required",)
SECOND_FACTOR: tuple[NoteCode, ...] = ("app_password_with_second_factor",)


@dataclass(frozen=True, slots=True)
class Provider:
    """`domains` are its customers' addresses, `exchangers` the domains of its MX hosts, for customers' own domains.

    All of them serve IMAP with TLS on port 993. An empty `host` stands for the MX host itself. `local` says that the
    user name is what stands before the @.
    """

    name: str
    host: str
    domains: tuple[str, ...] = ()
    exchangers: tuple[str, ...] = ()
    local: bool = False
    authentication: Authentication = "password"
    notes: tuple[NoteCode, ...] = ()
    help_url: str = ""


PROVIDERS: Sequence[Provider] = (
    Provider(
        "GMX",
        "imap.gmx.net",
        ("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.eu", "gmx.biz", "gmx.org", "gmx.info"),
        ("gmx.net",),
        notes=SWITCH_ON + SECOND_FACTOR,
        help_url="https://hilfe.gmx.net/pop-imap/einschalten.html",
    ),
    Provider("GMX", "imap.gmx.com", ("gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es"), notes=SWITCH_ON),
    Provider(
        "WEB.DE",
        "imap.web.de",
        ("web.de", "email.de"),
        ("web.de",),
        local=True,
        notes=SWITCH_ON + SECOND_FACTOR,
        help_url="https://hilfe.web.de/pop-imap/einschalten.html",
    ),
    Provider(
        "T-Online",
        "secureimap.t-online.de",
        ("t-online.de", "magenta.de"),
        ("t-online.de",),
        authentication="app_password",
        notes=("mail_program_password_required",),
        help_url="https://www.telekom.de/hilfe/apps-dienste/e-mail/programme/passwort-verwalten",
    ),
    Provider(
        "IONOS",
        "imap.ionos.de",
        ("online.de", "onlinehome.de", "sofortstart.de", "sofort-start.de", "sofortsurf.de", "sofort-surf.de"),
        ("ionos.de", "kundenserver.de", "1und1.de", "schlund.de"),
    ),
    Provider("Strato", "imap.strato.de", ("strato.de",), ("rzone.de",)),
    Provider("freenet", "mx.freenet.de", ("freenet.de",), ("freenet.de",), notes=SWITCH_ON),
    Provider("Posteo", "posteo.de", ("posteo.de", "posteo.net", "posteo.at", "posteo.ch", "posteo.eu"), ("posteo.de",)),
    Provider(
        "mailbox.org",
        "imap.mailbox.org",
        ("mailbox.org",),
        ("mailbox.org",),
        notes=SECOND_FACTOR,
        help_url="https://kb.mailbox.org/en/private/e-mail/e-mail-configuration",
    ),
    Provider("Hetzner", "mail.your-server.de", (), ("your-server.de",)),
    Provider("All-Inkl", "", (), ("kasserver.com",), notes=("user_name_may_differ",)),
    Provider("DomainFactory", "sslin.df.eu", (), ("ispgateway.de",)),
    Provider("Mittwald", "mail.agenturserver.de", (), ("agenturserver.de",), notes=("user_name_may_differ",)),
    Provider(
        "Gmail",
        "imap.gmail.com",
        ("gmail.com", "googlemail.com"),
        ("google.com", "googlemail.com"),
        authentication="app_password",
        notes=APP_PASSWORD,
        help_url="https://support.google.com/accounts/answer/185833",
    ),
    Provider(
        "Outlook, Microsoft 365",
        "outlook.office365.com",
        (
            *("outlook.com", "outlook.de", "outlook.at", "hotmail.com", "hotmail.de", "live.com", "live.de", "msn.com"),
            *("office365.com", "onmicrosoft.com"),
        ),
        ("protection.outlook.com", "mx.microsoft"),
        authentication="oauth2",
        notes=("oauth_only",),
    ),
    Provider(
        "iCloud",
        "imap.mail.me.com",
        ("icloud.com", "me.com", "mac.com"),
        ("mail.icloud.com",),
        local=True,
        authentication="app_password",
        notes=APP_PASSWORD,
        help_url="https://support.apple.com/en-us/HT202304",
    ),
    Provider(
        "Yahoo",
        "imap.mail.yahoo.com",
        ("yahoo.de", "yahoo.com", "yahoo.fr", "yahoo.it", "yahoo.co.uk", "ymail.com", "rocketmail.com"),
        ("am0.yahoodns.net",),
        authentication="app_password",
        notes=APP_PASSWORD,
    ),
    Provider(
        "AOL",
        "imap.aol.com",
        ("aol.com", "aol.de", "aim.com"),
        ("gm0.yahoodns.net",),
        authentication="app_password",
        notes=APP_PASSWORD,
    ),
    Provider("Vodafone", "imap.vodafonemail.de", ("vodafonemail.de", "arcor.de", "kabelmail.de"), ("vodafonemail.de",)),
    Provider("EWE", "imap.ewe.net", ("ewe.net", "ewetel.de", "ewetel.net", "teleos-web.de"), ("ewe.net",)),
)

_BY_DOMAIN = {domain: provider for provider in PROVIDERS for domain in provider.domains}
_BY_EXCHANGER = {domain: provider for provider in PROVIDERS for domain in provider.exchangers}
_BY_HOST = {provider.host: provider for provider in PROVIDERS if provider.host}


def of_domain(domain: str) -> Provider | None:
    """Whose customers have such addresses."""
    return _BY_DOMAIN.get(domain)


def of_exchanger(host: str) -> Provider | None:
    """Who runs this MX host."""
    labels = host.split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((found for parent in parents if (found := _BY_EXCHANGER.get(parent))), None)


def of_host(host: str) -> Provider | None:
    """Whose IMAP server this is."""
    return _BY_HOST.get(host.lower()) or of_exchanger(host.lower())
