import { describe, expect, it } from 'vitest';
import type { PodTemplate } from '../../../src/api/pod.ts';
import { dataDigest, revisionData, storedDataDigest } from '../../../src/core/history/revision-data.ts';
import { parseJson } from '../../../src/kube/json.ts';

const DEFAULTS = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};
const CONTAINER = {
  name: 'app',
  image: 'pause:3.10',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
};

const TEMPLATE_A: PodTemplate = {
  metadata: { labels: { app: 'demo' } },
  spec: { containers: [CONTAINER], ...DEFAULTS },
};
const PATCH_A =
  '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"demo"}},"spec":{"containers":[{"image":"pause:3.10","imagePullPolicy":"IfNotPresent","name":"app","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}';

const TEMPLATE_B: PodTemplate = {
  metadata: { labels: { b: '2', a: '1' }, annotations: { k: 'v' } },
  spec: {
    containers: [
      {
        ...CONTAINER,
        env: [{ name: 'E', value: '1' }],
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        resources: { requests: { memory: '64Mi', cpu: '100m' } },
      },
    ],
    nodeSelector: { z: '1', y: '2' },
    tolerations: [{ operator: 'Exists' }],
    hostNetwork: true,
    ...DEFAULTS,
  },
};
const PATCH_B =
  '{"spec":{"template":{"$patch":"replace","metadata":{"annotations":{"k":"v"},"labels":{"a":"1","b":"2"}},"spec":{"containers":[{"env":[{"name":"E","value":"1"}],"image":"pause:3.10","imagePullPolicy":"IfNotPresent","name":"app","ports":[{"containerPort":8080,"protocol":"TCP"}],"resources":{"requests":{"cpu":"100m","memory":"64Mi"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","hostNetwork":true,"nodeSelector":{"y":"2","z":"1"},"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30,"tolerations":[{"operator":"Exists"}]}}}}';

describe('§5.10 golden patches, byte for byte', () => {
  it('A', () => {
    expect(revisionData(TEMPLATE_A)).toBe(PATCH_A);
  });

  it('A with args that Go escapes', () => {
    const containers = [{ ...CONTAINER, args: ['<a>&b', 'é\u2028x'] }];
    expect(revisionData({ ...TEMPLATE_A, spec: { ...TEMPLATE_A.spec, containers } })).toBe(
      PATCH_A.replace('"containers":[{', '"containers":[{"args":["\\u003ca\\u003e\\u0026b","é\\u2028x"],'),
    );
  });

  it('B', () => {
    expect(revisionData(TEMPLATE_B)).toBe(PATCH_B);
  });

  it('keeps integers of the template, digit for digit', () => {
    const text = '{"metadata":{},"spec":{"big":9223372036854775807}}';
    expect(revisionData(parseJson(text) as PodTemplate)).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{},"spec":{"big":9223372036854775807}}}}',
    );
  });

  it('leaves out creationTimestamp null, as servers since 1.34 do', () => {
    const withNull = { ...TEMPLATE_A, metadata: { ...TEMPLATE_A.metadata, creationTimestamp: null } };
    expect(revisionData(withNull)).toBe(PATCH_A);
  });

  it('does not write to the template', () => {
    const template = structuredClone(TEMPLATE_A);
    revisionData(template);
    expect(template).toEqual(TEMPLATE_A);
  });
});

function withScratchVolume(metadata: object): PodTemplate {
  const volumeClaimTemplate = { metadata, spec: { accessModes: ['ReadWriteOnce'] } };
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }];
  return { ...TEMPLATE_A, spec: { ...TEMPLATE_A.spec, volumes } };
}

describe('§5.8 revisions match by their data', () => {
  const wanted = dataDigest(revisionData(TEMPLATE_A));

  it('in whatever order the reader returns the keys', () => {
    const shuffled = parseJson(
      '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":30,"securityContext":{},"schedulerName":"default-scheduler","restartPolicy":"Always","dnsPolicy":"ClusterFirst","containers":[{"terminationMessagePolicy":"File","terminationMessagePath":"/dev/termination-log","resources":{},"name":"app","imagePullPolicy":"IfNotPresent","image":"pause:3.10"}]},"metadata":{"labels":{"app":"demo"}},"$patch":"replace"}}}',
    );
    expect(storedDataDigest(shuffled)).toBe(wanted);
  });

  it('whether the stored text was escaped or not', () => {
    const template = { metadata: { annotations: { a: '<&>' } } };
    const unescaped = parseJson(
      '{"spec":{"template":{"$patch":"replace","metadata":{"annotations":{"a":"<&>"}}}}}',
    );
    expect(storedDataDigest(unescaped)).toBe(dataDigest(revisionData(template)));
  });

  it('when a server before 1.34 wrote creationTimestamp null', () => {
    const old = PATCH_A.replace('"metadata":{', '"metadata":{"creationTimestamp":null,');
    expect(storedDataDigest(parseJson(old))).toBe(wanted);
  });

  it('when a server before 1.34 wrote creationTimestamp null into a volume claim template', () => {
    const old = {
      spec: { template: { ...withScratchVolume({ creationTimestamp: null }), $patch: 'replace' } },
    };
    expect(storedDataDigest(old)).toBe(dataDigest(revisionData(withScratchVolume({}))));
  });

  const different: Record<string, PodTemplate> = {
    'another image': {
      ...TEMPLATE_A,
      spec: { ...TEMPLATE_A.spec, containers: [{ ...CONTAINER, image: 'pause:3.11' }] },
    },
    'another label': { ...TEMPLATE_A, metadata: { labels: { app: 'other' } } },
    'an annotation more': { ...TEMPLATE_A, metadata: { ...TEMPLATE_A.metadata, annotations: { k: 'v' } } },
    'a field more': { ...TEMPLATE_A, spec: { ...TEMPLATE_A.spec, hostNetwork: true } },
    'a number for a string': {
      ...TEMPLATE_A,
      spec: { ...TEMPLATE_A.spec, terminationGracePeriodSeconds: '30' },
    },
  };
  it.each(Object.entries(different))('but not with %s', (_, template) => {
    expect(dataDigest(revisionData(template))).not.toBe(wanted);
  });

  it.each([undefined, null, {}, { spec: null }, { spec: { template: null } }, 'text', [1]])(
    'data that hold no template match nothing: %j',
    (data) => {
      expect(storedDataDigest(data)).not.toBe(wanted);
      expect(storedDataDigest(data)).not.toBe(dataDigest(revisionData({})));
    },
  );

  it('tells integers apart that a double cannot', () => {
    const [a, b] = ['9007199254740993', '9007199254740992'].map((digits) =>
      storedDataDigest(parseJson(`{"spec":{"template":{"$patch":"replace","n":${digits}}}}`)),
    );
    expect(a).not.toBe(b);
  });
});
