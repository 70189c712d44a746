"""What the services use: CPU, memory, files, and how the API answers."""

from deploy.observability.panels import a_dashboard, by_service, panel, percentiles, rate

RESOURCES = a_dashboard(
    "resources",
    "Services and resources",
    "Whether all services run, and what they use.",
    [
        (
            "Processes",
            [
                panel(
                    "Running",
                    "short",
                    "Processes that answered Prometheus' last look, by service.",
                    ("count by (service) (kinamik_service_info)", "{{service}}"),
                ),
                panel(
                    "CPU",
                    "short",
                    "Cores in use, by service.",
                    (by_service("rate(process_cpu_seconds_total[$__rate_interval])"), "{{service}}"),
                ),
                panel(
                    "Memory",
                    "bytes",
                    "Resident memory, by service.",
                    (by_service("process_resident_memory_bytes"), "{{service}}"),
                ),
            ],
        ),
        (
            "Limits",
            [
                panel(
                    "Open files",
                    "percentunit",
                    "Share of the files and connections that a process may open, the fullest process of each service.",
                    (
                        "max by (service) (process_open_fds / process_max_fds"
                        " * on (job, instance) group_left (service) kinamik_service_info)",
                        "{{service}}",
                    ),
                ),
                panel(
                    "Age of the youngest process",
                    "s",
                    "Seconds since the last start; a line that keeps falling to zero is a process that keeps dying.",
                    (
                        "min by (service) ((time() - process_start_time_seconds)"
                        " * on (job, instance) group_left (service) kinamik_service_info)",
                        "{{service}}",
                    ),
                ),
                panel(
                    "Events in work",
                    "short",
                    "Events in a handler, by group.",
                    ("sum by (group) (kinamik_events_in_flight)", "{{group}}"),
                ),
            ],
        ),
        (
            "The API",
            [
                panel(
                    "Requests",
                    "reqps",
                    "Requests of config-api's API per second, by how they ended.",
                    (rate("kinamik_http_request_seconds_count", "status"), "{{status}}"),
                ),
                panel(
                    "Time of a request",
                    "s",
                    "From a request to the beginning of its answer.",
                    *percentiles("kinamik_http_request_seconds"),
                ),
            ],
        ),
    ],
)
