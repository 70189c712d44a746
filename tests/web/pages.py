"""Every page of the web UI, and who may see it. What a test does to all pages, it does to these."""

from dataclasses import dataclass

from tests.web.inhabited import OPERATOR, OWNER

ORGANISATION = "/organisations/{organisation}"
ASSISTANT = ORGANISATION + "/assistants/{assistant}"


@dataclass(frozen=True)
class WebPage:
    """`login` is who looks at it; empty for somebody who is not logged in. `refused`: the API refuses what is asked."""

    name: str
    path: str
    login: str = ""
    refused: bool = False


PAGES = (
    WebPage("welcome", "/"),
    *(WebPage(f"legal-{text}", f"/legal/{text}") for text in ("imprint", "privacy", "terms")),
    WebPage("register", "/register"),
    WebPage("confirm", "/confirm#token=unknown", refused=True),
    WebPage("login", "/login"),
    WebPage("reset-password", "/reset-password"),
    WebPage("reset-password-new", "/reset-password#token=unknown"),
    WebPage("invitation", "/invitation#token=unknown"),
    WebPage("unsubscribe", "/unsubscribe?token=unknown", refused=True),
    WebPage("connected", "/connected?problem=access_refused&provider=gmail&return_to=start"),
    WebPage("connected-consent", "/connected?consent=given"),
    WebPage("api-docs", "/api-docs"),
    WebPage("nowhere", "/nowhere"),
    WebPage("start", "/start", OPERATOR),
    WebPage("overview", ORGANISATION, OWNER),
    WebPage("activity", ORGANISATION + "/activity", OWNER),
    WebPage("knowledge", ASSISTANT + "/knowledge", OWNER),
    WebPage("knowledge-import", ASSISTANT + "/knowledge/import", OWNER),
    WebPage("knowledge-history", ASSISTANT + "/knowledge/history", OWNER),
    WebPage("playground", ASSISTANT + "/playground", OWNER),
    WebPage("assistant", ASSISTANT, OWNER),
    WebPage("assistant-new", ORGANISATION + "/assistants/new", OWNER),
    WebPage("mailboxes", ORGANISATION + "/mailboxes", OWNER),
    WebPage("mailbox-new", ORGANISATION + "/mailboxes/new", OWNER),
    WebPage("mailbox", ORGANISATION + "/mailboxes/{mailbox}", OWNER),
    WebPage("settings", ORGANISATION + "/settings", OWNER),
    WebPage("members", ORGANISATION + "/members", OWNER),
    WebPage("plan", ORGANISATION + "/plan", OWNER),
    WebPage("keys", ORGANISATION + "/keys", OWNER),
    WebPage("start-organisation", "/start?step=organisation", OWNER),
    WebPage("account", "/account", OWNER),
    WebPage("account-security", "/account?tab=security", OWNER),
    WebPage("account-data", "/account?tab=data", OWNER),
    WebPage("operator", "/operator", OPERATOR),
    *(
        WebPage(f"operator-{name}", f"/operator/{name}", OPERATOR)
        for name in ("organisations", "accounts", "locks", "audit", "holds")
    ),
)
