{{/* What one should know of this very installation, as {"says": [sentence …]}. */}}
{{- define "zerorace.remarks" -}}
{{- $v := .Values -}}
{{- $says := list -}}
{{- if eq $v.database.mode "bundled" -}}
{{- $says = append $says "The PostgreSQL that came along is one pod without copies or backups: to try it. See database.mode." -}}
{{- if not $v.bundled.postgres.storage -}}
{{- $says = append $says "It has no storage: what was sold is gone when its pod is." -}}
{{- end -}}
{{- end -}}
{{- if eq $v.database.mode "external" -}}
{{- $each := int ($v.settings.ZERORACE_POOL_MAX | default 16) -}}
{{- $says = append $says (printf "Your PostgreSQL is asked for %d connections at most, and some more while pods are replaced." (add (mul $each (include "zerorace.serversMax" . | int)) (mul 10 (int $v.worker.replicas)) 10)) -}}
{{- end -}}
{{- if and (eq $v.database.mode "dsql") (not $v.serviceAccount.annotations) -}}
{{- $says = append $says "Aurora DSQL wants an IAM role: give it to the service accounts by serviceAccount.annotations and migrate.serviceAccount.annotations, or by EKS Pod Identity." -}}
{{- end -}}
{{- if not $v.sealingKey.existingSecret -}}
{{- $says = append $says (printf "No backup has the sealing key: keep a copy elsewhere. kubectl -n %s get secret %s -o jsonpath='{.data.sealing-key}' | base64 -d" .Release.Namespace (include "zerorace.secretName" .)) -}}
{{- end -}}
{{- if and (or $v.ingress.enabled $v.gateway.enabled) (not $v.settings.ZERORACE_TRUSTED_PROXIES) -}}
{{- $says = append $says "Every visitor counts as one address, that of the proxy, and shares its limits: name the network of your proxy's pods in settings.ZERORACE_TRUSTED_PROXIES." -}}
{{- end -}}
{{- if not $v.migrate.enabled -}}
{{- $says = append $says "migrate.enabled is false: servers wait until you have run `zerorace migrate` with this version." -}}
{{- end -}}
{{- toJson (dict "says" $says) -}}
{{- end -}}
