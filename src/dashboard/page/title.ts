import { groupTitle } from './matrix/labels.ts';
import type { Route } from './routing/route.ts';

/** Of the browser's tab. */
export function titleOf(route: Route): string {
  const about = aboutOf(route);
  return about === '' ? 'everynode' : `${about} · everynode`;
}

function aboutOf(route: Route): string {
  switch (route.view) {
    case 'overview':
      return '';
    case 'group':
      return groupTitle(route);
    case 'node':
      return route.node;
    case 'daemonSet':
      return route.daemonSet;
    case 'findings':
      return 'Findings';
    case 'unknown':
      return 'Not found';
  }
}
