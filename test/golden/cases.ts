import type { Picture } from '../fakes/played-cluster.ts';
import { readObjects } from './session.ts';

/** A command line whose output is kept in a file. */
export type Case = {
  /** Below `output`. In a `.txt` all is kept that a person sees, else only what is printed on stdout. */
  readonly file: string;
  readonly commandLine: string;
  readonly picture?: Picture;
  /** The exit code, where the file does not tell. */
  readonly code?: number;
};

const objects = readObjects('cluster.yaml');
const dryRuns = readObjects('dry-run.yaml');
const CLUSTER: Picture = { objects, dryRuns };
const EMPTY: Picture = { objects: objects.filter(({ kind }) => kind === 'Node' || kind === 'Namespace') };
const BLIND: Picture = { objects, forbidden: ['pods', 'services', 'controllerrevisions'] };

/** Extension of the files of an output format. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  table: 'txt',
  wide: 'txt',
  sarif: 'sarif.json',
  junit: 'xml',
  policyreport: 'policyreport.json',
  openreports: 'openreports.json',
};

type Series = {
  readonly name: string;
  readonly commandLine: string;
  readonly formats: readonly string[];
  readonly picture?: Picture;
  readonly code?: number;
};

/** One case for each format; the first one is the default. */
function series({ name, commandLine, formats, picture, code = 0 }: Series): readonly Case[] {
  return formats.map((format, index) => ({
    file: `${name}.${format === 'wide' ? 'wide.' : ''}${EXTENSIONS[format] ?? format}`,
    commandLine: index === 0 ? commandLine : `${commandLine} -o ${format}`,
    code,
    ...(picture && { picture }),
  }));
}

const LOOK = ['table', 'wide', 'json', 'yaml'];
const FINDINGS = [...LOOK, 'sarif', 'junit', 'html'];

const offline: readonly Case[] = [
  ...series({ name: 'lint/faulty', commandLine: 'everynode lint -f faulty', formats: FINDINGS, code: 1 }),
  ...series({ name: 'lint/sound', commandLine: 'everynode lint -f sound.yaml', formats: FINDINGS }),
  {
    file: 'lint/unreadable.txt',
    commandLine: 'everynode lint -f sound.yaml -f nowhere.yaml --off readiness-probe',
  },
  ...series({ name: 'rules/all', commandLine: 'everynode rules', formats: LOOK }),
  ...series({ name: 'rules/one', commandLine: 'everynode rules selector-overlap', formats: LOOK }),
  { file: 'rules/unknown.txt', commandLine: 'everynode rules selector' },
  ...series({ name: 'policies/all', commandLine: 'everynode policies', formats: ['yaml', 'json'] }),
  { file: 'policies/unknown.txt', commandLine: 'everynode policies --rule restart-policy=off' },
  { file: 'convert/result.txt', commandLine: 'everynode convert -f fluentd.yaml' },
  { file: 'convert/diff.txt', commandLine: 'everynode convert -f fluentd.yaml --diff' },
  { file: 'convert/nothing-to-do.txt', commandLine: 'everynode convert -f sound.yaml --diff' },
  ...series({
    name: 'plan/offline',
    commandLine: 'everynode plan -f sound.yaml --nodes nodes.yaml',
    formats: LOOK,
    code: 1,
  }),
  ...series({
    name: 'static-pods/offline',
    commandLine: 'everynode static-pods sound.yaml',
    formats: ['table', 'wide', 'json', 'yaml'],
  }),
];

