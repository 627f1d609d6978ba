/**
 * A signal that is aborted by the first SIGINT or SIGTERM, with the name as its reason. A second one ends the
 * process at once.
 */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL');
    controller.abort(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
