from typing import Annotated

from pydantic import BaseModel, Field

from config_api.fields import FilledText, Name


class Letter(BaseModel):
    """Paragraphs of `text` are separated by empty lines."""

    subject: Name
    text: FilledText


class NewsletterCreate(BaseModel):
    de: Letter
    en: Letter


class NewsletterPublic(BaseModel):
    readers: Annotated[int, Field(description="How many people it goes to")]
