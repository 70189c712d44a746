from typing import Annotated

from pydantic import Field

from config_api.records import Paging
from shared.audit import Filters


class Search(Filters):
    """What is left out does not narrow the search. `until` itself is not included; `address` may be a network."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: str | None = None

    def paging(self) -> Paging:
        return Paging(limit=self.limit, cursor=self.cursor)
