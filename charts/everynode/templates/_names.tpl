{{- define "everynode.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "everynode.webhook.fullname" -}}
{{ include "everynode.fullname" . }}-webhook
{{- end -}}

{{- define "everynode.sync.fullname" -}}
{{ include "everynode.fullname" . }}-sync
{{- end -}}

{{- /* The names of its Jobs are eleven letters longer, and pods are named after them. */ -}}
{{- define "everynode.audit.fullname" -}}
{{ include "everynode.fullname" . | trunc 46 | trimSuffix "-" }}-audit
{{- end -}}

{{- define "everynode.dashboard.fullname" -}}
{{ include "everynode.fullname" . }}-dashboard
{{- end -}}

{{- /* Labels by which pods are selected; never to be changed, because selectors cannot be. */ -}}
{{- define "everynode.selectorLabels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "everynode.labels" -}}
{{ include "everynode.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: everynode
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "everynode.image" -}}
{{- $image := .Values.image -}}
{{- $image.repository }}:{{ default .Chart.AppVersion $image.tag }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "everynode.webhook.serviceAccountName" -}}
{{ default (include "everynode.webhook.fullname" .) .Values.webhook.serviceAccount.name }}
{{- end -}}

{{- define "everynode.sync.serviceAccountName" -}}
{{ default (include "everynode.sync.fullname" .) .Values.sync.serviceAccount.name }}
{{- end -}}

{{- define "everynode.audit.serviceAccountName" -}}
{{ default (include "everynode.audit.fullname" .) .Values.audit.serviceAccount.name }}
{{- end -}}

{{- define "everynode.dashboard.serviceAccountName" -}}
{{ default (include "everynode.dashboard.fullname" .) .Values.dashboard.serviceAccount.name }}
{{- end -}}

{{- /* Secret of the webhook's certificates. */ -}}
{{- define "everynode.certificates.secretName" -}}
{{- if eq .Values.certificates.mode "existing-secret" -}}
{{- required "certificates.existingSecret: name the Secret that certificates.mode=existing-secret is to use" .Values.certificates.existingSecret -}}
{{- else -}}
{{ include "everynode.webhook.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{- /* Where DaemonSets fail open always: a cluster heals from there. */ -}}
{{- define "everynode.systemNamespaces" -}}
{{ list "kube-system" .Release.Namespace | uniq | toJson }}
{{- end -}}
