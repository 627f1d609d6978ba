/** On a pod: `never-ready` keeps it running but not ready, `fail` makes it fail. For trying rollouts that stall. */
export const SIMULATE_ANNOTATION = 'everynode.dev/simulate';

const LIVE = `
    - key: '.metadata.deletionTimestamp'
      operator: 'DoesNotExist'
    - key: '.status.phase'
      operator: 'In'
      values: ['Pending']`;

const simulated = (operator: string, values: string): string => `
    - key: '.metadata.annotations["${SIMULATE_ANNOTATION}"]'
      operator: '${operator}'
      values: [${values}]`;

const podStage = (name: string, selector: string, next: string): string => `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: ${name}
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchExpressions:${selector}
  next:
${next}`;

const running = (ready: 'True' | 'False'): string => `
    statusTemplate: |
      {{ $now := Now }}
      phase: Running
      startTime: {{ $now | Quote }}
      conditions:
      - { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
      - { type: Ready, status: "${ready}", lastTransitionTime: {{ $now | Quote }} }
      - { type: ContainersReady, status: "${ready}", lastTransitionTime: {{ $now | Quote }} }
      {{ range .spec.readinessGates }}
      - { type: {{ .conditionType | Quote }}, status: "${ready}", lastTransitionTime: {{ $now | Quote }} }
      {{ end }}
      initContainerStatuses:
      {{ range .spec.initContainers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        imageID: ""
        ready: true
        restartCount: 0
        {{ if eq .restartPolicy "Always" }}
        started: true
        state: { running: { startedAt: {{ $now | Quote }} } }
        {{ else }}
        started: false
        state:
          terminated:
            exitCode: 0
            reason: Completed
            startedAt: {{ $now | Quote }}
            finishedAt: {{ $now | Quote }}
        {{ end }}
      {{ end }}
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        imageID: ""
        ready: ${ready === 'True'}
        started: true
        restartCount: 0
        state: { running: { startedAt: {{ $now | Quote }} } }
      {{ end }}
      {{ with NodeIPsWith .spec.nodeName }}
      hostIP: {{ index . 0 | Quote }}
      hostIPs:
      {{ range . }}
      - ip: {{ . | Quote }}
      {{ end }}
      {{ end }}
      {{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
      podIP: {{ index . 0 | Quote }}
      podIPs:
      {{ range . }}
      - ip: {{ . | Quote }}
      {{ end }}
      {{ end }}`;

const failed = `
    statusTemplate: |
      {{ $now := Now }}
      phase: Failed
      startTime: {{ $now | Quote }}
      conditions:
      - { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
      - { type: Ready, status: "False", reason: PodFailed, lastTransitionTime: {{ $now | Quote }} }
      - { type: ContainersReady, status: "False", reason: PodFailed, lastTransitionTime: {{ $now | Quote }} }
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        imageID: ""
        ready: false
        started: false
        restartCount: 0
        state:
          terminated:
            exitCode: 1
            reason: Error
            message: ${SIMULATE_ANNOTATION} asks for a failure
            startedAt: {{ $now | Quote }}
            finishedAt: {{ $now | Quote }}
      {{ end }}`;

const nodeReady = `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: node-ready
spec:
  resourceRef: { apiGroup: v1, kind: Node }
  selector:
    matchExpressions:
    - key: '.status.conditions.[] | select( .type == "Ready" ) | .status'
      operator: 'NotIn'
      values: ['True']
  next:
    statusTemplate: |
      {{ $now := Now }}
      conditions:
      {{ range NodeConditions }}
      - type: {{ .type | Quote }}
        status: {{ .status | Quote }}
        reason: {{ .reason | Quote }}
        message: {{ .message | Quote }}
        lastHeartbeatTime: {{ $now | Quote }}
        lastTransitionTime: {{ $now | Quote }}
      {{ end }}`;

/**
 * What KWOK does in place of kubelets: nodes become ready, bound pods run, deleted pods go. A pod that has failed
 * stays failed. Liveness of nodes is kept by KWOK's Leases.
 */
export const KWOK_STAGES = [
  nodeReady,
  podStage('pod-ready', LIVE + simulated('NotIn', "'never-ready', 'fail'"), running('True')),
  podStage('pod-never-ready', LIVE + simulated('In', "'never-ready'"), running('False')),
  podStage('pod-fail', LIVE + simulated('In', "'fail'"), failed),
  podStage(
    'pod-delete',
    "\n    - key: '.metadata.deletionTimestamp'\n      operator: 'Exists'",
    '    delete: true',
  ),
].join('\n---');
