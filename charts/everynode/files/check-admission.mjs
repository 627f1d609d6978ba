// Asks the API server to create a DaemonSet that breaks rules, as a dry run, and looks for everynode's words in the
// answer: so everything between the two is in order, Service, certificate and caBundle included.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, NAMESPACE: namespace } = process.env;
const token = (await readFile('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8')).trim();
const address = host.includes(':') ? `[${host}]` : host;
const url = `https://${address}:${port}/apis/apps/v1/namespaces/${namespace}/daemonsets?dryRun=All`;
const broken = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { generateName: 'everynode-test-', annotations: { 'everynode.dev/placement': 'nowhere' } },
  spec: {
    selector: { matchLabels: { app: 'everynode-test' } },
    template: {
      metadata: { labels: { app: 'another' } },
      spec: { containers: [{ name: 'agent', image: 'agent' }] },
    },
  },
};

let answer = '';
for (let attempt = 1; attempt <= 10; attempt += 1) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(broken),
  });
  answer = `${response.status} ${response.headers.get('warning') ?? ''} ${await response.text()}`;
  if (/\[(selector-matches-template|placement-unknown)\]/.test(answer)) {
    console.log(`everynode was asked, and said: ${answer}`);
    process.exit(0);
  }
  // The caBundles may be on their way.
  await sleep(3_000);
}
console.error(`everynode was not asked, or its rules are off; the API server says: ${answer}`);
process.exit(1);
