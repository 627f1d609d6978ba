import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { type Picture, playCluster, type PlayedObject } from '../fakes/played-cluster.ts';

/** The moment of all golden output: an hour and a half after the picture of the cluster was taken. */
export const MOMENT = new Date('2026-11-21T18:00:00Z');

/** The address that stands in golden output for that of the played API server, whose port is another each time. */
const SERVER = 'https://cluster.example:6443';

export type Session = { readonly out: string; readonly err: string; readonly code: number };

/** Runs a command line as `everynode ARGS`, against the picture of a cluster where there is one. */
export async function session(commandLine: string, picture?: Picture): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), 'everynode-golden-'));
  const server = picture && (await playCluster(picture));
  try {
    const kubeconfig = join(folder, 'config');
    if (server) await writeFile(kubeconfig, kubeconfigFor(server.url));
    const terminal = recordingTerminal({ KUBECONFIG: kubeconfig });
    const code = await runProgram(commandLine.split(' ').slice(1), terminal);
    const shown = (text: string): string => (server ? text.replaceAll(server.url, SERVER) : text);
    return { out: shown(terminal.stdout.text), err: shown(terminal.stderr.text), code };
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A kubeconfig for a played API server. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'golden',
    contexts: [{ name: 'golden', context: { cluster: 'golden', user: 'jane' } }],
    clusters: [{ name: 'golden', cluster: { server } }],
    users: [{ name: 'jane', user: { token: 'secret' } }],
  });
}

/** What a person sees: what was typed, what was printed, and how it ended where that was not well. */
export function transcript(commandLine: string, { out, err, code }: Session): string {
  return [
    `$ ${commandLine}\n`,
    out,
    err === '' ? '' : `--- on stderr:\n${err}`,
    code === 0 ? '' : `--- exit code ${code}\n`,
  ].join('');
}

/** All documents of a YAML file in this folder, as objects of an API server. */
export function readObjects(file: string): readonly PlayedObject[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as PlayedObject);
}