const ofCluster: readonly Case[] = [
  ...series({
    name: 'audit/cluster',
    commandLine: 'everynode audit',
    formats: [...FINDINGS, 'policyreport', 'openreports'],
    picture: CLUSTER,
    code: 1,
  }),
  ...series({
    name: 'doctor/cluster',
    commandLine: 'everynode doctor',
    formats: LOOK,
    picture: CLUSTER,
    code: 1,
  }),
  ...series({ name: 'status/all', commandLine: 'everynode status -A', formats: LOOK, picture: CLUSTER }),
  ...series({
    name: 'status/one',
    commandLine: 'everynode status node-exporter -n monitoring',
    formats: LOOK,
    picture: CLUSTER,
  }),
  ...series({
    name: 'explain/daemonset',
    commandLine: 'everynode explain fluentd-elasticsearch -n kube-system',
    formats: LOOK,
    picture: CLUSTER,
  }),
  ...series({
    name: 'explain/node',
    commandLine: 'everynode explain fluentd-elasticsearch node-5 -n kube-system',
    formats: LOOK,
    picture: CLUSTER,
  }),
  { file: 'explain/all.txt', commandLine: 'everynode explain -A', picture: CLUSTER },
  ...series({
    name: 'explain/pod',
    commandLine: 'everynode explain pod/node-exporter-7pl9s -n monitoring',
    formats: LOOK,
    picture: CLUSTER,
  }),
  ...series({
    name: 'history/daemonset',
    commandLine: 'everynode history node-exporter -n monitoring',
    formats: LOOK,
    picture: CLUSTER,
  }),
  ...series({
    name: 'diff/revisions',
    commandLine: 'everynode diff node-exporter -n monitoring',
    formats: LOOK,
    picture: CLUSTER,
    code: 1,
  }),
  { file: 'diff/no-two-revisions.txt', commandLine: 'everynode diff ssd-tuner', picture: CLUSTER },
  ...series({
    name: 'endpoints/daemonset',
    commandLine: 'everynode endpoints node-exporter -n monitoring',
    formats: LOOK,
    picture: CLUSTER,
  }),
  { file: 'endpoints/no-service.txt', commandLine: 'everynode endpoints ssd-tuner', picture: CLUSTER },
  ...series({
    name: 'static-pods/duplicates',
    commandLine: 'everynode static-pods -A',
    formats: LOOK,
    picture: CLUSTER,
    code: 1,
  }),
  {
    file: 'static-pods/for-node.txt',
    commandLine: 'everynode static-pods fluentd-elasticsearch -n kube-system --for-node node-5',
    picture: CLUSTER,
  },
  ...series({
    name: 'plan/update',
    commandLine: 'everynode plan -f fluentd-next.yaml',
    formats: LOOK,
    picture: CLUSTER,
  }),
  ...series({
    name: 'plan/create',
    commandLine: 'everynode plan -f gpu-agent.yaml',
    formats: LOOK,
    picture: CLUSTER,
    code: 1,
  }),
];

/** What one sees where there is nothing to see, or where it may not be seen. */
const otherwise: readonly Case[] = [
  'audit',
  'doctor',
  'status -A',
  'explain -A',
  'static-pods -A',
  'history agent',
].flatMap((command) => {
  const [name = ''] = command.split(' ');
  return [
    { file: `${name}/empty-cluster.txt`, commandLine: `everynode ${command}`, picture: EMPTY },
    {
      file: `${name}/forbidden.txt`,
      commandLine: `everynode ${command.replace('agent', 'ssd-tuner')}`,
      picture: BLIND,
    },
  ];
});

const inPart: readonly Case[] = [
  {
    file: 'explain/node-forbidden.txt',
    commandLine: 'everynode explain fluentd-elasticsearch node-4 -n kube-system',
    picture: BLIND,
  },
  {
    file: 'plan/update-forbidden.txt',
    commandLine: 'everynode plan -f fluentd-next.yaml',
    picture: { ...BLIND, dryRuns },
  },
  {
    file: 'plan/create-forbidden.txt',
    commandLine: 'everynode plan -f gpu-agent.yaml',
    picture: { ...BLIND, dryRuns },
  },
  {
    file: 'endpoints/forbidden.txt',
    commandLine: 'everynode endpoints node-exporter -n monitoring',
    picture: BLIND,
  },
  {
    file: 'history/pods-forbidden.txt',
    commandLine: 'everynode history node-exporter -n monitoring',
    picture: { objects, forbidden: ['pods'] },
  },
  {
    file: 'status/nothing-readable.txt',
    commandLine: 'everynode status -A',
    picture: { objects, forbidden: ['daemonsets', 'nodes'] },
  },
];

export const cases: readonly Case[] = [...offline, ...ofCluster, ...otherwise, ...inPart];
