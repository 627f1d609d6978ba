import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runProgram } from '../../../src/cli/program.ts';
import { plan } from '../../../src/cli/plan/plan.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const AGENT = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {disk: ssd}
      containers:
      - name: agent
        image: agent:1
        ports: [{containerPort: 9100, hostPort: 9100}]
        resources: {requests: {cpu: 500m, memory: 1.5Gi}}
`;

const node = (name: string, labels: object, cpu: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { allocatable: { cpu, memory: '4Gi', pods: '110' } },
});
const NODES = {
  apiVersion: 'v1',
  kind: 'List',
  items: [node('n1', { disk: 'ssd' }, '1'), node('n2', { disk: 'ssd' }, '250m'), node('n3', {}, '1')],
};

describe('plan, offline', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everynode-plan-'));
    await writeFile(file('nodes.json'), JSON.stringify(NODES));
    await writeFile(file('agent.yaml'), AGENT);
    await writeFile(file('two.yaml'), `${AGENT}---${AGENT.replaceAll('agent', 'other')}`);
    await writeFile(file('twice.yaml'), `${AGENT}---${AGENT}`);
    await writeFile(file('unnamed.yaml'), AGENT.replace('name: agent', 'generateName: agent-'));
    await writeFile(file('large.yaml'), AGENT.replace('500m', '50'));
    await writeFile(file('strategy.yaml'), AGENT.replace('50%', 'half'));
    await writeFile(file('old.yaml'), AGENT.replace('apps/v1', 'extensions/v1beta1'));
    await writeFile(file('broken.yaml'), 'kind: DaemonSet\n\tname: x\n');
    await writeFile(file('service.yaml'), 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n');
    await writeFile(file('typed.yaml'), AGENT.replace('{disk: ssd}', 'ssd'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function run(name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const terminal = recordingTerminal();
    const code = await runProgram(
      ['plan', '-f', file(name), '--nodes', file('nodes.json'), ...args],
      terminal,
    );
    return { code, out: terminal.stdout.text, err: terminal.stderr.text };
  }

  it('says which nodes get a pod, in which steps, what that costs, and where there is no room', async () => {
    const { code, out } = await run('agent.yaml');
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'DaemonSet default/agent (new): 2 nodes get a pod, 0 nodes change a pod, 0 nodes keep a pod, 0 nodes lose a pod',
      '',
      'NODES  POD   WHY                                                       WHICH',
      '2      gets  eligible                                                  n1, n2',
      '1      none  lacks the label disk=ssd that spec.nodeSelector asks for  n3',
      '',
      'Rollout: 1 step of at most 2 nodes (maxUnavailable 1, maxSurge 0, of nodes): n1, n2',
      'Daemon tax: 1 DaemonSet requests cpu 500m (200 %) and memory 1.5Gi (37.5 %) of n2, which pays most',
      'problem: no room on 1 node (n2): cpu: needs 500m, and 250m is free',
      '',
    ]);
  });

  it('has a line for each node when wide', async () => {
    const { out } = await run('agent.yaml', '-o', 'wide');
    expect(out).toMatch(/\nn1 +gets +1 +500m \(50 %\) +1\.5Gi \(37\.5 %\) +eligible\n/);
    expect(out).toMatch(/\nn3 +none +- +0 +0 +lacks the label disk=ssd/);
  });

  it('takes all DaemonSets of the files together, ports and all', async () => {
    const { code, out } = await run('two.yaml');
    expect(code).toBe(1);
    expect(out).toContain('DaemonSet default/agent (new)');
    expect(out).toContain(
      'takes port 9100/TCP of the node, and so does DaemonSet default/other on 2 same nodes (n1, n2)',
    );
    expect(out).toContain('port 9100/TCP: taken by DaemonSet default/agent');
  });

  it.each([
    ['labels: {disk: 5}', 'metadata.labels of the Node n1 is not a map of strings'],
    ['spec: {taints: gpu}', 'spec.taints of the Node n1 is not a list of taints'],
    ['spec: {taints: [null]}', 'spec.taints of the Node n1 is not a list of taints'],
    ['status: {conditions: {}}', 'status.conditions of the Node n1 is not a list of conditions'],
    ['status: {allocatable: {cpu: {}}}', 'status.allocatable of the Node n1 is not a map of quantities'],
    ['status: {allocatable: {cpu: many}}', 'status.allocatable of the Node n1 is not a map of quantities'],
    ['---\nkind: Node\nmetadata: {name: 1}', 'metadata.name of a Node is not a string'],
    ['---\nkind: Node\nmetadata: {name: n1}', 'there is another Node n1'],
  ])('names what no node has: %s', async (wrong, message) => {
    const text = wrong.startsWith('labels')
      ? `metadata: {name: n1, ${wrong}}`
      : `metadata: {name: n1}\n${wrong}`;
    await writeFile(file('odd.yaml'), `kind: Node\n${text}\n`);
    const { code, out, err } = await run('agent.yaml', '--nodes', file('odd.yaml'));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/odd\.yaml:\d+:\d+: /);
    expect(err).toContain(message);
  });

  it('takes nodes that say nothing of themselves', async () => {
    await writeFile(file('bare.yaml'), 'kind: Node\nmetadata: {name: n1, labels: }\nspec:\nstatus:\n');
    expect(await run('agent.yaml', '--nodes', file('bare.yaml'))).toMatchObject({ code: 0, err: '' });
  });

  it('is all that is known, as JSON and as YAML', async () => {
    const json = JSON.parse((await run('agent.yaml', '-o', 'json')).out) as object;
    expect(json).toMatchObject({
      plans: [
        {
          daemonSet: 'default/agent',
          exists: false,
          rollout: { waves: [['n1', 'n2']], left: [], budget: { maxUnavailable: 1, maxSurge: 0 } },
          misfits: [{ node: 'n2', lacks: ['cpu: needs 500m, and 250m is free'] }],
        },
      ],
      notRead: [],
    });
    expect(parse((await run('agent.yaml', '-o', 'yaml')).out)).toEqual(json);
  });

  it('reads standard input', async () => {
    const terminal = recordingTerminal();
    const flags = { filename: ['-'], nodes: file('nodes.json'), namespace: 'logs', output: 'table' } as const;
    expect(await plan(flags, Readable.from([AGENT.replace('500m', '50m')]), terminal)).toBe(0);
    expect(terminal.stdout.text).toContain('DaemonSet logs/agent (new): 2 nodes get a pod');
  });

  it.each([
    [
      'strategy.yaml',
      'strategy.yaml:7:36: spec.updateStrategy.rollingUpdate.maxUnavailable: is "half"; give a whole number',
    ],
    [
      'old.yaml',
      'old.yaml:3:1: is a DaemonSet of extensions/v1beta1, which is served no more; run everynode convert -f on it first',
    ],
    ['broken.yaml', 'broken.yaml:2:1: '],
    ['twice.yaml', 'DaemonSet default/agent is there already, from '],
    ['unnamed.yaml', 'unnamed.yaml:4:1: has no metadata.name; '],
    ['service.yaml', 'service.yaml: no DaemonSet in it; give a file with an object of kind: DaemonSet'],
    [
      'typed.yaml',
      'typed.yaml:11:7: spec.template.spec.nodeSelector: is the string "ssd", and must be a mapping',
    ],
    ['nowhere.yaml', 'nowhere.yaml: does not exist'],
  ])('refuses %s in one sentence', async (name, message) => {
    const { code, out, err } = await run(name);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('refuses nodes that are none', async () => {
    const terminal = recordingTerminal();
    const code = await runProgram(
      ['plan', '-f', file('agent.yaml'), '--nodes', file('service.yaml')],
      terminal,
    );
    expect(code).toBe(2);
    expect(terminal.stderr.text).toContain('no Node in it; give the output of kubectl get nodes -o yaml');
  });
});
