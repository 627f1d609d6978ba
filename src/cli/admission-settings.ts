import { type AdmissionSettings, DEFAULT_SETTINGS } from '../core/admission/settings.ts';

/**
 * What the flag `--config` says, else the defaults. The parser is loaded only where there is something to parse.
 *
 * @throws ConfigurationError
 */
export async function admissionSettings({
  config,
}: {
  readonly config?: string;
}): Promise<AdmissionSettings> {
  if (config === undefined) return DEFAULT_SETTINGS;
  const { readAdmissionConfiguration } = await import('../config/admission-configuration.ts');
  return readAdmissionConfiguration(config);
}
