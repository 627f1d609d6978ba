import { useRef, useState } from 'preact/hooks';
import type { Remedy } from '../../../core/explain/explained.ts';

type Props = {
  readonly title: string;
  readonly remedies: readonly Remedy[];
};

/** What would turn an answer, ready to be copied. */
export function Remedies({ title, remedies }: Props) {
  if (remedies.length === 0) return null;
  return (
    <section class="remedies">
      <h3>{title}</h3>
      {remedies.map(({ steps, note }, index) => (
        <div key={index}>
          {index > 0 && <p class="or">or</p>}
          {steps.map((step) => (
            <Step key={step} step={step} />
          ))}
          {note !== undefined && <p class="help">{note}</p>}
        </div>
      ))}
    </section>
  );
}

/** How long it is said that something was copied. */
const SAID_FOR = 2_000;

function Step({ step }: { readonly step: string }) {
  const [said, setSaid] = useState('');
  const code = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(step);
      setSaid('Copied');
    } catch {
      // Over plain HTTP, or where it is forbidden: then the text is selected for whoever copies.
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setSaid('Selected');
    }
    setTimeout(() => setSaid(''), SAID_FOR);
  };
  return (
    <div class="step">
      <code ref={code}>{step}</code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy: ${step}`}>
        {said || 'Copy'}
      </button>
      <span class="unseen" aria-live="polite">
        {said}
      </span>
    </div>
  );
}
