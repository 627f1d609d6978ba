import { InvalidArgumentError, Option } from 'commander';
import type { FailurePolicy } from '../core/admission/cel/policies.ts';
import type { Level } from '../core/admission/verdict.ts';
import { DEFAULT_NAMESPACE } from './options.ts';

/** Options of `policies`. */
export type PoliciesFlags = {
  readonly config?: string;
  readonly output: 'yaml' | 'json';
  readonly rule: Readonly<Record<string, Level>>;
  readonly failurePolicy: FailurePolicy;
  readonly namespace: string;
};

const LEVELS: readonly string[] = ['deny', 'warn', 'off'] satisfies readonly Level[];

export const policiesOptions = (): Option[] => [
  new Option('-o, --output <format>', 'what is printed').choices(['yaml', 'json']).default('yaml'),
  new Option('--config <file>', 'AdmissionConfiguration, of which the levels of rules count here'),
  new Option('--rule <id=level>', 'level of a rule: deny, warn or off; may be given again')
    .default({}, 'the level of each rule')
    .argParser(ruleLevel),
  new Option('--failure-policy <policy>', 'what becomes of a DaemonSet whose policy cannot be evaluated')
    .choices(['Ignore', 'Fail'])
    .default('Ignore'),
  new Option('--namespace <name>', 'namespace of everynode, where nothing fails closed').default(
    DEFAULT_NAMESPACE,
  ),
];

function ruleLevel(text: string, before: PoliciesFlags['rule']): PoliciesFlags['rule'] {
  const [, id, level = ''] = /^([a-z0-9-]+)=([a-z]+)$/.exec(text) ?? [];
  if (id === undefined || !LEVELS.includes(level)) {
    throw new InvalidArgumentError('Expected RULE=LEVEL with the level deny, warn or off.');
  }
  return { ...before, [id]: level as Level };
}
