"""What `make demo` shows in the terminal."""

import shutil
import textwrap
from collections.abc import Iterable

from embedded.demo_drafts import FoundDraft

REASONS = {
    "newsletter": "its headers say that it went to many (List-Id, List-Unsubscribe)",
    "mailing_list": "its headers say that it went to a list (List-Id, List-Unsubscribe)",
    "bulk": "its headers say that it went to many (Precedence)",
    "no_answer_expected": "the model found that nobody expects an answer",
    "switched_off": "the assistant or the mailbox is switched off",
}


def show_draft(
    label: str, draft: FoundDraft, questions: Iterable[str], *, needs_human: bool, seconds: float, wrote: str
) -> None:
    """A box with the draft; below it the knowledge it used, who wrote it, and the time it took."""
    width = min(100, shutil.get_terminal_size().columns)
    print(f"Draft for {label}, {seconds:.1f} s after sending, written by {wrote}:")
    _box([f"To:      {draft.to}", f"Subject: {draft.subject}", "", *draft.text.splitlines()], width)
    for question in questions or ["nothing, a person has to answer this"]:
        print(f"  knowledge used: {question}")
    if needs_human:
        print("  marked for a person to complete")
    print()


def show_undrafted(label: str, outcome: str, reason: str, tokens: int) -> None:
    """Why a mail got no draft, and what finding out cost."""
    words = REASONS.get(reason, reason.replace("_", " "))
    print(f"No draft for {label}: {outcome} with the reason `{reason}`, {words}; {tokens} tokens used.\n")


def _box(lines: Iterable[str], width: int) -> None:
    print(f"┌{'─' * (width - 2)}┐")
    for line in lines:
        for row in textwrap.wrap(line, width - 4) or [""]:
            print(f"│ {row:<{width - 4}} │")
    print(f"└{'─' * (width - 2)}┘")
