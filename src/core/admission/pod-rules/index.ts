import type { PodRule } from '../rule.ts';
import { impostor } from './impostor.ts';
import { labelTheft } from './label-theft.ts';

/** Every rule on Pods but those that come with their injection (`mutate-pod.ts`). */
export const podRules: readonly PodRule[] = [impostor, labelTheft];
