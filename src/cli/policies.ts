import { stringify } from 'yaml';
import { floors, keptByApiServer, needsWebhook } from '../core/admission/cel/floors.ts';
import { policies, type PolicyObject } from '../core/admission/cel/policies.ts';
import { readAdmissionConfiguration } from '../config/admission-configuration.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import type { PoliciesFlags } from './policies-options.ts';
import type { Terminal } from './terminal.ts';

const HEADER = `# Made by \`everynode policies\` from the rules in src/core/admission/rules; do not edit.
# What the API server keeps up by itself while no webhook answers.
`;

/**
 * Prints the ValidatingAdmissionPolicies. Needs no cluster, and prints the same bytes for the same options.
 *
 * @throws UsageError for a rule that does not exist, or that no policy can express; ConfigurationError.
 */
export async function printPolicies(flags: PoliciesFlags, terminal: Terminal): Promise<number> {
  for (const id of Object.keys(flags.rule)) assertHasPolicy(id);
  const configured = flags.config === undefined ? {} : (await readAdmissionConfiguration(flags.config)).rules;
  const objects = policies({
    levels: { ...configured, ...flags.rule },
    failurePolicy: flags.failurePolicy,
    systemNamespaces: ['kube-system', flags.namespace],
  });
  terminal.stdout.write(flags.output === 'json' ? asJson(objects) : asYaml(objects));
  return EXIT.ok;
}

function assertHasPolicy(id: string): void {
  const known = floors.map(({ rule }) => rule.id);
  if (known.includes(id)) return;
  if (keptByApiServer.includes(id)) {
    throw new UsageError(
      `--rule: ${id} has no policy: the API server itself refuses what breaks it, whatever its level is`,
    );
  }
  if (needsWebhook.includes(id)) {
    throw new UsageError(
      `--rule: ${id} has no policy: only the webhook applies it; set its level in --config of everynode webhook`,
    );
  }
  throw new UsageError(
    `--rule: there is no policy for ${JSON.stringify(id)}; there is one for ${known.join(', ')}`,
  );
}

function asJson(items: readonly PolicyObject[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2)}\n`;
}

function asYaml(items: readonly PolicyObject[]): string {
  // YAML 1.1, as kubectl and Helm read it; aliases would not survive templating.
  const documents = items.map((item) =>
    stringify(item, { version: '1.1', lineWidth: 110, aliasDuplicateObjects: false }),
  );
  return HEADER + documents.join('---\n');
}
