import { surgeHostPort } from '../rules/surge-host-port.ts';
import { celString, type Floor } from './floor.ts';

const SAYS =
  ' of the node, which the old pod holds: with maxSurge the new one never starts. Set maxSurge: 0, maxUnavailable: 1';

/** The API server takes it (kubernetes#106417), so this warning is one that nobody else gives. */
export const surgeHostPortFloor: Floor = {
  rule: surgeHostPort,
  on: 'daemonsets',
  operations: ['CREATE', 'UPDATE'],
  variables: [
    {
      name: 'surges',
      expression:
        'object.spec.?updateStrategy.?type.orValue("RollingUpdate") == "RollingUpdate" && ' +
        '[object.spec.?updateStrategy.?rollingUpdate.?maxSurge.orValue(0)].all(limit, ' +
        'type(limit) == string ? !string(limit).matches("^0*%$") : limit != 0)',
    },
    {
      name: 'sharesNetwork',
      expression: 'object.spec.template.spec.?hostNetwork.orValue(false)',
    },
    {
      // Init containers that keep running hold their ports beside the others.
      name: 'containers',
      expression:
        'object.spec.template.spec.containers + object.spec.template.spec.?initContainers.orValue([])' +
        '.filter(container, container.?restartPolicy.orValue("") == "Always")',
    },
    {
      // For each container the ports that it takes of the node; containers without any left out.
      name: 'hostPorts',
      expression:
        'variables.containers.map(container, container.?ports.orValue([])' +
        '.map(port, port.?hostPort.orValue(0) > 0 ? port.hostPort : ' +
        '(variables.sharesNetwork ? port.?containerPort.orValue(0) : 0))' +
        '.filter(number, number > 0)).filter(numbers, size(numbers) > 0)',
    },
  ],
  expression: '!variables.surges || size(variables.hostPorts) == 0',
  path: 'spec.template.spec.containers',
  messageExpression: `"takes port " + string(variables.hostPorts[0][0]) + ${celString(SAYS)}`,
  message: `takes a port${SAYS}`,
};
