import type { FieldPath } from '../../api/field-path.ts';
import type { JsonObject } from '../admission/untrusted.ts';
import type { Edit } from './edit.ts';

/** What needs a person: reads on from the path, and says what to do. */
export type Obstacle = { readonly path: FieldPath; readonly message: string };

/** What a step does to a DaemonSet, in order, and what it leaves to a person. */
export type Changes = { readonly edits: readonly Edit[]; readonly obstacles?: readonly Obstacle[] };

/** One kind of thing of the past. Never throws; has no opinion on what is malformed. */
export type Step = (daemonSet: JsonObject) => Changes;

export const NO_CHANGES: Changes = { edits: [] };

export const TEMPLATE_SPEC = ['spec', 'template', 'spec'] as const;
export const TEMPLATE_ANNOTATIONS = ['spec', 'template', 'metadata', 'annotations'] as const;
