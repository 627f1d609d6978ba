import { type Exchange, FakeApiServer } from './api-server.ts';

/** An object of any kind, as the API server stores it. */
export type PlayedObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
};

export type Picture = {
  readonly objects: readonly PlayedObject[];
  /** What becomes of manifests in a dry run. */
  readonly dryRuns?: readonly PlayedObject[];
  /** Plurals of what may not be read. */
  readonly forbidden?: readonly string[];
};

/** Plays an API server that holds a fixed set of objects. What it was not asked for when this was written, it refuses. */
export async function playCluster(picture: Picture): Promise<FakeApiServer> {
  const server = await FakeApiServer.start();
  server.on('GET /apis/apps/v1', (exchange) => exchange.answer({ kind: 'APIResourceList', resources: [] }));
  server.otherwise((exchange) => answer(exchange, picture));
  return server;
}

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>v[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?$/;

function answer(exchange: Exchange, { objects, dryRuns = [], forbidden = [] }: Picture): void {
  const { group, version, namespace, plural = '', name } = PATH.exec(exchange.path)?.groups ?? {};
  const apiVersion = group === undefined ? version : `${group}/${version}`;
  const isOfPath = (object: PlayedObject): boolean =>
    object.apiVersion === apiVersion &&
    pluralOf(object.kind) === plural &&
    (namespace === undefined || object.metadata.namespace === namespace);
  if (forbidden.includes(plural)) {
    const message = `${plural} is forbidden: User "jane" cannot list resource "${plural}" in API group "${group ?? ''}" at the cluster scope`;
    exchange.refuse(403, { reason: 'Forbidden', message });
  } else if (exchange.query['dryRun'] === 'All') {
    const wanted = name ?? (exchange.json as PlayedObject).metadata.name;
    answerOne(exchange, dryRuns.filter(isOfPath), wanted);
  } else if (exchange.method !== 'GET') {
    exchange.refuse(405, { message: `${exchange.route} is not played` });
  } else if (name === undefined) {
    const items = objects.filter(isOfPath).filter(selected(exchange.query['labelSelector'] ?? ''));
    exchange.answer({ kind: 'List', apiVersion, metadata: { resourceVersion: '1000' }, items });
  } else answerOne(exchange, objects.filter(isOfPath), name);
}

function answerOne(exchange: Exchange, objects: readonly PlayedObject[], name: string): void {
  const found = objects.find(({ metadata }) => metadata.name === name);
  if (found) exchange.answer(found);
  else exchange.refuse(404, { reason: 'NotFound', message: `${exchange.path} not found` });
}

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** Of selectors only `key=value,…`, which is all that is asked. */
function selected(selector: string): (object: PlayedObject) => boolean {
  const pairs = selector
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('='));
  return ({ metadata: { labels = {} } }) => pairs.every(([key = '', value]) => labels[key] === value);
}
