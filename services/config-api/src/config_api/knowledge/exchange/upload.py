"""What somebody sends to be imported: a file in a form, or the entries as JSON. It is held in memory, never on disk."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from config_api.knowledge.exchange.reading import from_entries, read
from config_api.knowledge.exchange.table import Table
from config_api.knowledge.schemas import KnowledgeImport
from config_api.problems import Malformed, TooLarge, UnsupportedMedia

MOST_BYTES = 10_000_000
# The form's own lines come on top of the file.
MOST_BODY_BYTES = MOST_BYTES + 10_000

REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV, XLSX or JSON"},
                        "remove_missing": {"type": "boolean", "default": False},
                        "digest": {"type": "string", "maxLength": 64, "default": ""},
                    },
                }
            },
            "application/json": {"schema": KnowledgeImport.model_json_schema()},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, or the entries themselves; `digest` is the preview's."""

    remove_missing: bool
    digest: str
    data: bytes = b""
    entries: list[dict[str, Any]] | None = None

    def table(self) -> Table:
        """Takes a second for 10,000 rows. Raises Unreadable."""
        return read(self.data) if self.entries is None else from_entries(self.entries)


async def get_upload(request: Request) -> Upload:
    """Raises TooLarge (`import_too_large`), UnsupportedMedia, Malformed (`form_not_valid`), RequestValidationError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _from_form(request)
    if kind != "application/json":
        raise UnsupportedMedia("content_type_not_supported")
    body = b"".join([chunk async for chunk in _limited(request)])
    try:
        sent = KnowledgeImport.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
    return Upload(sent.remove_missing, sent.digest, entries=sent.entries)


UploadDep = Annotated[Upload, Depends(get_upload)]


async def _limited(request: Request) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BODY_BYTES:
            raise TooLarge("import_too_large")
        yield chunk


async def _from_form(request: Request) -> Upload:
    parser = MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=10)
    parser.spool_max_size = 2 * MOST_BODY_BYTES
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise Malformed("form_not_valid") from None
    try:
        return await _upload(form)
    finally:
        await form.close()


async def _upload(form: FormData) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise RequestValidationError([{"loc": ("body", "file"), "type": "missing"}])
    data = await file.read()
    if len(data) > MOST_BYTES:
        raise TooLarge("import_too_large")
    options = {name: str(value) for name, value in form.items() if name in ("remove_missing", "digest")}
    try:
        sent = KnowledgeImport.model_validate({"entries": [], **options})
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from None
    return Upload(sent.remove_missing, sent.digest, data)
