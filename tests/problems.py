"""What the API answers instead of a result: application/problem+json (RFC 9457)."""

import httpx2


def is_problem(response: httpx2.Response, status: int, reason: str) -> None:
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["status"], problem["reason"]) == (status, status, reason), response.text
    assert problem["type"] == "about:blank"
    assert problem["title"]


def is_problem_at(response: httpx2.Response, status: int, reason: str, field: str = "") -> None:
    """With a fault at this field, and no other; with none at all where none is named."""
    is_problem(response, status, reason)
    assert [fault["field"] for fault in response.json()["errors"]] == ([field] if field else [])
