/** One step of a JSON Patch (RFC 6902). Ours add what is missing or put right what stands; they remove nothing. */
export type JsonPatchOperation = {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
};

type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

/** What the API server asks, as far as it is read here. The objects are JSON of any shape. */
export type AdmissionRequest = {
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly operation: string;
  /** Empty for the object itself. */
  readonly subResource: string;
  readonly namespace: string;
  /** Empty when the API server is still to generate it. */
  readonly name: string;
  readonly dryRun: boolean;
  /** Who asks, such as `system:serviceaccount:kube-system:daemon-set-controller`; empty when not told. */
  readonly username: string;
  readonly object: unknown;
  /** The stored object, at UPDATE and DELETE. */
  readonly oldObject: unknown;
  /** What the request carries beside the object, such as DeleteOptions. */
  readonly options: unknown;
};

/** One field that a denial is about (`metav1.StatusCause`). */
type StatusCause = { readonly reason: string; readonly message: string; readonly field: string };

/** The part of `metav1.Status` that a denial carries. */
export type DenialStatus = {
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly StatusCause[];
  };
};

export type AdmissionResponse = {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: DenialStatus;
  /** The operations as base64 of their JSON. */
  readonly patch?: string;
  readonly patchType?: 'JSONPatch';
  readonly warnings?: readonly string[];
  /** For the audit log; the API server puts the webhook's name before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
};
