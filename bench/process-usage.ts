import { readFile } from 'node:fs/promises';

/** What a process has used since its start. */
export type Usage = {
  readonly cpuSeconds: number;
  /** Most memory it ever held, in bytes. */
  readonly peakBytes: number;
};

/** The kernel counts in ticks of 10 ms on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Reads /proc; works on Linux only. */
export async function usageOf(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets, and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakBytes: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024,
  };
}
