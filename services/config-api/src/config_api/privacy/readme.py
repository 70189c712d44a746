"""What lies beside the data in an export and explains it."""

from datetime import datetime

GERMAN = """\
Ihre Daten bei Kinamik
======================

Stand: {moment}. {subject_de}

Dieses Archiv enthält alles, was Kinamik dazu speichert (Artikel 15 und 20 der Datenschutz-Grundverordnung).
Jede Datei trägt den Namen der Tabelle, aus der sie stammt, und enthält eine Liste von Einträgen im Format JSON.
Zeiten sind in UTC angegeben; Einträge verweisen mit ihren Kennungen (id) aufeinander.

Nicht enthalten sind
- Kennwörter, Schlüssel und Prüfwerte: Sie liegen nur verschlüsselt oder als Prüfwert vor.
- E-Mails und Entwürfe: Kinamik speichert keine. Sie liegen allein in Ihrem Postfach.
- Daten anderer Personen, abgesehen von den Namen der Mitglieder Ihrer Organisation.

Die wichtigsten Dateien
"""

ENGLISH = """\


Your data at Kinamik
====================

As of {moment}. {subject_en}

This archive contains everything that Kinamik holds on it (articles 15 and 20 of the General Data Protection
Regulation). Each file is named after the table it comes from, and contains a list of entries as JSON.
Times are in UTC; entries refer to one another by their ids.

Not contained are
- passwords, keys and digests: they exist encrypted or as digests only.
- mails and drafts: Kinamik stores none. They are in your mailbox and nowhere else.
- other people's data, apart from the names of your organisation's members.

The most important files
"""

FILES = {
    "organisation": ("die Organisation und ihre Angaben", "the organisation and its details"),
    "members": ("wer zur Organisation gehört", "who belongs to the organisation"),
    "assistant": ("Assistenten und ihre Einstellungen", "assistants and their settings"),
    "mailbox": ("Postfächer und ihr Zustand, ohne Kennwörter", "mailboxes and their state, without passwords"),
    "knowledge_entry": ("das Wissen, aus dem geantwortet wird", "the knowledge that answers are made of"),
    "knowledge_change": ("frühere Fassungen des Wissens", "former versions of the knowledge"),
    "settled_message": (
        "was aus jeder Nachricht wurde, ohne ihren Inhalt",
        "what became of each message, without its content",
    ),
    "ledger": ("welche Nachrichten wann gesehen wurden, ohne Inhalt", "which messages were seen when, without content"),
    "security_log": ("das Sicherheitsprotokoll", "the security log"),
    "account": ("Ihr Benutzerkonto", "your account"),
    "login_session": ("wo Sie angemeldet sind", "where you are logged in"),
    "memberships": ("zu welchen Organisationen Sie gehören", "the organisations you belong to"),
}


def readme(moment: datetime, kinds: list[str], *, person: bool) -> str:
    """In German and English; `kinds` are the files that the archive has."""
    when = moment.strftime("%Y-%m-%d %H:%M UTC")
    subject_de = "Es betrifft Ihr Benutzerkonto." if person else "Es betrifft Ihre Organisation."
    subject_en = "It is about your account." if person else "It is about your organisation."
    known = [(f"{kind}.json", *FILES[kind]) for kind in kinds if kind in FILES]
    german = "".join(f"- {name}: {text}\n" for name, text, _ in known)
    english = "".join(f"- {name}: {text}\n" for name, _, text in known)
    return (
        GERMAN.format(moment=when, subject_de=subject_de)
        + german
        + ENGLISH.format(moment=when, subject_en=subject_en)
        + english
    )
