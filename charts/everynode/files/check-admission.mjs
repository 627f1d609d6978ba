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

const expected = /\[(selector-matches-template|placement-unknown)\]/;

async function ask() {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(broken),
  });
  return `${response.status} ${response.headers.get('warning') ?? ''} ${await response.text()}`;
}

let answer = await ask();
for (let attempt = 1; attempt < 10 && !expected.test(answer); attempt += 1) {
  // The caBundles may be on their way.
  await sleep(3_000);
  answer = await ask();
}
if (!expected.test(answer)) {
  throw new Error(`everynode was not asked, or its rules are off; the API server says: ${answer}`);
}
process.stdout.write(`everynode was asked, and the API server says: ${answer}\n`);
