"""What somebody has to be told of. Each has a page under docs/runbooks that says what to do."""

from deploy.observability.rules import Rule, alert, burning, late_shares

SERVICES = ("audit", "config-api", "drafter", "ingest", "writer")
LAG = "sum by (group, topic) (kinamik_consumer_lag_events)"
SILENT = "sum by (provider) (kinamik_mailboxes_silent)"
SILENT_SHARE = f"{SILENT} / sum by (provider) (kinamik_mailboxes)"
# CloudNativePG says of its backups itself.
LAST_BACKUP = 'max({__name__=~"kinamik_backup_timestamp_seconds|cnpg_collector_last_available_backup_timestamp"})'
FAILED_CALLS = 'sum(rate(kinamik_model_calls_total{result!="ok"}[10m]))'
FAILED_REQUESTS = 'sum(rate(kinamik_http_request_seconds_count{status="5xx"}[5m]))'
GUESSED = 'kinamik_audit_locks_total{action=~"login|password_reset|register"}'

MAIL: list[Rule] = [
    alert(
        "KinamikDraftsLate",
        "critical",
        "Far more than 1 of 100 drafts come later than a minute after their mail.",
        f"{burning(14.4, '1h', '5m')} or {burning(6, '6h', '30m')}",
    ),
    alert(
        "KinamikDraftsLateForDays",
        "warning",
        "More than 1 of 100 drafts come later than a minute after their mail, for hours or days.",
        f"{burning(3, '1d', '2h')} or {burning(1, '3d', '6h')}",
    ),
    alert(
        "KinamikMessagesOverdue",
        "critical",
        "{{ $value }} messages have no end a quarter of an hour after they arrived.",
        "sum(kinamik_messages_overdue) > 0",
        lasts="2m",
    ),
    alert(
        "KinamikMailboxesSilent",
        "warning",
        "More than 1 of 1,000 mailboxes at {{ $labels.provider }} have had no proof of mail for a quarter of an hour.",
        f"{SILENT_SHARE} > 0.001",
        lasts="5m",
    ),
    alert(
        "KinamikProviderSilent",
        "critical",
        "A fifth of the mailboxes at {{ $labels.provider }} have had no proof of mail for a quarter of an hour.",
        f"{SILENT_SHARE} > 0.2 and {SILENT} >= 5",
        lasts="2m",
    ),
    alert(
        "KinamikModelFailing",
        "critical",
        "More than half of the calls of the model fail.",
        f"{FAILED_CALLS} / sum(rate(kinamik_model_calls_total[10m])) > 0.5",
        lasts="5m",
    ),
]
BUS: list[Rule] = [
    alert(
        "KinamikLagGrowing",
        "warning",
        "{{ $labels.group }} falls behind on {{ $labels.topic }}: {{ $value }} events wait, more than ten minutes ago.",
        f"{LAG} > 100 and {LAG} > {LAG.replace('events', 'events offset 10m')}",
        lasts="10m",
    ),
    alert(
        "KinamikDeadLetters",
        "warning",
        "{{ $labels.group }} could not work on events of {{ $labels.topic }}.",
        "sum by (group, topic) (increase(kinamik_dead_letters_total[15m])) > 0",
    ),
]
SECURITY: list[Rule] = [
    alert(
        "KinamikLockStorm",
        "warning",
        "{{ $value | humanize }} names and addresses were locked within ten minutes: somebody guesses passwords.",
        f"sum(increase({GUESSED}[10m])) > 20",
    ),
    alert(
        "KinamikContentKeyDestructionLate",
        "critical",
        "A content key that should be destroyed is still there.",
        "time() - max(kinamik_content_key_destruction_due_timestamp_seconds) > 1800",
    ),
    alert(
        "KinamikContentKeysRunningOut",
        "critical",
        "No new content keys are made; when they end, drafting stops.",
        "max(kinamik_content_keys_end_timestamp_seconds) - time() < 6 * 3600",
    ),
    alert(
        "KinamikBackupMissing",
        "critical",
        "There is no backup from the last 26 hours.",
        f"time() - {LAST_BACKUP} > 26 * 3600",
        lasts="1h",
    ),
]
RUNNING: list[Rule] = [
    alert(
        "KinamikServiceDown",
        "critical",
        "No process of {{ $labels.service }} answers.",
        " or ".join(f'absent(kinamik_service_info{{service="{name}"}})' for name in SERVICES),
        lasts="5m",
    ),
    alert(
        "KinamikApiFailing",
        "warning",
        "More than 5 of 100 requests of the API fail.",
        f"{FAILED_REQUESTS} / sum(rate(kinamik_http_request_seconds_count[5m])) > 0.05",
        lasts="5m",
    ),
]
GROUPS: list[dict[str, object]] = [
    {"name": "kinamik-objectives", "rules": late_shares()},
    {"name": "kinamik-mail", "rules": MAIL},
    {"name": "kinamik-bus", "rules": BUS},
    {"name": "kinamik-security", "rules": SECURITY},
    {"name": "kinamik-running", "rules": RUNNING},
]
