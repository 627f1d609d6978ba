import { NODE_ANNOTATION, NODE_NAME_FIELD } from '../../../api/keys.ts';
import { POD_NAMES_NO_NODE, POD_NAMES_TWO_NODES, POD_NOT_PINNED, REQUIRED_PATH } from '../pod-node.ts';
import { SUBDOMAIN } from '../../scheduling/label-syntax.ts';
import { celString, type Floor, type Variable } from './floor.ts';

const BY_NAME = `requirement.key == ${celString(NODE_NAME_FIELD)} && requirement.operator == "In"`;

/**
 * What `chooseNode` and `isPinnedTo` work out, under the same names. Names of nodes hold no comma, so joining and
 * splitting flattens lists of lists also where the API server is too old for `flatten` (before v1.34).
 */
const NODE_CHOICE: readonly Variable[] = [
  { name: 'nodeName', expression: 'object.spec.?nodeName.orValue("")' },
  { name: 'wanted', expression: `object.metadata.?annotations[?${celString(NODE_ANNOTATION)}].orValue("")` },
  {
    // For each term the requirements that name nodes.
    name: 'terms',
    expression:
      'object.spec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms' +
      `.orValue([]).map(term, term.?matchFields.orValue([]).filter(requirement, ${BY_NAME}))`,
  },
  {
    name: 'named',
    expression:
      'variables.terms.map(term, term.map(requirement, requirement.?values.orValue([]).join(",")).join(","))' +
      '.join(",").split(",").filter(name, name != "")',
  },
  {
    name: 'bound',
    expression:
      'variables.nodeName != "" ? variables.nodeName : (size(variables.named) > 0 && ' +
      'variables.named.all(name, name == variables.named[0]) ? variables.named[0] : "")',
  },
  { name: 'node', expression: 'variables.bound != "" ? variables.bound : variables.wanted' },
  {
    name: 'contradicts',
    expression:
      'variables.node != "" && (size(variables.named) > 0 && !(variables.node in variables.named) || ' +
      'variables.bound != "" && variables.wanted != "" && variables.wanted != variables.bound)',
  },
  {
    name: 'isChosen',
    expression:
      'variables.node != "" && (variables.bound != "" || size(variables.node) <= 253 && ' +
      `variables.node.matches(${celString(SUBDOMAIN.source)}))`,
  },
  {
    name: 'isPinned',
    expression:
      'size(variables.terms) > 0 && variables.terms.all(term, ' +
      'term.exists(requirement, size(requirement.values) == 1) && ' +
      'term.all(requirement, variables.node in requirement.values))',
  },
];

const NO_NODE =
  'does not name exactly one node, and a Pod that a DaemonSet controls belongs to exactly one. Set spec.nodeName, ' +
  `or a term with matchFields ${NODE_NAME_FIELD} In [<node>], or the annotation ${NODE_ANNOTATION}`;
const TWO_NODES =
  `, and spec.nodeName, ${REQUIRED_PATH} and the annotation ${NODE_ANNOTATION} contradict each other. Make all that ` +
  'are there name the node that the Pod is for';
const NOT_PINNED =
  ', as the mutating webhook of everynode does: it was not asked, or another webhook undid its work. Try again once ' +
  'it answers';

/** The three are about Pods that a DaemonSet controls. Nothing in the API server knows that each belongs to one node. */
export const podNodeFloors: readonly Floor[] = [
  {
    rule: { id: POD_NAMES_NO_NODE, level: 'deny' },
    on: 'pods',
    operations: ['CREATE'],
    variables: NODE_CHOICE,
    expression: 'variables.contradicts || variables.isChosen',
    path: REQUIRED_PATH,
    messageExpression: celString(NO_NODE),
    message: NO_NODE,
  },
  {
    rule: { id: POD_NAMES_TWO_NODES, level: 'deny' },
    on: 'pods',
    operations: ['CREATE'],
    variables: NODE_CHOICE,
    expression: '!variables.contradicts',
    path: 'spec',
    messageExpression: `"is for node \\"" + variables.node + "\\"" + ${celString(TWO_NODES)}`,
    message: `is for one node${TWO_NODES}`,
  },
  {
    rule: { id: POD_NOT_PINNED, level: 'deny' },
    on: 'pods',
    operations: ['CREATE'],
    variables: NODE_CHOICE,
    // What names no node, or two, breaks one of the rules above.
    expression: 'variables.contradicts || !variables.isChosen || variables.isPinned',
    path: REQUIRED_PATH,
    messageExpression: `"does not bind the Pod to node " + variables.node + ${celString(NOT_PINNED)}`,
    message: `does not bind the Pod to its node${NOT_PINNED}`,
  },
];
