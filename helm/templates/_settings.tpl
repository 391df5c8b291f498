{{/* As the environment has it: YAML reads on as true, and Helm large numbers as 1e+06. */}}
{{- define "zerorace.text" -}}
{{- if kindIs "bool" . -}}
{{- ternary "on" "off" . -}}
{{- else if kindIs "float64" . -}}
{{- int64 . -}}
{{- else if kindIs "slice" . -}}
{{- join "," . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* Names that requests may come by. */}}
{{- define "zerorace.allowedHosts" -}}
{{- $name := include "zerorace.name" . -}}
{{- $inside := printf "%s.%s" $name .Release.Namespace -}}
{{- $hosts := list "localhost" "127.0.0.1" $name $inside (printf "%s.svc" $inside) (printf "%s.svc.%s" $inside .Values.clusterDomain) -}}
{{- $public := include "zerorace.publicUrl" . | trimPrefix "https://" | trimPrefix "http://" -}}
{{- $hosts = append $hosts (regexReplaceAll ":[0-9]+$" $public "") -}}
{{- if .Values.ingress.enabled -}}{{- $hosts = append $hosts .Values.ingress.host -}}{{- end -}}
{{- if .Values.gateway.enabled -}}{{- $hosts = append $hosts .Values.gateway.host -}}{{- end -}}
{{- concat $hosts .Values.allowedHosts | uniq | join "," -}}
{{- end -}}

{{/* Which database: (list . "the role on Aurora DSQL"). */}}
{{- define "zerorace.databaseSettings" -}}
{{- $root := index . 0 -}}
{{- $database := $root.Values.database -}}
{{- if eq $database.mode "dsql" }}
ZERORACE_DATABASE: dsql
ZERORACE_DSQL_HOSTS: {{ join "," $database.dsql.hosts | quote }}
{{- with $database.dsql.regions }}
ZERORACE_DSQL_REGIONS: {{ join "," . | quote }}
{{- end }}
ZERORACE_DSQL_USER: {{ index . 1 | quote }}
# A cluster takes 100 connections a second from all processes together.
ZERORACE_DSQL_CONNECT_RATE: {{ include "zerorace.connectRate" $root | quote }}
{{- else }}
ZERORACE_DATABASE: postgres
ZERORACE_DATABASE_URL_FILE: /run/zerorace/secrets/database-url
{{- end }}
{{- end -}}

{{- define "zerorace.connectRate" -}}
{{- $processes := add (include "zerorace.serversMax" . | int) 1 (int .Values.worker.replicas) -}}
{{- min 25 (max 1 (div 100 $processes)) -}}
{{- end -}}

{{/* Of servers and workers; what stands in `settings` counts before. */}}
{{- define "zerorace.settings" -}}
ZERORACE_HOST: 0.0.0.0
ZERORACE_PORT: "8080"
ZERORACE_METRICS_PORT: "9464"
ZERORACE_WORKER_METRICS_PORT: "9465"
ZERORACE_PUBLIC_URL: {{ include "zerorace.publicUrl" . | quote }}
ZERORACE_ALLOWED_HOSTS: {{ include "zerorace.allowedHosts" . | quote }}
ZERORACE_REPLICAS: {{ include "zerorace.serversMax" . | quote }}
ZERORACE_DRAIN_DELAY_MS: {{ mul 1000 (int .Values.server.drainSeconds) | quote }}
# Without a key: while only who is in the cluster, or forwards a port, gets here.
ZERORACE_SANDBOX: {{ ternary "off" "on" (eq (include "zerorace.isPublic" .) "true") | quote }}
ZERORACE_SEALING_KEY_FILE: /run/zerorace/secrets/sealing-key
{{- include "zerorace.databaseSettings" (list . .Values.database.dsql.user) }}
{{- if ne .Values.redis.mode "none" }}
ZERORACE_REDIS_URL_FILE: /run/zerorace/secrets/redis-url
{{- end }}
{{- $dynamodb := .Values.dynamodb }}
{{- if eq $dynamodb.mode "bundled" }}
ZERORACE_DYNAMODB_ENDPOINT: http://{{ include "zerorace.name" . }}-dynamodb:8000
{{- else if eq $dynamodb.mode "external" }}
ZERORACE_DYNAMODB_ENDPOINT: {{ $dynamodb.endpoint | quote }}
{{- else if eq $dynamodb.mode "aws" }}
ZERORACE_DYNAMODB_REGION: {{ $dynamodb.region | quote }}
{{- end }}
{{- if ne $dynamodb.mode "none" }}
ZERORACE_DYNAMODB_TABLE: {{ $dynamodb.table | quote }}
{{- end }}
{{- end -}}

{{/* The list of a container: (list . "the settings as YAML"). */}}
{{- define "zerorace.env" -}}
{{- $root := index . 0 -}}
{{- $env := index . 1 | fromYaml -}}
{{- range $name, $value := $root.Values.settings -}}
{{- $_ := set $env $name (include "zerorace.text" $value) -}}
{{- end -}}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- with $root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
