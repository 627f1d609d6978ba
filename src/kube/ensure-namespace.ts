import { NAMESPACES } from '../api/kinds.ts';
import type { Client } from './client.ts';
import { isAlreadyExists, isForbidden, isNotFound } from './errors.ts';

/** Creates our namespace if it is not there. True when it was created now. */
export async function ensureNamespace(client: Client, name: string): Promise<boolean> {
  try {
    await client.get(NAMESPACES, { name });
    return false;
  } catch (error) {
    // In a cluster we may not look at namespaces: there the one that we run in exists.
    if (isForbidden(error)) return false;
    if (!isNotFound(error)) throw error;
  }
  try {
    const labels = { 'app.kubernetes.io/name': 'everynode' };
    await client.create(NAMESPACES, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw error;
  }
}
