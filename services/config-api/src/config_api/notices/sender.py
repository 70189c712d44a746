"""Sends the notices that wait in the outbox."""

import structlog

from config_api.crypto import MasterKeys
from config_api.notices.service import opened

log = structlog.get_logger(__name__)


class Sender:
    def __init__(self, master_keys: MasterKeys) -> None:
        self._master_keys = master_keys

    async def send(self, payload: bytes) -> None:
        notice = opened(payload, self._master_keys)
        log.warning("notice_not_sent", kind=notice.kind, reason="no_mail_server")
