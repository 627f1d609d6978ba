/** Names that Kubernetes gives to labels, annotations, taints and fields. */

/** Label on daemon pods and ControllerRevisions: which template revision they carry. */
export const CONTROLLER_REVISION_HASH_LABEL = 'controller-revision-hash';
/** Label on daemon pods: the template generation, where the DaemonSet carries the annotation below. */
export const POD_TEMPLATE_GENERATION_LABEL = 'pod-template-generation';
/** Annotation that the API server keeps on every DaemonSet: counts template changes. */
export const TEMPLATE_GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
/** The one field that a node can be chosen by in `matchFields`. */
export const NODE_NAME_FIELD = 'metadata.name';
/** Marks the API server's image of a static pod; nobody but the kubelet owns it. */
export const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';
/** Names the node of a daemon Pod that has neither node affinity nor spec.nodeName. */
export const NODE_ANNOTATION = 'everynode.dev/node';
/** On a DaemonSet: `scheduler` or `direct`, how its pods get to their nodes. */
export const PLACEMENT_ANNOTATION = 'everynode.dev/placement';
/** Label on the DaemonSet that shows whether another controller is at work. */
export const PROBE_LABEL = 'everynode.dev/probe';
/** On a DaemonSet, `"true"`: it may not be deleted. */
export const PROTECTED_LABEL = 'everynode.dev/protected';
/** On a DaemonSet: the generation for which an update that takes many pods away is meant. */
export const CONFIRM_ANNOTATION = 'everynode.dev/confirm';
