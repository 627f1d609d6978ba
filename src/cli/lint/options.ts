import { Option } from 'commander';
import { FINDING_FORMATS, type FindingFlags, findingOptions } from '../audit/options.ts';

/** Options of `lint`. */
export type LintFlags = FindingFlags & {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly namespace: string;
};

export const lintOptions = (): Option[] => [
  new Option(
    '-f, --filename <file...>',
    'YAML or JSON files, folders, or - for standard input',
  ).makeOptionMandatory(),
  new Option('-R, --recursive', 'look into folders of folders').default(false),
  new Option('-n, --namespace <name>', 'namespace of objects that name none').default('default'),
  ...findingOptions(FINDING_FORMATS),
];
