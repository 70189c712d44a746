{{/*
What the five services are. Nobody sets this; what an operator sets is in values.yaml.

module: what Python runs. database, mail, model: what it needs to reach. callers: who asks it over HTTP.
waits: the consumer groups and topics whose lag says how much there is to do.
reads, writes: topics. groups: consumer groups.
*/}}
{{- define "kinamik.services" -}}
ingest:
  module: ingest
  database: true
  mail: true
  callers: [config-api]
  groups: [ingest, ingest-assignment]
  reads: [message-settled.v1, retry-requested.v1, erasure-requested.v1, config-changed.v1, mailbox-changed.v1, mailbox-assignment.v1]
  writes: [message-received.v1, message-settled.v1, mailbox-status-changed.v1, mailbox-changed.v1, audit-recorded.v1, dead-letter.v1]
drafter:
  module: drafter
  model: true
  callers: [config-api]
  groups: [drafter]
  waits: [message-received.v1]
  reads: [message-received.v1, config-changed.v1]
  writes: [draft-proposed.v1, message-settled.v1, mailbox-status-changed.v1, audit-recorded.v1, dead-letter.v1]
writer:
  module: writer
  mail: true
  callers: [config-api]
  groups: [writer]
  waits: [draft-proposed.v1]
  reads: [draft-proposed.v1, config-changed.v1]
  writes: [message-settled.v1, mailbox-status-changed.v1, audit-recorded.v1, dead-letter.v1]
config-api:
  module: config_api
  database: true
  mail: true
  callers: [ingest, drafter, writer, audit]
  groups: [config-api]
  reads: [mailbox-status-changed.v1, message-settled.v1, erasure-requested.v1]
  writes: [config-changed.v1, mailbox-changed.v1, audit-recorded.v1, erasure-requested.v1, retry-requested.v1, dead-letter.v1]
audit:
  module: audit
  database: true
  callers: [config-api]
  groups: [audit]
  waits: [audit-recorded.v1]
  reads: [audit-recorded.v1, erasure-requested.v1]
  writes: [dead-letter.v1]
{{- end }}

{{/* The topics and how many partitions each has, as the services would make them. */}}
{{- define "kinamik.topics" -}}
message-received.v1: 12
draft-proposed.v1: 12
message-settled.v1: 12
retry-requested.v1: 12
mailbox-status-changed.v1: 12
mailbox-changed.v1: 12
config-changed.v1: 12
audit-recorded.v1: 12
erasure-requested.v1: 12
dead-letter.v1: 12
mailbox-assignment.v1: 64
{{- end }}
