"""Log-ins, locks, keys, forgetting, backups."""

from deploy.observability.panels import a_dashboard, number, panel, rate

LOGIN = 'action="login"'
ADMITTED = 'action="login", result="admitted"'

SECURITY = a_dashboard(
    "security",
    "Security",
    "Whether somebody tries to get in, and whether what has to be destroyed is.",
    [
        (
            "Log-ins",
            [
                panel(
                    "Log-ins that failed",
                    "ops",
                    "Log-ins per second that were let try and were not right.",
                    (
                        f"clamp_min({rate('kinamik_attempts_total', where=ADMITTED)}"
                        f" - {rate('kinamik_attempts_succeeded_total', where=LOGIN)}, 0)",
                        "failed",
                    ),
                ),
                panel(
                    "Refused for trying too often",
                    "ops",
                    "Attempts per second that were not let try at all, by what they were for.",
                    (rate("kinamik_attempts_total", "action", where='result="refused"'), "{{action}}"),
                ),
                panel(
                    "Locks",
                    "ops",
                    "Names and addresses per second that were locked after failures.",
                    (rate("kinamik_audit_locks_total", "action", "kind"), "{{action}} {{kind}}"),
                ),
                panel(
                    "Counted without audit",
                    "ops",
                    "Attempts per second that config-api had to count by itself because audit did not answer.",
                    (rate("kinamik_attempts_total", where='counted_by="process"'), "by config-api itself"),
                ),
            ],
        ),
        (
            "Keys and forgetting",
            [
                number(
                    "Oldest content key is due in",
                    "s",
                    "Seconds until the oldest content key is to be destroyed; below zero it is late.",
                    "max(kinamik_content_key_destruction_due_timestamp_seconds) - time()",
                ),
                number(
                    "Content keys last for",
                    "s",
                    "Seconds for which content keys have been issued; a day ahead is right.",
                    "max(kinamik_content_keys_end_timestamp_seconds) - time()",
                ),
                panel(
                    "Addresses and names forgotten",
                    "ops",
                    "Entries of the security log per second that lost their address or name by age.",
                    (rate("kinamik_audit_forgotten_total", "what"), "{{what}}"),
                ),
                number(
                    "Age of the last backup",
                    "s",
                    "Seconds since the last backup that config-api knows of; decades where none is known.",
                    "time() - max(kinamik_backup_timestamp_seconds)",
                ),
            ],
        ),
        (
            "Kill switches",
            [
                panel(
                    "Read from memory",
                    "ops",
                    "Kill switches per second that could not be asked of config-api right before a draft was written.",
                    (rate("kinamik_config_unconfirmed_total"), "unconfirmed"),
                ),
                panel(
                    "Revision of the configuration",
                    "none",
                    "What each service holds in memory; lines that stay apart have missed a change.",
                    (
                        "max by (service) (kinamik_config_revision"
                        " * on (job, instance) group_left (service) kinamik_service_info)",
                        "{{service}}",
                    ),
                ),
            ],
        ),
    ],
)
