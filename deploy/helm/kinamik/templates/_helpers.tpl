{{- define "kinamik.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* By which selectors find pods; `component` is a service's name. Takes (dict "root" $ "component" "ingest"). */}}
{{- define "kinamik.selector" -}}
app.kubernetes.io/name: kinamik
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Of every object; takes what `kinamik.selector` takes. */}}
{{- define "kinamik.labels" -}}
{{ include "kinamik.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What an operator has set for a service. Takes (dict "root" $ "name" "ingest"). */}}
{{- define "kinamik.set" -}}
{{- index .root.Values.services .name | default dict | toYaml -}}
{{- end }}

{{- define "kinamik.image" -}}
{{- $set := index .root.Values.services .name -}}
{{- if $set.image -}}
{{- $set.image -}}
{{- else -}}
{{- $registry := .root.Values.image.registry | trimSuffix "/" -}}
{{- printf "%skinamik-%s:%s" (ternary (printf "%s/" $registry) "" (ne $registry "")) .name (.root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "kinamik.host" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end }}

{{/* A URL's port, or that of its scheme. */}}
{{- define "kinamik.port" -}}
{{- $url := urlParse . -}}
{{- $given := trimPrefix ":" (trimPrefix $url.hostname $url.host) -}}
{{- $given | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{- define "kinamik.secret" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "kinamik.fullname" .)) -}}
{{- end }}

{{- define "kinamik.postgres" -}}
{{- printf "%s-postgres" (include "kinamik.fullname" .) -}}
{{- end }}

{{/* Where PostgreSQL's address is: (secret, key). */}}
{{- define "kinamik.databaseSecret" -}}
{{- if .Values.cloudnativepg.enabled -}}
name: {{ include "kinamik.postgres" . }}-app
key: uri
{{- else -}}
name: {{ .Values.database.existingSecret }}
key: {{ .Values.database.key }}
{{- end -}}
{{- end }}

{{- define "kinamik.bootstrap" -}}
{{- ternary (printf "%s-kafka-bootstrap:9093" .Values.strimzi.cluster) .Values.kafka.bootstrap .Values.strimzi.enabled -}}
{{- end }}

{{/* The secret with the authority that signed the brokers' certificates, if it takes one. */}}
{{- define "kinamik.kafkaAuthority" -}}
{{- ternary (printf "%s-cluster-ca-cert" .Values.strimzi.cluster) .Values.kafka.caSecret .Values.strimzi.enabled -}}
{{- end }}

{{/* How long a pod has to end: a drafter all calls for one mail, the others what the bus takes to put down its work. */}}
{{- define "kinamik.grace" -}}
{{- add .root.Values.stopping.preStopSeconds (include "kinamik.drain" .) 15 -}}
{{- end }}

{{/* How many seconds a service may go on with what it has begun: longer than the longest call of the model. */}}
{{- define "kinamik.drain" -}}
{{- add (ternary .root.Values.model.deadline 20 (eq .name "drafter") | max 20) 5 -}}
{{- end }}

{{/* What Kubernetes calls the "restricted" pod security standard, and more: nothing can be written but /tmp. */}}
{{- define "kinamik.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.security.runAsUser }}
runAsGroup: {{ .Values.security.runAsUser }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "kinamik.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
