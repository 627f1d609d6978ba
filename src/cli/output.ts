import { Option } from 'commander';
import type { NotRead } from '../core/doctor/evidence.ts';
import { YAML_FOR_KUBECTL } from '../manifests/kubectl-yaml.ts';
import type { Paint } from './columns.ts';

/** How a command that looks at things prints them. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml';

export const outputOption = (description: string): Option =>
  new Option('-o, --output <format>', description)
    .choices(['table', 'wide', 'json', 'yaml'])
    .default('table');

/** Data for scripts, with a line break at the end. The YAML writer is loaded only when it is needed. */
export async function formatData(data: unknown, output: 'json' | 'yaml'): Promise<string> {
  if (output === 'json') return `${JSON.stringify(data, undefined, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(data, { ...YAML_FOR_KUBECTL, lineWidth: 110 });
}

/** A line for everything that could not be looked at. */
export function notReadLines(notRead: readonly NotRead[], paint: Paint): readonly string[] {
  return notRead.map(({ what, why }) => `${paint('yellow', 'not looked at')}: ${what}: ${why}`);
}
