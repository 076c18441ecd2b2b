"""Passwords of staff: what makes one good enough, and argon2id, the same work whether or not there is an account."""

import unicodedata
from functools import lru_cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from onevoice.nouns.problem import Fault

PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 256
DISTINCT_MIN: Final = 5

GUESSED: Final = frozenset(
    """
    password1234 password12345 password123456 passwordpassword password2024 password2025 password2026 mypassword123
    123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 0123456789012 098765432109
    qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopasdf qwerty123456 qwerty1234567 1q2w3e4r5t6y 1q2w3e4r5t6y7u
    1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv qazwsxedcrfvtgb zaq12wsxcde3 asdfghjkl123 zxcvbnm12345
    abcdefghijkl abcdefghijklm abcdefghijklmnop abc123456789 abcd12345678 a1b2c3d4e5f6 aa1234567890
    iloveyou1234 iloveyouforever letmein12345 welcome12345 welcome123456 administrator admin1234567 administrator1
    changeme1234 changemeplease trustno1trustno1 superman1234 football1234 baseball1234 princess1234 sunshine1234
    dragon123456 monkey123456 master123456 michael12345 jennifer1234 charlie12345 liverpool123 chelsea12345
    manchesterunited thisisapassword correcthorsebatterystaple onevoice1234 onevoiceonevoice company12345
    p@ssw0rd1234 p@ssword1234 passw0rd1234 pa$$word1234 summer2024!! summer2025!! winter2025!! spring2026!!
    november2026 unknown12345 secret123456 secretsecret internet1234 computer1234 samsung12345 test12345678
    testtesttest hellohello12 hello1234567 whatever1234 starwars1234 pokemon12345 freedom12345 blink182blink
    """.split()  # noqa: SIM905 - a list to read, not a list of quotes
)
"""The commonest of twelve characters and more, lower case; shorter ones are refused anyway."""

_hasher: Final = PasswordHash((Argon2Hasher(),))


def password_faults(password: str, email: str = "") -> list[Fault]:
    """Everything that is wrong with a new password of the account with this e-mail address."""
    faults: list[Fault] = []
    folded = password.casefold()
    if len(password) < PASSWORD_MIN:
        faults.append(Fault("password", f"Take at least {PASSWORD_MIN} characters; several words are easy to keep."))
    if len(password) > PASSWORD_MAX:
        faults.append(Fault("password", f"Take at most {PASSWORD_MAX} characters."))
    if folded.replace(" ", "") in GUESSED or len(set(folded)) < DISTINCT_MIN:
        faults.append(Fault("password", "This is among the first that anybody guesses. Take another one."))
    local = email.partition("@")[0].casefold()
    if len(local) > 3 and local in folded:
        faults.append(Fault("password", "It must not hold your own e-mail name."))
    return faults


def hashed(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return _hasher.hash(_bytes(password))


def matches(password: str, stored: str) -> bool:
    """Whether this is the password behind the hash; '' (no account, or none set) costs the same work and never is."""
    right = _hasher.verify(_bytes(password[:PASSWORD_MAX]), stored or _nobody())
    return right and bool(stored)


def _bytes(password: str) -> bytes:
    """One spelling whatever keyboard it was typed on (NFKC)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hashed("a password that nobody has")
