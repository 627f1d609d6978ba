import { useEffect, useState } from 'preact/hooks';
import { hashOf, parseRoute, type Route } from './route.ts';

const CHANGED = 'everynode:route';

/** The route of the address, also after back and forward. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const read = (): void => setRoute(parseRoute(location.hash));
    const events = ['hashchange', 'popstate', CHANGED];
    for (const event of events) addEventListener(event, read);
    return () => {
      for (const event of events) removeEventListener(event, read);
    };
  }, []);
  return route;
}

/** Goes there; `replace` leaves no step to go back to. */
export function goTo(route: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = hashOf(route);
  if (how === 'push') history.pushState({ pushed: true }, '', hash);
  else history.replaceState(history.state, '', hash);
  dispatchEvent(new Event(CHANGED));
}

/** Undoes `goTo(…, 'push')`, or goes to the route where the page began here. */
export function goBackOr(route: Route): void {
  if ((history.state as { pushed?: boolean } | null)?.pushed) history.back();
  else goTo(route, 'replace');
}
