import type { CellAnswer } from '../../wire.ts';
import { formatMoment } from '../moment.ts';
import { Remedies } from './remedies.tsx';
import { answerSentence, podWords, waitingSentence } from './sentences.ts';

/** Why a node has or lacks a pod of a DaemonSet. */
export function CellExplained({ answer }: { readonly answer: CellAnswer }) {
  const { eligible, obstacles, pods, notReadySince, toTurnIt } = answer;
  return (
    <>
      <p class="answer">
        {answerSentence(answer)} {waitingSentence(answer)}
      </p>
      {notReadySince !== undefined && (
        <p class="text-trouble">The node is not ready since {formatMoment(notReadySince)}.</p>
      )}
      {obstacles.length > 0 && (
        <section>
          <h3>{obstacles.length === 1 ? 'What is in the way' : 'What is in the way; the first decided'}</h3>
          <ul class="plain">
            {obstacles.map((obstacle) => (
              <li key={obstacle}>{obstacle}</li>
            ))}
          </ul>
        </section>
      )}
      {pods.length > 0 && (
        <section>
          <h3>{pods.length === 1 ? 'Its pod' : 'Its pods'}</h3>
          <ul class="plain">
            {pods.map((pod) => (
              <li key={pod.name}>
                <span class="mono">{pod.name}</span>
                <br />
                {podWords(pod)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Remedies title={eligible ? 'To keep the pod away' : 'To have a pod there'} remedies={toTurnIt} />
    </>
  );
}
