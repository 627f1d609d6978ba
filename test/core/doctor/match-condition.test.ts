import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAEMON_PODS } from '../../../src/core/admission/cel/match-conditions.ts';
import { type Attributes, heartbeats, podRequests } from '../../../src/core/doctor/admission-attributes.ts';
import { evaluateCondition } from '../../../src/core/doctor/match-condition.ts';
import { maker, namespaces } from './cluster.ts';

const CLUSTER = namespaces({});
const [POD] = podRequests(maker(), CLUSTER) as [Attributes];
const [LEASE] = heartbeats(CLUSTER) as [Attributes];

describe('a matchCondition', () => {
  it.each<[string, boolean]>([
    ['true', true],
    ['!true', false],
    ['request.namespace == "monitoring"', true],
    ["request.namespace != 'monitoring'", false],
    ['object.metadata.namespace in ["kube-system", "monitoring"]', true],
    ['!(request.namespace in ["kube-system", "monitoring"])', false],
    ['request.operation == "CREATE" && request.resource.resource == "pods"', true],
    ['request.kind.kind == "Job" || request.kind.kind == "Pod"', true],
    ['request.subResource == ""', true],
    ['(request.resource.group) == ""', true],
    // The examples of the documentation of Kubernetes.
    ['!(request.resource.group == "coordination.k8s.io" && request.resource.resource == "leases")', true],
    ['!("system:nodes" in request.userInfo.groups)', true],
    ['request.resource.group != "rbac.authorization.k8s.io"', true],
    // What is not known decides nothing where the rest does.
    ['request.userInfo.username == "x" || request.namespace == "monitoring"', true],
    ['request.userInfo.username == "x" && request.namespace == "default"', false],
    ['request.namespace in [request.name, "monitoring"]', true],
  ])('%s is %j of a daemon Pod', (expression, expected) => {
    expect(evaluateCondition(expression, POD)).toBe(expected);
  });

  it('tells the heartbeats of nodes from other requests', () => {
    expect(evaluateCondition('!("system:nodes" in request.userInfo.groups)', LEASE)).toBe(false);
    expect(
      evaluateCondition(
        '!(request.resource.group == "coordination.k8s.io" && request.resource.resource == "leases")',
        LEASE,
      ),
    ).toBe(false);
  });

  it.each([
    'request.userInfo.username == "system:admin"',
    '!request.dryRun',
    'object.spec.hostNetwork',
    'has(object.metadata.labels)',
    'object.spec.containers.all(c, c.image != "")',
    'request.namespace.startsWith("kube-")',
    'authorizer.group("").resource("pods").check("create").allowed()',
    'size(object.spec.containers) > 1',
    'request.namespace == "mon\\u0069toring"',
    'request.namespace == r"monitoring"',
    'object.metadata.labels["app"] == "x"',
    'request.namespace == "a" ? true : true',
    'request.namespace',
    'request.namespace ==',
    '(true',
    'true true',
    '"unclosed',
    '',
  ])('%s is left open', (expression) => {
    expect(evaluateCondition(expression, POD)).toBeUndefined();
  });

  it('of everynode is known', () => {
    const [controlled, notMirror] = DAEMON_PODS.map(({ expression }) => expression) as [string, string];
    expect(evaluateCondition(controlled, POD)).toBe(true);
    expect(evaluateCondition(notMirror, POD)).toBe(true);
    const [deployed] = podRequests(maker({ kind: 'Deployment' }), CLUSTER) as [Attributes];
    expect(evaluateCondition(controlled, deployed)).toBe(false);
    const [mirror] = podRequests(maker({ isStatic: true }), CLUSTER) as [Attributes];
    expect(evaluateCondition(notMirror, mirror)).toBe(false);
  });
});

type Node =
  | { readonly is: 'fact'; readonly text: string; readonly value: boolean }
  | { readonly is: 'unknown'; readonly at: number }
  | { readonly is: 'not'; readonly of: Node }
  | { readonly is: 'and' | 'or'; readonly left: Node; readonly right: Node };

const facts = fc.constantFrom<Node>(
  { is: 'fact', text: 'request.namespace == "monitoring"', value: true },
  { is: 'fact', text: 'request.namespace != "monitoring"', value: false },
  { is: 'fact', text: '"b" in ["a", "b"]', value: true },
  { is: 'fact', text: 'false', value: false },
);
const { node: nodes } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium' },
    facts,
    fc.nat(2).map((at): Node => ({ is: 'unknown', at })),
    tie('node').map((of): Node => ({ is: 'not', of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), tie('node'), tie('node'))
      .map(([is, left, right]): Node => ({ is, left, right })),
  ),
}));

function print(node: Node): string {
  switch (node.is) {
    case 'fact':
      return node.text;
    case 'unknown':
      return `object.spec.flag${node.at}`;
    case 'not':
      return `!(${print(node.of)})`;
    case 'and':
      return `(${print(node.left)}) && (${print(node.right)})`;
    case 'or':
      return `(${print(node.left)}) || (${print(node.right)})`;
  }
}

function evaluate(node: Node, flags: readonly boolean[]): boolean {
  switch (node.is) {
    case 'fact':
      return node.value;
    case 'unknown':
      return flags[node.at] === true;
    case 'not':
      return !evaluate(node.of, flags);
    case 'and':
      return evaluate(node.left, flags) && evaluate(node.right, flags);
    case 'or':
      return evaluate(node.left, flags) || evaluate(node.right, flags);
  }
}

describe('an answer about a matchCondition', () => {
  it('is right whatever the fields are that it does not know', () => {
    fc.assert(
      fc.property(nodes, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (node, flags) => {
        const answer = evaluateCondition(print(node), POD);
        if (answer !== undefined) expect(answer).toBe(evaluate(node, flags));
      }),
    );
  });

  it('is never an exception, whatever the text', () => {
    const pieces = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      ',',
      '!',
      '&&',
      '||',
      '==',
      'in',
      'true',
      '"a"',
      'x.y',
      "'",
      '\\',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces), (texts) => {
        expect([true, false, undefined]).toContain(evaluateCondition(texts.join(''), POD));
      }),
    );
  });
});
