"""The parts of a chat completion that are read (POST /v1/chat/completions), whole or piece by piece."""

from collections.abc import AsyncIterable, Callable

from pydantic import BaseModel

from drafter.answer import MAX_ANSWER_CHARS

Listener = Callable[[str], None]
"""Is told what the model has written so far, from the beginning. It begins anew where the model is asked again."""


class Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    message: Message
    finish_reason: str | None = None


class Tokens(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Reply(BaseModel):
    """`model` is the one that answered, which may be named more exactly than the one that was asked."""

    choices: list[Choice]
    model: str | None = None
    usage: Tokens | None = None


class _Piece(BaseModel):
    delta: Message = Message()
    finish_reason: str | None = None


class _Chunk(BaseModel):
    choices: list[_Piece] = []
    usage: Tokens | None = None


async def heard(chunks: AsyncIterable[object], listener: Listener) -> Reply:
    """The whole answer, once all of it has come. What is of no known shape ends it: the rest may still be an answer."""
    content, refusal, finish, usage = "", "", None, None
    try:
        async for data in chunks:
            chunk = _Chunk.model_validate(data)
            usage = chunk.usage or usage
            for piece in chunk.choices[:1]:
                finish = piece.finish_reason or finish
                refusal += piece.delta.refusal or ""
                content += piece.delta.content or ""
            if len(content) > MAX_ANSWER_CHARS:
                break
            listener(content)
    except ValueError:
        pass
    choice = Choice(message=Message(content=content, refusal=refusal or None), finish_reason=finish)
    return Reply(choices=[choice], usage=usage)
