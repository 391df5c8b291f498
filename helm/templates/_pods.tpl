{{/* The restricted standard, whole: (list . user group). The group makes volumes and secrets readable. */}}
{{- define "zerorace.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int (index . 1) }}
  runAsGroup: {{ int (index . 2) }}
  fsGroup: {{ int (index . 2) }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- $root := index . 0 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "zerorace.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Rather on another node and in another zone than the others: (list . "server"). */}}
{{- define "zerorace.spread" -}}
topologySpreadConstraints:
{{- $selector := include "zerorace.selector" . }}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ $selector | nindent 8 }}
{{- end }}
{{- end -}}

{{- define "zerorace.imageOf" -}}
image: {{ include "zerorace.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{ include "zerorace.containerSecurity" . }}
{{- end -}}

{{/* On Aurora DSQL who only migrates or tries has no secret at all: (list . "serve", "migrate" or "test"). */}}
{{- define "zerorace.hasSecrets" -}}
{{- if or (eq (index . 1) "serve") (ne (index . 0).Values.database.mode "dsql") -}}true{{- end -}}
{{- end -}}

{{- define "zerorace.mounts" -}}
volumeMounts:
{{- if include "zerorace.hasSecrets" . }}
  - name: secrets
    mountPath: /run/zerorace/secrets
    readOnly: true
{{- end }}
  - name: tmp
    mountPath: /tmp
{{- with (index . 0).Values.extraVolumeMounts }}
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{/* Secrets are files, never the environment. */}}
{{- define "zerorace.volumes" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values -}}
{{- $own := include "zerorace.secretName" $root -}}
volumes:
{{- if include "zerorace.hasSecrets" . }}
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
{{- end }}
{{- if ne $values.database.mode "dsql" }}
{{- $name := $values.database.existingSecret | default $own }}
{{- $key := ternary $values.database.urlKey "database-url" (ne $values.database.existingSecret "") }}
{{- if and (eq (index . 1) "migrate") $values.migrate.existingSecret }}
{{- $name = $values.migrate.existingSecret }}
{{- $key = $values.migrate.urlKey }}
{{- else if and (eq (index . 1) "migrate") (include "zerorace.migrateSecret" $root) }}
{{- $name = printf "%s-migrate" (include "zerorace.name" $root) }}
{{- $key = "database-url" }}
{{- end }}
        - secret:
            name: {{ $name }}
            items: [{ key: {{ $key }}, path: database-url }]
{{- end }}
{{- if eq (index . 1) "serve" }}
{{- if ne $values.redis.mode "none" }}
        - secret:
            name: {{ $values.redis.existingSecret | default $own }}
            items: [{ key: {{ ternary $values.redis.urlKey "redis-url" (ne $values.redis.existingSecret "") }}, path: redis-url }]
{{- end }}
        - secret:
            name: {{ $values.sealingKey.existingSecret | default $own }}
            items: [{ key: {{ ternary $values.sealingKey.key "sealing-key" (ne $values.sealingKey.existingSecret "") }}, path: sealing-key }]
{{- end }}
  - name: tmp
    emptyDir: { sizeLimit: 256Mi }
{{- with $values.extraVolumes }}
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{/* The address in plain that the hook's own Secret holds; the release's comes too late for a hook. */}}
{{- define "zerorace.migrateSecret" -}}
{{- if and (eq (include "zerorace.migratesByHook" .) "true") (ne .Values.database.mode "dsql") (not .Values.migrate.existingSecret) -}}
{{- .Values.migrate.url | default .Values.database.url -}}
{{- end -}}
{{- end -}}

{{/* What a server or worker begins with: the schema of its version. (list . "serve" "schema" "the settings") */}}
{{- define "zerorace.waitFor" -}}
{{- $root := index . 0 -}}
{{- $what := index . 2 -}}
- name: wait-for-{{ $what }}
  {{- include "zerorace.imageOf" $root | nindent 2 }}
  args: [wait, --for, {{ $what }}, --seconds, "600"]
  env: {{ include "zerorace.env" (list $root (index . 3)) | nindent 4 }}
  resources:
    requests: { cpu: 20m, memory: 96Mi }
    limits: { memory: 256Mi }
  {{- include "zerorace.mounts" (list $root (index . 1)) | nindent 2 }}
{{- end -}}
