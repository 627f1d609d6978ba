import { formatAge } from '../../../core/age.ts';
import type { PodAnswer } from '../../../core/explain/explain-pod.ts';
import { verdictOnNode } from '../../../core/explain/verdict.ts';
import type { CellAnswer } from '../../wire.ts';
import { capitalised } from '../text.ts';

/** The answer about one cell, as a sentence. */
export function answerSentence(answer: CellAnswer): string {
  const verdict = verdictOnNode(answer, answer.daemonSet);
  const pods = answer.pods.length === 0 && answer.eligible ? ', and there is none' : '';
  return `${capitalised(verdict)}${pods}.`;
}

/** What a node without its pod waits for, as a sentence; empty where nothing is missing. */
export function waitingSentence({ waitsFor }: Pick<CellAnswer, 'waitsFor'>): string {
  return waitsFor === '' ? '' : `It waits for ${waitsFor}.`;
}

/** `revision 3 (current)`. */
export function revisionWords({ revision, current }: Pick<PodAnswer, 'revision' | 'current'>): string {
  return `revision ${revision ?? 'unknown'} (${current ? 'current' : 'old'})`;
}

/** `Running, revision 2 (old), 5m old: waits for its turn in the rollout`. */
export function podWords(pod: PodAnswer): string {
  const more = pod.availableInSeconds === undefined ? '' : ` (${pod.availableInSeconds} s more)`;
  const note = pod.note === '' ? '' : `: ${pod.note}${more}`;
  return `${pod.state}, ${revisionWords(pod)}, ${formatAge(pod.ageSeconds)} old${note}`;
}
