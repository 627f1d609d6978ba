import { spawn } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ApiCaller } from '../api-call.ts';
import type { Paths } from '../binaries.ts';
import { Component } from '../component.ts';
import type { DataDir } from '../data-dir.ts';
import type { Environment } from '../environment.ts';
import { LocalClusterError, tail } from '../errors.ts';
import { lateNodes, type RawNode } from '../nodes.ts';
import type { NodeProgramName } from '../versions.ts';
import {
  type ConfigurationOptions,
  configurationFiles,
  kubeProxyHealthUrl,
  manifestsFolder,
  nodeArguments,
  type RealNodeSpec,
} from './configuration.ts';
import type { NodeNamespaces } from './namespaces.ts';

export type RealNodeParts = {
  readonly spec: RealNodeSpec;
  readonly namespaces: NodeNamespaces;
  readonly binaries: Paths<NodeProgramName>;
  readonly cniFolder: string;
  /** Archive of the image for `PAUSE_IMAGE`. */
  readonly pauseImage: string;
  readonly dataDir: DataDir;
  readonly env: Environment;
};

export type RealNodeContext = {
  /** URL of the API server. */
  readonly server: string;
  readonly api: ApiCaller;
  readonly onDeath: (error: LocalClusterError) => void;
  readonly ended: AbortSignal;
};

type NodeComponentName = keyof ReturnType<typeof nodeArguments>;

/** A node with a real kubelet, whose pods run in containers on this machine. */
export class RealNode {
  readonly name: string;
  /** A manifest that is put into this folder becomes a static pod. */
  readonly manifestsFolder: string;
  readonly #parts: RealNodeParts;
  readonly #context: RealNodeContext;
  readonly #configuration: ConfigurationOptions;
  readonly #components: readonly Component[];

  constructor(parts: RealNodeParts, context: RealNodeContext) {
    const { dataDir, spec, namespaces, binaries, cniFolder } = parts;
    this.name = spec.name;
    this.manifestsFolder = manifestsFolder(dataDir.path);
    this.#parts = parts;
    this.#context = context;
    const { network } = namespaces;
    this.#configuration = { dataDir: dataDir.path, spec, network, binaries, cniFolder };
    const args = nodeArguments(this.#configuration);
    const component = (name: NodeComponentName, probe: () => Promise<void>): Component =>
      this.#component(name, args[name], probe);
    this.#components = [
      component('containerd', async () => void (await this.#ctr(['version']))),
      component('kubelet', () => this.#assertReady()),
      component('kube-proxy', () => assertHealthy(kubeProxyHealthUrl(network))),
    ];
  }

  /**
   * Starts the node in a cluster whose API server runs, and waits until pods run on it.
   *
   * @throws LocalClusterError with the end of its log when a component dies or does not get ready.
   */
  async start(): Promise<void> {
    await mkdir(this.manifestsFolder, { recursive: true });
    for (const [path, text] of Object.entries(configurationFiles(this.#configuration))) {
      const file = join(this.#parts.dataDir.path, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { mode: 0o600 });
    }
    const [containerd, ...others] = this.#components;
    await containerd?.start();
    await this.loadImage(this.#parts.pauseImage);
    await Promise.all(others.map((component) => component.start()));
  }

  /**
   * Imports the images of an archive (Docker's or OCI's format); pods find them by the names that they have in it.
   *
   * @throws LocalClusterError when containerd refuses it.
   */
  async loadImage(archive: string): Promise<void> {
    await this.#ctr(['images', 'import', '-'], archive);
  }

  /** Ends the node with all that runs on it; what it listened on and was reached by stays until it is closed. */
  async stop(): Promise<void> {
    await Promise.all(this.#components.map((component) => component.stop('SIGKILL')));
    await this.#parts.namespaces.killAll();
  }

  /** Removes what is left of the node, once the API server no longer listens on the link to it. */
  close(): Promise<void> {
    return this.#parts.namespaces.close();
  }

  #component(name: NodeComponentName, args: readonly string[], probe: () => Promise<void>): Component {
    const { namespaces, binaries, dataDir, env } = this.#parts;
    const [binary, ...entering] = namespaces.enter(binaries[name], ...args);
    return new Component({
      name,
      binary,
      args: entering,
      env: { ...env, HOME: dataDir.path },
      logPath: join(dataDir.path, 'logs', `${name}.log`),
      watchdog: dataDir.watchdog,
      probe,
      onDeath: this.#context.onDeath,
      ended: this.#context.ended,
    });
  }

  /** Runs containerd's client, with a file as its input if one is given. */
  async #ctr(args: readonly string[], input?: string): Promise<string> {
    const { namespaces, binaries, env } = this.#parts;
    const file = input === undefined ? undefined : await open(input);
    const [program, ...entering] = namespaces.enter(binaries.ctr, '--namespace=k8s.io', ...args);
    const child = spawn(program, entering, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve);
      child.once('error', reject);
    });
    // It may end before it has read all: then its words tell more than the broken pipe.
    if (file) await pipeline(file.createReadStream(), child.stdin).catch(() => undefined);
    else child.stdin.end();
    if ((await ended) !== 0) throw new LocalClusterError(`ctr ${args.join(' ')} failed:\n${tail(output)}`);
    return output;
  }

  async #assertReady(): Promise<void> {
    const { api, server } = this.#context;
    const node = (await api.call('GET', `${server}/api/v1/nodes/${this.name}`)) as RawNode;
    if (lateNodes([{ name: this.name }], [node]).length > 0) {
      throw new LocalClusterError(`the node ${this.name} is not ready`);
    }
  }
}

async function assertHealthy(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new LocalClusterError(`${url} was answered ${response.status}`);
}
