{{/* Rules of network policies. What is not named here is forbidden. */}}

{{/* One rule: to these peers, or anywhere without any, on these ports. Takes (dict "to" [..] "ports" [..]). */}}
{{- define "kinamik.rule" -}}
- ports:
    {{- range uniq .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* One rule: to the internet, but neither to the model's networks nor to private ones, unless these are allowed. */}}
{{- define "kinamik.internet" -}}
{{- $v4 := list "169.254.0.0/16" "127.0.0.0/8" -}}
{{- $v6 := list "fe80::/10" "::1/128" -}}
{{- if not .private -}}
{{- $v4 = concat $v4 (list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" "100.64.0.0/10") -}}
{{- $v6 = append $v6 "fc00::/7" -}}
{{- end -}}
{{- range .except -}}
{{- if contains ":" . }}{{ $v6 = append $v6 . }}{{ else }}{{ $v4 = append $v4 . }}{{ end -}}
{{- end -}}
- ports:
    {{- range uniq .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  to:
    - ipBlock: {cidr: 0.0.0.0/0, except: {{ uniq $v4 | toJson }}}
    - ipBlock: {cidr: "::/0", except: {{ uniq $v6 | toJson }}}
{{- end }}

{{- define "kinamik.toNames" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
  to: {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
{{- end }}

{{- define "kinamik.toDatabase" -}}
{{- $peers := .Values.networkPolicy.database -}}
{{- if .Values.cloudnativepg.enabled -}}
{{- $peers = list (dict "podSelector" (dict "matchLabels" (dict "cnpg.io/cluster" (include "kinamik.postgres" .)))) -}}
{{- end -}}
{{- include "kinamik.rule" (dict "to" $peers "ports" (list (ternary 5432 .Values.database.port .Values.cloudnativepg.enabled))) -}}
{{- end }}

{{- define "kinamik.toKafka" -}}
{{- if .Values.strimzi.enabled -}}
{{- $broker := dict "podSelector" (dict "matchLabels" (dict "strimzi.io/cluster" .Values.strimzi.cluster "strimzi.io/kind" "Kafka")) -}}
{{- include "kinamik.rule" (dict "to" (list $broker) "ports" (list 9093)) -}}
{{- else -}}
{{- include "kinamik.rule" (dict "to" .Values.networkPolicy.kafka "ports" .Values.kafka.ports) -}}
{{- end -}}
{{- end }}

{{/* Drafter only. */}}
{{- define "kinamik.toModel" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $ports := list (include "kinamik.port" .Values.model.baseUrl | int) -}}
{{- range $policy.modelCidrs }}
{{ include "kinamik.rule" (dict "to" (list (dict "ipBlock" (dict "cidr" .))) "ports" $ports) }}
{{- end }}
{{- with $policy.modelPods }}
{{ include "kinamik.rule" (dict "to" . "ports" ($policy.modelPorts | default $ports)) }}
{{- end }}
{{- if not (or $policy.modelCidrs $policy.modelPods) }}
{{ include "kinamik.internet" (dict "ports" $ports "except" list "private" false) }}
{{- end }}
{{- end }}

{{/*
Mail servers, Google, Microsoft. Ingest reads mailboxes, writer saves drafts; config-api tries out a mailbox's settings,
finds them out from its address, and asks for access tokens.
*/}}
{{- define "kinamik.toMail" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $networks := list -}}
{{- range $policy.mailCidrs }}{{ $networks = append $networks (dict "ipBlock" (dict "cidr" .)) }}{{ end -}}
{{- if $networks -}}
{{- include "kinamik.rule" (dict "to" $networks "ports" $policy.mailPorts) -}}
{{- else -}}
{{- include "kinamik.internet" (dict "ports" $policy.mailPorts "except" $policy.modelCidrs "private" .Values.privateHosts) -}}
{{- end -}}
{{- end }}
