import { counted } from '../admission/list-names.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { hooksOf } from './hook.ts';
import { blockersOf } from './recovery.ts';

/** Webhooks outside the cluster: whether they come back is not written in it. */
export function checkUrls(evidence: Evidence): readonly Finding[] {
  const outside = hooksOf(evidence.configurations).filter(
    ({ failsClosed, backend }) => failsClosed && backend === undefined,
  );
  return outside.flatMap((hook): readonly Finding[] => {
    const blocks = evidence.agents.filter((agent) =>
      blockersOf(agent, evidence).some(
        (blocker) => blocker.hook.configuration === hook.configuration && blocker.hook.path === hook.path,
      ),
    );
    if (blocks.length === 0) return [];
    return [
      {
        severity: 'info',
        check: 'url-webhook',
        object: { kind: hook.kind, name: hook.configuration },
        path: `${hook.path}.clientConfig.url`,
        explanation:
          `the webhook ${hook.name} is at ${hook.clientConfig?.url ?? 'no URL'}, outside of what the cluster can ` +
          `bring back, and ${counted(blocks.length, 'node agent')} cannot start without it`,
        remedy: 'make sure that it starts without this cluster, or set failurePolicy: Ignore',
      },
    ];
  });
}
