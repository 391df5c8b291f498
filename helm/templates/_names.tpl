{{- define "zerorace.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "zerorace" .Release.Name -}}
{{- .Release.Name | trunc 45 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-zerorace" .Release.Name | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a selector goes by never changes: (list . "server"). */}}
{{- define "zerorace.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: zerorace
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "zerorace.labels" -}}
{{- $root := index . 0 -}}
{{ include "zerorace.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | quote }}
{{- with $root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (list . "postgres:18.4-alpine"): behind the registry, where one is named. */}}
{{- define "zerorace.imageFrom" -}}
{{- $root := index . 0 -}}
{{- with $root.Values.image.registry -}}{{ trimSuffix "/" . }}/{{- end -}}
{{- index . 1 -}}
{{- end -}}

{{- define "zerorace.image" -}}
{{- $image := .Values.image -}}
{{- $tagged := printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) -}}
{{- $exact := ternary (printf "%s@%s" $image.repository $image.digest) $tagged (ne $image.digest "") -}}
{{- include "zerorace.imageFrom" (list . $exact) -}}
{{- end -}}

{{- define "zerorace.secretName" -}}
{{- include "zerorace.name" . -}}
{{- end -}}

{{- define "zerorace.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "zerorace.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* Migrating comes before everything else, unless the database is made by this very release. */}}
{{- define "zerorace.migratesByHook" -}}
{{- if and .Values.migrate.enabled (ne .Values.database.mode "bundled") -}}true{{- end -}}
{{- end -}}

{{- define "zerorace.migrateAccount" -}}
{{- $own := printf "%s-migrate" (include "zerorace.name" .) -}}
{{- $made := ternary $own (include "zerorace.serviceAccount" .) (eq (include "zerorace.migratesByHook" .) "true") -}}
{{- .Values.migrate.serviceAccount.name | default $made -}}
{{- end -}}

{{/* Where people reach it. */}}
{{- define "zerorace.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- trimSuffix "/" .Values.publicUrl -}}
{{- else if .Values.ingress.enabled -}}
https://{{ .Values.ingress.host }}
{{- else if .Values.gateway.enabled -}}
https://{{ .Values.gateway.host }}
{{- else -}}
http://localhost:8080
{{- end -}}
{{- end -}}

{{- define "zerorace.isPublic" -}}
{{- if or .Values.ingress.enabled .Values.gateway.enabled .Values.publicUrl (ne .Values.service.type "ClusterIP") -}}true{{- end -}}
{{- end -}}

{{/* The most servers that there may be at a time, but for one more while they are replaced. */}}
{{- define "zerorace.serversMax" -}}
{{- int (ternary .Values.server.autoscaling.maxReplicas .Values.server.replicas .Values.server.autoscaling.enabled) -}}
{{- end -}}
