import { Option } from 'commander';

/** Options of `convert`. */
export type ConvertFlags = {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly diff: boolean;
  readonly write: boolean;
};

export const convertOptions = (): Option[] => [
  new Option(
    '-f, --filename <file...>',
    'YAML or JSON files, folders, or - for standard input',
  ).makeOptionMandatory(),
  new Option('-R, --recursive', 'look into folders of folders').default(false),
  new Option('--diff', 'print what would change, as a unified diff, instead of the result').default(false),
  new Option('-w, --write', 'write the result into the files instead of printing it').default(false),
];
