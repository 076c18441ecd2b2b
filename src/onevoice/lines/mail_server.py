"""The line to the company's own mail server: hands over one message, and knows how far it came."""

import asyncio
import ssl
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from onevoice.nouns.message import Answer

DETAIL_MAX = 300


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how to hand over mail. `security` is `tls` from the start, `starttls` (nothing is sent where the server
    has none) or `none`; `seconds` bounds each step. A fresh connection carries each message."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = ""
    seconds: float = 30.0
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, {self.security})"

    def hand_over(self, *, sender: str, recipient: str, raw: bytes) -> Answer:
        """Gives one message to the server and waits for its word. Never raises for what a server or a network does."""
        return asyncio.run(self._hand_over(sender, recipient, raw))

    async def _hand_over(self, sender: str, recipient: str, raw: bytes) -> Answer:
        client = SMTP(
            hostname=self.host,
            port=self.port,
            timeout=self.seconds,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=self.tls,
        )
        try:
            refusal = await self._before_data(client, sender, recipient)
            return refusal or await _data(client, raw)
        finally:
            await _leave(client)

    async def _before_data(self, client: SMTP, sender: str, recipient: str) -> Answer | None:
        """All that comes before the message itself; whatever fails here, the message certainly did not go."""
        try:
            await client.connect()
            if self.user:
                await client.login(self.user, self.password)
            await client.mail(sender)
            await client.rcpt(recipient)
        except SMTPResponseException as error:
            return Answer(state="refused", code=error.code, detail=_line(error.message))
        except (SMTPException, OSError, ValueError, UnicodeError) as error:
            return Answer(state="refused", detail=f"The mail server could not be used ({type(error).__name__}).")
        return None


async def _data(client: SMTP, raw: bytes) -> Answer:
    """The message itself. A refusal in words is a refusal; silence leaves open whether the server took it."""
    try:
        response = await client.data(raw)
    except SMTPResponseException as error:
        if 400 <= error.code < 600:
            return Answer(state="refused", code=error.code, detail=_line(error.message))
        return Answer(state="unknown", code=error.code, detail="The mail server's answer makes no sense.")
    except (SMTPException, OSError) as error:
        return Answer(state="unknown", detail=f"The mail server fell silent over the message ({type(error).__name__}).")
    return Answer(state="taken", code=response.code, detail=_line(response.message))


async def _leave(client: SMTP) -> None:
    """Says goodbye; what goes wrong now changes nothing."""
    try:
        await client.quit(timeout=5)
    except (SMTPException, OSError):
        client.close()


def _line(text: str) -> str:
    """A server's words as one bounded, printable line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * DETAIL_MAX]).split())[:DETAIL_MAX]
