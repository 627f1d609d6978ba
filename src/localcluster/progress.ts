/** News of something that takes long. */
export type Progress = {
  /** Counted from 1. */
  readonly step: number;
  readonly total: number;
  /** What is being done, such as `building kube-apiserver v1.36.3 from source`. */
  readonly name: string;
  readonly state: 'started' | 'running' | 'done';
  readonly seconds: number;
};

export type OnProgress = (progress: Progress) => void;

/** The news as a line: `[2/6] building … (42 s)`. */
export function formatProgress({ step, total, name, state, seconds }: Progress): string {
  const time = state === 'started' ? '' : ` (${seconds} s)`;
  return `[${step}/${total}] ${name}${state === 'done' ? ': done' : ''}${time}`;
}

const HEARTBEAT_MS = 15_000;

/** Reports the begin and end of a task, and every 15 s that it still runs. */
export async function reporting<T>(
  name: string,
  report: (news: Pick<Progress, 'name' | 'state' | 'seconds'>) => void,
  task: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  report({ name, state: 'started', seconds: 0 });
  const timer = setInterval(() => report({ name, state: 'running', seconds: seconds() }), HEARTBEAT_MS);
  try {
    const result = await task();
    report({ name, state: 'done', seconds: seconds() });
    return result;
  } finally {
    clearInterval(timer);
  }
}
