import { EXIT } from './exit-codes.ts';

/** Names of errors that the user's input causes; told apart by name so that no command has to be loaded for it. */
const USAGE_ERRORS = new Set([
  'UsageError',
  'KubeconfigError',
  'BindError',
  'CertificateError',
  'ConfigurationError',
  'PageMissingError',
]);

/** What the user reads when a command fails, and the exit code. One sentence, without a stack trace. */
export function formatFailure(error: unknown): { readonly message: string; readonly exitCode: number } {
  const message = `everynode: ${error instanceof Error ? error.message : String(error)}`;
  const name = error instanceof Error ? error.name : '';
  if (USAGE_ERRORS.has(name)) return { message, exitCode: EXIT.usage };
  if (name === 'AnotherControllerError') return { message, exitCode: EXIT.prevented };
  if (name === 'ApiError' && isRefused(error)) {
    return {
      message: `${message} (the API server refused the credentials of this kubeconfig)`,
      exitCode: EXIT.usage,
    };
  }
  return { message, exitCode: EXIT.failure };
}

function isRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 401;
}
