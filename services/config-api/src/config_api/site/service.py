"""What the web UI has to know before anybody is logged in."""

import asyncio

from config_api.plans.service import TRIAL
from config_api.settings import Settings
from config_api.site import legal
from config_api.site.schemas import DemoImap, DemoMailboxPublic, Site

PRODUCT = "Kinamik"


async def describe(settings: Settings) -> Site:
    return Site(
        product=PRODUCT,
        edition=settings.edition,
        registration=settings.registration,
        confirmation_by_mail=settings.confirms_by_mail,
        notices_by_mail=bool(settings.mail_host),
        price_per_assistant=settings.price_per_assistant,
        vat_percent=settings.vat_percent,
        trial_days=TRIAL.days,
        terms_version=settings.terms_version,
        legal=await asyncio.to_thread(legal.there, settings.legal_folder),
        demo_mailbox=_demo_mailbox(settings),
    )


def _demo_mailbox(settings: Settings) -> DemoMailboxPublic | None:
    if (demo := settings.told_demo_mailbox) is None:
        return None
    imap = DemoImap(host=demo.imap_host, port=demo.imap_port, username=demo.address)
    return DemoMailboxPublic(
        address=demo.address, password=demo.password, imap=imap, smtp_host=demo.smtp_host, smtp_port=demo.smtp_port
    )
