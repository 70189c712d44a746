{{/* The settings of one service, as its settings.py names them. Takes (dict "root" $ "name" .. "facts" ..). */}}
{{- define "kinamik.environment" -}}
{{- $values := .root.Values -}}
{{- $full := include "kinamik.fullname" .root -}}
{{- $secret := include "kinamik.secret" .root }}
- {name: KINAMIK_HOST, value: 0.0.0.0}
- {name: KINAMIK_PORT, value: "8080"}
- {name: KINAMIK_CONFIG_API_URL, value: "http://{{ $full }}-config-api:8080"}
{{ include "kinamik.fromSecret" (list "KINAMIK_SERVICE_TOKEN" $secret "service-token") }}
- {name: KINAMIK_DRAIN_SECONDS, value: {{ include "kinamik.drain" . | quote }}}
{{ include "kinamik.kafkaEnvironment" . }}
{{- if .facts.database }}
{{ include "kinamik.databaseEnvironment" .root }}
{{- end }}
{{- if .facts.mail }}
- {name: KINAMIK_PRIVATE_HOSTS, value: {{ $values.privateHosts | quote }}}
{{- end }}
{{- with $values.telemetry.tracesUrl }}
- {name: KINAMIK_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with $values.telemetry.sentrySecret }}
{{ include "kinamik.fromSecret" (list "KINAMIK_SENTRY_DSN" . "dsn") }}
{{- end }}
{{- if eq .name "drafter" }}
{{- include "kinamik.modelEnvironment" $values.model }}
{{- else if eq .name "ingest" }}
{{- include "kinamik.pushEnvironment" $values }}
{{- else if eq .name "config-api" }}
{{ include "kinamik.apiEnvironment" (dict "values" $values "full" $full "secret" $secret) }}
{{- end }}
{{- range $name, $value := (index $values.services .name).settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* Takes (list name secret key). */}}
{{- define "kinamik.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end }}

{{- define "kinamik.databaseEnvironment" -}}
{{- $database := include "kinamik.databaseSecret" . | fromYaml -}}
{{- include "kinamik.fromSecret" (list "KINAMIK_DATABASE_URL" $database.name $database.key) }}
{{- end }}

{{- define "kinamik.kafkaEnvironment" -}}
- {name: KINAMIK_KAFKA_BOOTSTRAP, value: {{ include "kinamik.bootstrap" .root | quote }}}
- {name: KINAMIK_KAFKA_REPLICATION, value: {{ ternary (min 3 .root.Values.strimzi.brokers) .root.Values.kafka.replication .root.Values.strimzi.enabled | quote }}}
{{- if .root.Values.strimzi.enabled }}
{{- $user := printf "%s-%s" (include "kinamik.fullname" .root) .name }}
- {name: KINAMIK_KAFKA_USERNAME, value: {{ $user }}}
{{ include "kinamik.fromSecret" (list "KINAMIK_KAFKA_PASSWORD" $user "password") }}
{{- else if .root.Values.kafka.existingSecret }}
{{ include "kinamik.fromSecret" (list "KINAMIK_KAFKA_USERNAME" .root.Values.kafka.existingSecret "username") }}
{{ include "kinamik.fromSecret" (list "KINAMIK_KAFKA_PASSWORD" .root.Values.kafka.existingSecret "password") }}
{{- end }}
{{- if include "kinamik.kafkaAuthority" .root }}
- {name: KINAMIK_KAFKA_CA_FILE, value: /etc/kinamik/kafka/ca.crt}
{{- else if .root.Values.kafka.tls }}
- {name: KINAMIK_KAFKA_TLS, value: "true"}
{{- end }}
{{- end }}

{{- define "kinamik.modelEnvironment" }}
- {name: KINAMIK_LLM_BASE_URL, value: {{ .baseUrl | quote }}}
- {name: KINAMIK_LLM_MODEL, value: {{ .name | quote }}}
- {name: KINAMIK_LLM_TIMEOUT, value: {{ .timeout | quote }}}
- {name: KINAMIK_LLM_DEADLINE, value: {{ .deadline | quote }}}
{{- with .existingSecret }}
{{ include "kinamik.fromSecret" (list "KINAMIK_LLM_API_KEY" . $.key) }}
{{- end }}
{{- end }}

{{- define "kinamik.pushEnvironment" }}
{{- if and .microsoft.clientId .microsoft.push (hasPrefix "https://" .publicUrl) }}
- {name: KINAMIK_PUSH_URL, value: {{ .publicUrl | quote }}}
{{- end }}
{{- if .google.subscription }}
- {name: KINAMIK_GMAIL_TOPIC, value: {{ .google.topic | quote }}}
- {name: KINAMIK_GMAIL_SUBSCRIPTION, value: {{ .google.subscription | quote }}}
{{ include "kinamik.fromSecret" (list "KINAMIK_GMAIL_SERVICE_ACCOUNT" .google.existingSecret "service-account") }}
{{- end }}
{{- end }}

{{- define "kinamik.apiEnvironment" -}}
{{ include "kinamik.fromSecret" (list "KINAMIK_ADMIN_TOKEN" .secret "admin-token") }}
{{ include "kinamik.fromSecret" (list "KINAMIK_MASTER_KEYS" .secret "master-keys") }}
- {name: KINAMIK_PUBLIC_URL, value: {{ .values.publicUrl | quote }}}
{{- range tuple "audit" "ingest" "drafter" "writer" }}
- {name: KINAMIK_{{ upper . }}_URL, value: "http://{{ $.full }}-{{ . }}:8080"}
{{- end }}
{{- with .values.trustedProxies }}
- {name: KINAMIK_TRUSTED_PROXIES, value: {{ join "," . | quote }}}
{{- end }}
{{- if .values.legal.existingConfigMap }}
- {name: KINAMIK_LEGAL_FOLDER, value: /etc/kinamik/legal}
{{- end }}
{{- with .values.notices }}{{ if .host }}
- {name: KINAMIK_MAIL_HOST, value: {{ .host | quote }}}
- {name: KINAMIK_MAIL_PORT, value: {{ .port | quote }}}
- {name: KINAMIK_MAIL_SECURITY, value: {{ .security }}}
- {name: KINAMIK_MAIL_FROM, value: {{ .from | quote }}}
{{- with .existingSecret }}
{{ include "kinamik.fromSecret" (list "KINAMIK_MAIL_USERNAME" . "username") }}
{{ include "kinamik.fromSecret" (list "KINAMIK_MAIL_PASSWORD" . "password") }}
{{- end }}
{{- end }}{{ end }}
{{- with .values.google }}{{ if .clientId }}
- {name: KINAMIK_GOOGLE_CLIENT_ID, value: {{ .clientId | quote }}}
{{ include "kinamik.fromSecret" (list "KINAMIK_GOOGLE_CLIENT_SECRET" .existingSecret "client-secret") }}
{{- end }}{{ end }}
{{- with .values.microsoft }}{{ if .clientId }}
- {name: KINAMIK_MICROSOFT_CLIENT_ID, value: {{ .clientId | quote }}}
- {name: KINAMIK_MICROSOFT_TENANT, value: {{ .tenant | quote }}}
{{ include "kinamik.fromSecret" (list "KINAMIK_MICROSOFT_CLIENT_SECRET" .existingSecret "client-secret") }}
{{- end }}{{ end }}
{{- end }}
