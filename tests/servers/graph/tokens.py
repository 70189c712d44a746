"""Access tokens as an adapter is given them, without anybody who would refresh them."""

from shared.errors import AuthError


class Tokens:
    """Hands out one after the other: the next one once a token was refused, and at the end there is none."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    async def get(self) -> str:
        if not self._tokens:
            raise AuthError("access_revoked")
        return self._tokens[0]

    def refused(self, token: str) -> None:
        if self._tokens[:1] == [token]:
            del self._tokens[0]
