import { z } from 'zod';
import { admissionSettingsSchema } from '../../src/config/admission-configuration.ts';

const text = z.string();
const count = z.int().min(0);
const port = z.int().min(1).max(65_535);
const labels = z.record(z.string(), z.string());
/** An object of the Kubernetes API that is passed on as it is; the API server judges it. */
const passedOn = z.looseObject({});
const listOfThem = z.array(passedOn);
const dnsLabel = z.string().regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/);
const duration = z.string().regex(/^([0-9]+(h|m|s))+$/);

const quantity = z.union([z.string(), z.number()]);
const quantities = z.record(z.string(), quantity);
const tolerations = z.array(
  z.strictObject({
    key: text.optional(),
    operator: z.enum(['Exists', 'Equal', 'Lt', 'Gt']).optional(),
    value: text.optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  }),
);

/** What all pods have. */
const pods = {
  resources: z.strictObject({
    requests: quantities.optional(),
    limits: quantities.optional(),
    claims: listOfThem.optional(),
  }),
  nodeSelector: labels,
  tolerations,
  affinity: z.strictObject({
    nodeAffinity: passedOn.optional(),
    podAffinity: passedOn.optional(),
    podAntiAffinity: passedOn.optional(),
  }),
  podLabels: labels,
  podAnnotations: labels,
  extraArgs: z.array(z.string().regex(/^--/)),
  extraEnv: z.array(
    z.strictObject({ name: text.min(1), value: text.optional(), valueFrom: passedOn.optional() }),
  ),
  serviceAccount: z.strictObject({ name: text, create: z.boolean(), annotations: labels }),
};

/** What both Deployments have that a cluster leans on. */
const replicatedPods = {
  ...pods,
  replicas: count,
  terminationGracePeriodSeconds: count,
  hostNetwork: z.boolean(),
  podDisruptionBudget: z.strictObject({
    enabled: z.boolean(),
    maxUnavailable: z.union([count, z.string().regex(/^[0-9]+%$/)]),
  }),
  topologySpreadConstraints: listOfThem,
};

/** The values of the chart. Every field stands in values.yaml, so none is optional there; a user gives some. */
export const valuesSchema = z.strictObject({
  nameOverride: dnsLabel,
  fullnameOverride: dnsLabel,
  commonLabels: labels,
  mode: z.enum(['auto', 'own', 'assist']),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  image: z.strictObject({
    repository: text.min(1),
    tag: text,
    digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
  }),
  imagePullSecrets: z.array(z.strictObject({ name: text.min(1) })),
  priorityClassName: text,
  apiServer: z.strictObject({ host: text, port }),
  admission: admissionSettingsSchema,
  certificates: z.strictObject({
    mode: z.enum(['self-signed', 'cert-manager', 'existing-secret']),
    existingSecret: text,
    certManager: z.strictObject({
      issuerRef: z.strictObject({
        name: text.min(1).optional(),
        kind: text.optional(),
        group: text.optional(),
      }),
      duration,
      renewBefore: duration,
    }),
  }),
  webhook: z.strictObject({
    ...replicatedPods,
    failurePolicy: z.enum(['Ignore', 'Fail']),
    workloads: z.boolean(),
    port,
    shutdownDelaySeconds: z.int().min(0).max(300),
  }),
  sync: z.strictObject({
    ...replicatedPods,
    enabled: z.boolean(),
    placement: z.enum(['scheduler', 'direct']),
    strictUpstream: z.boolean(),
    concurrentSyncs: z.int().min(1),
    probeTimeoutSeconds: z.int().min(1),
  }),
  audit: z.strictObject({
    ...pods,
    enabled: z.boolean(),
    schedule: text.min(1),
    timeZone: text,
    suspend: z.boolean(),
    reports: z.enum(['openreports', 'wgpolicy', 'none']),
    failOn: z.enum(['error', 'warning', 'info', 'never']),
    concurrencyPolicy: z.enum(['Forbid', 'Replace', 'Allow']),
    backoffLimit: count,
    activeDeadlineSeconds: z.int().min(1),
    successfulJobsHistoryLimit: count,
    failedJobsHistoryLimit: count,
    priorityClassName: text,
  }),
  dashboard: z.strictObject({
    ...pods,
    terminationGracePeriodSeconds: count,
    enabled: z.boolean(),
    port,
    tlsSecret: text,
    priorityClassName: text,
    service: z.strictObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
      port,
      annotations: labels,
    }),
  }),
  policies: z.strictObject({ enabled: z.boolean() }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    apiServerPorts: z.array(port).min(1),
    metricsFrom: listOfThem,
    dashboardFrom: listOfThem,
  }),
  metrics: z.strictObject({
    port,
    serviceMonitor: z.strictObject({
      enabled: z.boolean(),
      interval: z.union([z.literal(''), duration]),
      labels,
    }),
    prometheusRule: z.strictObject({ enabled: z.boolean(), labels }),
    dashboard: z.strictObject({ enabled: z.boolean(), labels, annotations: labels }),
  }),
  /** Of a chart that has this one as a part. */
  global: passedOn.optional(),
});
