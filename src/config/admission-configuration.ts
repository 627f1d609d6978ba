import { readFile } from 'node:fs/promises';
import { type Document, parseDocument } from 'yaml';
import { z } from 'zod';
import { ruleIds } from '../core/admission/rule-ids.ts';
import { type AdmissionSettings, DEFAULT_SETTINGS } from '../core/admission/settings.ts';

/** The configuration cannot be used. The message names the file, the field and what is expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const level = z.enum(['deny', 'warn', 'off']);
const percent = z.number().min(0).max(100);

const limits = (defaults: { warnPercent: number; confirmPercent: number }) =>
  z
    .strictObject({
      warnPercent: percent.default(defaults.warnPercent),
      confirmPercent: percent.default(defaults.confirmPercent),
    })
    .prefault({});

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal', 'Lt', 'Gt']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string().min(1),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const rules = z.strictObject(Object.fromEntries(ruleIds.map((id) => [id, level.optional()])));

/** The settings themselves, as they also stand in the chart's values. */
export const admissionSettingsSchema = z.strictObject({
  rules: rules.default({}),
  blastRadius: z
    .strictObject({
      removal: limits(DEFAULT_SETTINGS.blastRadius.removal),
      replacement: limits(DEFAULT_SETTINGS.blastRadius.replacement),
    })
    .prefault({}),
  daemonPodMakers: z.array(z.string().min(1)).default([]),
  extraTolerations: z
    .array(
      z.strictObject({
        namespaces: z.array(z.string().min(1)).optional(),
        selector: labelSelector.optional(),
        tolerations: z.array(toleration).min(1),
      }),
    )
    .default([]),
});

const configurationSchema = admissionSettingsSchema.extend({
  apiVersion: z.literal('everynode.dev/v1alpha1'),
  kind: z.literal('AdmissionConfiguration'),
});

/**
 * Reads the configuration of the webhook from a file.
 *
 * @throws ConfigurationError
 */
export async function readAdmissionConfiguration(file: string): Promise<AdmissionSettings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(`${file} cannot be read (${code}); give --config a file that can`, {
      cause: error,
    });
  }
  return parseAdmissionConfiguration(text, file);
}

/**
 * Parses an `AdmissionConfiguration`, YAML or JSON. What is absent is as in `DEFAULT_SETTINGS`.
 *
 * @throws ConfigurationError that lists every fault.
 */
export function parseAdmissionConfiguration(text: string, file: string): AdmissionSettings {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new ConfigurationError(`${file}: ${fault.message}`);
  const parsed = configurationSchema.safeParse(contentOf(document, file));
  if (parsed.success) return withoutAbsent(parsed.data);
  const faults = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(whole file)'}: ${message}`,
  );
  throw new ConfigurationError(`${file} is not an AdmissionConfiguration:\n${faults.join('\n')}`);
}

function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const message = `${file} has aliases of nothing, or of too much; write them out`;
    throw new ConfigurationError(message, { cause: error });
  }
}

/** Optional fields as absent ones, not as `undefined`. */
function withoutAbsent(parsed: z.output<typeof configurationSchema>): AdmissionSettings {
  const { apiVersion: _, kind: __, ...settings } = parsed;
  return JSON.parse(JSON.stringify(settings)) as AdmissionSettings;
}
