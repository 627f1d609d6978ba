import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Explained, explained } from '../../../src/core/explain/explained.ts';
import { formatExplanations, type Shown } from '../../../src/cli/explain/report.ts';
import { explainNodes } from '../../../src/core/explain/explain-nodes.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node, nodeNames, nodes, taint } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { snapshot } from '../../builders/snapshot.ts';

const set = daemonSet({ podSpec: { nodeSelector: { gpu: 'yes' } } });
const gpu = { labels: { gpu: 'yes' } };
const all = [
  ...nodes(['n1', 'n2', 'n3', 'n4'], gpu),
  node('n5'),
  node('n6', { ...gpu, taints: [taint('dedicated=db:NoSchedule')] }),
];
const pods = [
  ...['n1', 'n2', 'n3'].map((on) => pod(`p-${on}`, { on })),
  pod('p-n6', { on: 'n6', hash: 'old', age: 90_000 }),
];

function answer(only?: string): Explained {
  return explained(
    set,
    explainNodes(snapshot({ daemonSet: set, nodes: all, pods }), NOW, DEFAULT_POLICY, only),
    all,
  );
}

const SHOWN: Shown = { one: true, detailed: false, output: 'table', nodeLimit: 100, colours: false };
const text = (answers: readonly Explained[], shown: Partial<Shown> = {}): Promise<string> =>
  formatExplanations(answers, [], { ...SHOWN, ...shown });

describe('an explanation', () => {
  it('is a line for all nodes that are alike, and what would turn each answer', async () => {
    expect((await text([answer()])).split('\n')).toEqual([
      'DaemonSet default/demo: 4 of 6 nodes eligible, 3 of them with a pod, 1 node with a pod that should have none, revision 1 is current',
      '',
      'NODES  POD?   PODS                                                                                  WHY NOT                                                                 WHICH',
      '3      yes    Available                                                                             -                                                                       n1, n2, n3',
      '1      yes    none: waits for whoever makes the pods of DaemonSets to make one                      -                                                                       n4',
      '1      no     none                                                                                  lacks the label gpu=yes that spec.nodeSelector asks for                 n5',
      '1      stays  Available, revision unknown (old), keeps its revision while its node is not eligible  has the taint dedicated=db:NoSchedule, which the pod does not tolerate  n6',
      '',
      'To have a pod on n5:',
      '  kubectl label node n5 gpu=yes --overwrite',
      '  or',
      '  remove gpu from spec.template.spec.nodeSelector',
      '',
      'To have a pod on n6:',
      '  kubectl taint node n6 dedicated:NoSchedule-',
      '  or',
      '  add to spec.template.spec.tolerations: {"key":"dedicated","operator":"Equal","value":"db","effect":"NoSchedule"}',
      '',
    ]);
  });

  it('is a line for each node when wide, as many as asked for', async () => {
    const lines = (await text([answer()], { output: 'wide', nodeLimit: 5 })).split('\n');
    expect(lines[2]).toMatch(/^NODE +POD\? +POD +REVISION +AGE +STATE +NOTE +WHY NOT +TO TURN IT$/);
    expect(lines[3]).toMatch(/^n1 +yes +p-n1 +1 +1h +Available +- +- +-$/);
    expect(lines[6]).toMatch(/^n4 +yes +- +- +- +- +waits for whoever .* +- +-$/);
    expect(lines[7]).toMatch(/^n5 +no +- .*lacks the label .* +kubectl label node n5 gpu=yes --overwrite$/);
    expect(lines.slice(8)).toEqual(['', 'and 1 more node (--node-limit 0 lists all)', '']);
    expect(await text([answer()], { output: 'wide', nodeLimit: 0 })).toMatch(
      /\nn6 +stays +p-n6 +\? \(old\) +1d1h +Available/,
    );
  });

  it('of one node says all there is to say', async () => {
    expect((await text([answer('n6')], { detailed: true })).split('\n')).toEqual([
      'n6: no pod of DaemonSet default/demo is made there, and the one that is there stays',
      '  has the taint dedicated=db:NoSchedule, which the pod does not tolerate',
      'Pod: p-n6: Available, revision unknown (old), 1d1h old; keeps its revision while its node is not eligible',
      'To have a pod there:',
      '  kubectl taint node n6 dedicated:NoSchedule-',
      '  or',
      '  add to spec.template.spec.tolerations: {"key":"dedicated","operator":"Equal","value":"db","effect":"NoSchedule"}',
      '',
    ]);
    expect(await text([answer('n1')], { detailed: true })).toContain(
      'To keep the pod away:\n  kubectl label node n1 gpu-\n',
    );
  });

  it('has colours where they are asked for, and the columns stand all the same', async () => {
    const coloured = await text([answer()], { colours: true });
    expect(coloured).toContain('\u001B[32myes');
    expect(stripVTControlCharacters(coloured)).toBe(await text([answer()]));
  });

  it('is all that is known, as JSON and as YAML', async () => {
    const known = { ...answer(), notRead: [] };
    expect(JSON.parse(await text([answer()], { output: 'json' }))).toEqual(known);
    expect(parse(await text([answer()], { output: 'yaml' }))).toEqual(known);
    expect(JSON.parse(await text([answer()], { output: 'json', one: false }))).toEqual({
      daemonSets: [answer()],
      notRead: [],
    });
  });

  it('says what could not be read, and when there is nothing', async () => {
    const notRead = [{ what: 'nodes', why: 'nodes is forbidden' }];
    expect(await formatExplanations([], notRead, SHOWN)).toBe('not looked at: nodes: nodes is forbidden\n');
    expect(await text([])).toBe('no DaemonSets found\n');
  });

  it('of 5,000 nodes is short', async () => {
    const many = nodes(nodeNames(5000));
    const found = explained(
      set,
      explainNodes(snapshot({ daemonSet: set, nodes: many }), NOW, DEFAULT_POLICY),
      many,
    );
    expect((await text([found])).split('\n').length).toBeLessThan(12);
    expect((await text([found], { output: 'wide' })).split('\n').length).toBeLessThan(110);
  });
});
