import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { hasPseudoTerminal, PseudoTerminal } from '../cli/pseudo-terminal.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { expectInReadme, folded, LIVE } from '../readme.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];

describe('explain, plan and status of a rollout that is under way', () => {
  let cluster: TestCluster;
  let everynode: Everynode;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everynode-explain-'));
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    everynode = await Everynode.own(cluster);
    await cluster.kubectl('taint', 'node', 'node-4', 'dedicated=db:NoSchedule');
    await cluster.apply(daemonSet('agent'));
    await cluster.kubectl('rollout', 'status', 'ds/agent', '--timeout=60s');
    // Its new pods never become ready, so the rollout stays where it is.
    await cluster.apply(daemonSet('agent', { annotations: { 'everynode.dev/simulate': 'never-ready' } }));
    await eventually(async () =>
      expect((await cluster.daemonSet('agent')).status).toMatchObject({
        updatedNumberScheduled: 1,
        numberAvailable: 2,
      }),
    );
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const terminal = recordingTerminal();
    const code = await runProgram([...args, `--kubeconfig=${cluster.local.kubeconfigPath}`], terminal);
    return { code, out: terminal.stdout.text, err: terminal.stderr.text };
  }

  async function file(name: string, object: object): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(object));
    return path;
  }

  test('explain says what each node waits for', async () => {
    const { code, out } = await run('explain', 'agent');
    expect(code).toBe(0);
    expect(out).toContain(
      'DaemonSet default/agent: 3 of 4 nodes eligible, 3 of them with a pod, revision 2 is current',
    );
    expect(out).toMatch(/2 +yes +Available, revision 1 \(old\), waits for its turn in the rollout/);
    expect(out).toMatch(/1 +yes +Running, waits for its containers to be ready/);
    expect(out).toMatch(
      /1 +no +none +has the taint dedicated=db:NoSchedule, which the pod does not tolerate +node-4/,
    );
  });

  test('what explain proposes turns the answer', async () => {
    const { out } = await run('explain', 'agent', 'node-4', '-o', 'json');
    const { nodes } = JSON.parse(out) as { nodes: { toTurnIt: { steps: string[] }[] }[] };
    const [command] = nodes[0]!.toTurnIt[0]!.steps;
    expect(command).toBe('kubectl taint node node-4 dedicated:NoSchedule-');
    await cluster.kubectl(...command!.split(' ').slice(1));
    const after = JSON.parse((await run('explain', 'agent', 'node-4', '-o', 'json')).out) as {
      nodes: object[];
    };
    expect(after.nodes).toMatchObject([{ node: 'node-4', eligible: true }]);
    await cluster.kubectl('taint', 'node', 'node-4', 'dedicated=db:NoSchedule');
  });

  test('explain of a Pod tells what its template does not say', async () => {
    const [pod] = await cluster.pods('agent');
    const { code, out } = await run('explain', `pod/${pod!.metadata.name}`);
    expect(code).toBe(0);
    expect(out).toContain('it is bound to node-1, the node that it was made for');
    expect(out).toMatch(/spec\.affinity +.* +the DaemonSet controller: the pin to its node/);
    expect(out).toMatch(/spec\.volumes\[kube-api-access-\w+\] +.* +the ServiceAccount admission plugin/);
    expect(out).not.toContain('another admission plugin');
  });

  test('plan: applying the same again changes nothing, as kubectl apply', async () => {
    const same = daemonSet('agent', { annotations: { 'everynode.dev/simulate': 'never-ready' } });
    const { out } = await run('plan', '-f', await file('same.json', same), '-o', 'json');
    const { plans } = JSON.parse(out) as { plans: { templateChanges: unknown[] }[] };
    expect(plans).toMatchObject([{ exists: true, templateChanges: [] }]);
  });

  test('plan says what becomes of every node, and nothing is stored', async () => {
    const before = await cluster.daemonSet('agent');
    const next = daemonSet('agent', { pod: { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } } });
    const { code, out } = await run('plan', '-f', await file('next.json', next));
    expect(out).toMatch(/1 node changes a pod, 0 nodes keep a pod, 3 nodes lose a pod/);
    expect(out).toContain('spec.nodeSelector: (nothing) → {"kubernetes.io/hostname":"node-2"}');
    expect(code).toBe(0);
    expect((await cluster.daemonSet('agent')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  test('plan says what the API server refuses, in its words', async () => {
    const wrong = daemonSet('agent', { labels: { app: 'other' } });
    const { code, out } = await run('plan', '-f', await file('wrong.json', wrong));
    expect(code).toBe(1);
    expect(out).toContain('the API server refuses it: ');
    expect(out).toContain('`selector` does not match template `labels`');
  });

  test('plan counts what is bound to nodes', async () => {
    const large = daemonSet('large', {
      pod: { containers: [{ name: 'c', image: 'x', resources: { requests: { memory: '1000Gi' } } }] },
    });
    const { code, out } = await run('plan', '-f', await file('large.json', large));
    expect(code).toBe(1);
    expect(out).toMatch(
      /no room on 3 nodes \(node-1, node-2, node-3\): memory: needs 1000Gi, and [\d.]+\wi is free/,
    );
  });

  test('status is what kubectl shows, with the state in a word', async () => {
    const { code, out } = await run('status', '-A');
    expect(code).toBe(0);
    expect(out).toMatch(/default\/agent +3 +3 +2 +1 +2 +2 +RolloutInProgress/);
    expect(out.split('\n')).toHaveLength(3);
  });

  test('history and diff tell who changed what', async () => {
    const { code, out } = await run('history', 'agent');
    expect(code).toBe(0);
    expect(out).toMatch(/\n2 \(current\) +\S+Z +[12] +kubectl-client-side-apply +-\n/);
    const compared = await run('diff', 'agent');
    expect(compared.code).toBe(1);
    expect(compared.out).toContain('metadata.annotations\n+ {"everynode.dev/simulate":"never-ready"}\n');
    expect((await run('diff', 'agent', '--from=1', '--to=1')).code).toBe(0);
    expect((await run('diff', 'agent', '--from=7')).err).toContain(
      'agent has no revision 7; there are: 1, 2',
    );
  });

  describe.runIf(hasPseudoTerminal)('status --watch', () => {
    const open: PseudoTerminal[] = [];
    afterEach(() => open.splice(0).forEach((terminal) => terminal.kill()));

    /** Narrower than the table, so that every row takes two lines. */
    function watch(args: readonly string[] = [], env = {}): PseudoTerminal {
      const kubeconfig = `--kubeconfig=${cluster.local.kubeconfigPath}`;
      const terminal = PseudoTerminal.everynode(['status', 'watched', '--watch', kubeconfig, ...args], {
        columns: 60,
        env,
      });
      open.push(terminal);
      return terminal;
    }

    /** The screen as one text, rows put together again. */
    const screen = async (terminal: PseudoTerminal): Promise<string> => (await terminal.lines()).join('');

    test('draws a rollout over itself while it goes on, until Ctrl-C', async () => {
      await cluster.apply(daemonSet('watched', { spec: { minReadySeconds: 1 } }));
      await cluster.kubectl('rollout', 'status', 'ds/watched', '--timeout=60s');
      const terminal = watch();
      const row = (updated: number, revision: number, state: string): RegExp =>
        new RegExp(`default/watched +3 +3 +3 +${updated} +3 +${revision} +${state}`);
      await eventually(async () => expect(await screen(terminal)).toMatch(row(3, 1, 'RolloutComplete')));
      const next = { containers: [{ name: 'agent', image: 'registry.k8s.io/pause:3.10' }] };
      await cluster.apply(daemonSet('watched', { spec: { minReadySeconds: 1 }, pod: next }));
      await eventually(async () => expect(await screen(terminal)).toMatch(row(3, 2, 'RolloutComplete')));
      // What came between, and only the last of it on the screen.
      expect(terminal.output).toMatch(/default\/watched +3 +\d +\d +[012] +\d +2 /);
      expect((await screen(terminal)).match(/DAEMONSET/g)).toHaveLength(1);
      expect((await screen(terminal)).match(/default\/watched/g)).toHaveLength(1);
      expect(terminal.output).toContain('\u001B[32m');
      terminal.type('\u0003');
      expect(await terminal.exited).toBe(0);
      expect(terminal.hidesCursor).toBe(false);
      expect(await screen(terminal)).toMatch(row(3, 2, 'RolloutComplete'));
    });

    test('writes a line for each change where lines cannot be written over', async () => {
      const terminal = watch(['-o', 'json'], { TERM: 'dumb' });
      await eventually(() => expect(terminal.output).toContain('"daemonSet":"default/watched"'));
      await cluster.kubectl('delete', 'daemonset', 'watched');
      await eventually(() =>
        expect(terminal.output.trimEnd().split('\r\n').at(-1)).toBe(
          '{"daemonSet":"default/watched","gone":true}',
        ),
      );
      terminal.type('\u0003');
      expect(await terminal.exited).toBe(0);
      expect(terminal.output).not.toContain('\u001B[');
    });
  });

  test('what may not be read is named, and the exit code says so', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'nobody');
    const token = (await cluster.kubectl('create', 'token', 'nobody')).trim();
    const config = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '-o', 'json')) as {
      users: object[];
    };
    const path = await file('kubeconfig.json', {
      ...config,
      users: config.users.map((user) => ({ ...user, user: { token } })),
    });
    const terminal = recordingTerminal();
    expect(await runProgram(['status', '-A', `--kubeconfig=${path}`], terminal)).toBe(3);
    expect(terminal.stdout.text).toContain('not looked at: daemonsets: daemonsets.apps is forbidden');
    const rights = ['--verb=get,list,watch', '--resource=daemonsets,pods,controllerrevisions'];
    await cluster.kubectl('create', 'role', 'nobody', ...rights);
    await cluster.kubectl(
      'create',
      'rolebinding',
      'nobody',
      '--role=nobody',
      '--serviceaccount=default:nobody',
    );
    const watched = recordingTerminal();
    const args = ['status', '--watch', '-n', 'default', `--kubeconfig=${path}`];
    expect(await runProgram(args, watched)).toBe(3);
    expect(watched.stdout.text).toContain('not looked at: pods: pods is forbidden');
  });

  describe('README.md', () => {
    const MANIFEST = 'src/localcluster/examples/fluentd-elasticsearch.yaml';
    const here = process.cwd();

    beforeAll(async () => {
      await cluster.kubectl('delete', 'daemonset', 'agent', '--cascade=foreground');
      const text = await readFile(MANIFEST, 'utf8');
      await cluster.kubectl('apply', '-f', MANIFEST);
      await cluster.kubectl(
        'rollout',
        'status',
        '-n',
        'kube-system',
        'ds/fluentd-elasticsearch',
        '--timeout=60s',
      );
      await cluster.kubectl('taint', 'node', 'node-3', 'dedicated=gpu:NoSchedule');
      await writeFile(
        join(folder, 'fluentd.yaml'),
        text.replace(/image: .*/, 'image: quay.io/fluentd_elasticsearch/fluentd:v5.0.1'),
      );
      // So that the file is named as one would type it.
      process.chdir(folder);
    });
    afterAll(() => process.chdir(here));

    test.each([
      ['explain', 0],
      ['plan', 0],
      ['audit', 1],
    ] as const)('shows what %s prints', async (name, code) => {
      const [, ...args] = LIVE[name].split(' ');
      const ran = await run(...args);
      expect(ran).toMatchObject({ code, err: '' });
      await expectInReadme(LIVE[name], name === 'audit' ? folded(ran.out) : ran.out);
    });
  });
});
