{{/*
Alive is whoever answers; nothing else is looked at, or a broker that is away would restart everything.
Ready is whose bus and database answer. Before it listens, a service waits for config-api and for Kafka, so the
start has five minutes.
*/}}
{{- define "kinamik.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  # The bus itself is waited for three seconds.
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}
