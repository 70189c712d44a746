"""What goes wrong while a mailbox is watched: each fault gets its fixed reason, quickly, and nothing hangs."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from shared.errors import AuthError, KinamikError, PermanentError, TransientError
from tests.servers.dovecot import Dovecot, StartDovecot
from tests.servers.dovecot_config import Options
from tests.servers.mail_server import free_ports
from tests.servers.opening import open_watch
from tests.servers.scripted_imap import CLOSE, Answers, scripted

pytest_plugins = ("tests.servers.fixtures",)

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


async def reason_of_opening(answers: Answers, security: str = "none", greeting: bytes = b"* OK hello\r\n") -> str:
    async with scripted(answers, greeting=greeting) as peer:
        with pytest.raises(KinamikError) as caught:
            await open_watch(peer.account(security), "INBOX", answer_within=1)
    kind = next(kind for kind in (AuthError, PermanentError, TransientError) if isinstance(caught.value, kind))
    return f"{kind.__name__} {caught.value.reason}"


class TestLogIn:
    async def test_a_wrong_password_is_an_auth_error(self, dovecot: Dovecot) -> None:
        account = dovecot.account("anna").model_copy(update={"password": SecretStr("falsch")})
        with pytest.raises(AuthError, match=r"^credentials_refused$"):
            await open_watch(account, "INBOX")

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (b"NO [AUTHENTICATIONFAILED] too many wrong passwords", "AuthError credentials_refused"),
            (b"NO Login failed.", "AuthError credentials_refused"),
            (b"NO [ALERT] Application-specific password required", "AuthError app_password_required"),
            (b"NO [ALERT] Your account is not enabled for IMAP use.", "AuthError imap_switched_off"),
            (b"NO [UNAVAILABLE] database down", "TransientError server_busy"),
            (b"NO [INUSE] locked", "TransientError server_busy"),
            (b"NO [LIMIT] connections", "TransientError server_busy"),
            (b"NO [ALERT] Too many simultaneous connections. (Failure)", "TransientError server_busy"),
            (b"NO [PRIVACYREQUIRED] use TLS", "PermanentError tls_required"),
        ],
    )
    async def test_a_refusal_says_whose_fault_it_is(self, answer: bytes, expected: str) -> None:
        assert await reason_of_opening({"AUTHENTICATE": [b"%T " + answer + b"\r\n"]}) == expected

    async def test_odd_passwords_arrive_as_they_are(self) -> None:
        plain = {"CAPABILITY": [b"* CAPABILITY IMAP4rev1\r\n%T OK done\r\n"]}
        for password, expected in (
            ('a"b\\c d', b'LOGIN "anna@example.org" "a\\"b\\\\c d"\r\n'),
            ("Größe", "LOGIN {16}\r\nanna@example.org {7}\r\nGröße\r\n".encode()),
        ):
            async with scripted(plain) as peer:
                account = peer.account().model_copy(update={"password": SecretStr(password)})
                await (await open_watch(account, "INBOX")).close()
                assert expected in peer.received

    async def test_authenticate_is_used_where_it_is_offered(self) -> None:
        async with scripted() as peer:
            account = peer.account().model_copy(update={"password": SecretStr("Grö")})
            await (await open_watch(account, "INBOX")).close()
            assert b"AUTHENTICATE PLAIN AGFubmFAZXhhbXBsZS5vcmcAR3LDtg==\r\n" in peer.received


class TestReaching:
    async def test_nobody_listens(self, dovecot: Dovecot) -> None:
        (port,) = free_ports(1)
        account = dovecot.account("anna").model_copy(update={"port": port})
        with pytest.raises(TransientError, match=r"^server_unreachable$"):
            await open_watch(account, "INBOX")

    async def test_a_server_that_says_nothing(self) -> None:
        began = time.monotonic()
        assert await reason_of_opening({}, greeting=b"") == "TransientError timeout"
        assert time.monotonic() - began < 10

    async def test_a_server_that_says_bye(self) -> None:
        assert await reason_of_opening({}, greeting=b"* BYE overloaded\r\n") == "TransientError server_busy"

    async def test_a_server_that_speaks_no_tls(self) -> None:
        reason = await reason_of_opening({}, "tls")
        assert reason in ("TransientError server_unreachable", "TransientError timeout")

    async def test_a_certificate_that_nobody_vouches_for(self, dovecot: Dovecot) -> None:
        for security in ("tls", "starttls"):
            with pytest.raises(PermanentError, match=r"^certificate_not_valid$"):
                await open_watch(dovecot.account("anna", security), "INBOX")

    async def test_a_certificate_for_another_name(self, dovecot: Dovecot) -> None:
        account = dovecot.account("anna", "tls").model_copy(update={"host": "127.0.0.2"})
        with pytest.raises(KinamikError) as caught:
            await open_watch(account, "INBOX", ssl_context=dovecot.trust())
        assert caught.value.reason in ("certificate_not_valid", "server_unreachable")

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    async def test_with_a_certificate_to_trust_all_is_well(self, dovecot: Dovecot, security: str) -> None:
        watch = await open_watch(dovecot.account("anna", security), "INBOX", ssl_context=dovecot.trust())
        await watch.catch_up(None, HOUR_AGO)
        await watch.close()

    async def test_nothing_goes_unencrypted_to_another_machine(self, dovecot: Dovecot) -> None:
        account = dovecot.account("anna").model_copy(update={"host": "mail.example.org"})
        with pytest.raises(PermanentError, match=r"^tls_required$"):
            await open_watch(account, "INBOX")

    @pytest.mark.parametrize(
        ("answers", "greeting"),
        [
            ({"STARTTLS": [b"%T BAD unknown\r\n"]}, b"* OK hello\r\n"),
            ({"STARTTLS": [b"%T OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PL"]}, b"* OK hello\r\n"),
            ({}, b"* PREAUTH hello\r\n"),
        ],
        ids=["refused", "answered by somebody in between", "logged in already"],
    )
    async def test_starttls_is_never_done_without(self, answers: Answers, greeting: bytes) -> None:
        assert await reason_of_opening(answers, "starttls", greeting) == "PermanentError tls_required"


class TestIdle:
    @pytest.mark.parametrize(
        ("idle", "expected"),
        [
            ([b"+ idling\r\n", b"* BYE shutting down\r\n"], "connection_lost"),
            ([b"* BYE shutting down\r\n"], "connection_lost"),
            ([b"+ idling\r\n", CLOSE], "connection_lost"),
            ([CLOSE], "connection_lost"),
            ([], "timeout"),
        ],
        ids=["bye", "bye instead of +", "closed", "closed instead of +", "silent"],
    )
    async def test_a_server_that_goes_ends_the_wait_at_once(self, idle: list[bytes], expected: str) -> None:
        async with scripted({"IDLE": idle}) as peer:
            watch = await open_watch(peer.account(), "INBOX", answer_within=0.5)
            await watch.catch_up(None, HOUR_AGO)
            began = time.monotonic()
            with pytest.raises(TransientError, match=f"^{expected}$"):
                await watch.wait(30)
            assert time.monotonic() - began < 15
            await watch.close()

    async def test_a_server_that_fell_silent_while_idling_is_noticed(self) -> None:
        async with scripted({"DONE": []}) as peer:
            watch = await open_watch(peer.account(), "INBOX", answer_within=0.5)
            await watch.catch_up(None, HOUR_AGO)
            with pytest.raises(TransientError, match=r"^timeout$"):
                await watch.wait(0.2)
            await watch.close()

    async def test_a_restarted_server_is_noticed_within_a_second(self, start_dovecot: StartDovecot) -> None:
        server = start_dovecot(Options())
        watch = await open_watch(server.account("anna", "tls"), "INBOX", ssl_context=server.trust())
        await watch.catch_up(None, HOUR_AGO)
        waiting = asyncio.create_task(watch.wait(60))
        await asyncio.sleep(0.3)
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        with pytest.raises(TransientError, match=r"^connection_lost$"):
            await asyncio.wait_for(waiting, 3)
        await stopping
        await watch.close()

    @pytest.mark.parametrize("without", ["capability", "willingness"])
    async def test_without_idle_it_asks_instead(self, without: str) -> None:
        answers: Answers = {"IDLE": [b"%T NO not today\r\n"]}
        if without == "capability":
            answers = {"CAPABILITY": [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%T OK done\r\n"]}
        async with scripted(answers) as peer:
            watch = await open_watch(peer.account(), "INBOX")
            await watch.catch_up(None, HOUR_AGO)
            for _ in range(2):
                await watch.wait(0.05)
            assert peer.names().count("NOOP") >= 3
            assert peer.names().count("IDLE") == (0 if without == "capability" else 1)
            await watch.close()
