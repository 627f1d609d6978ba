/** As `engines` of package.json has it. */
export const OLDEST_NODE = 24;

/** What is said of a Node.js that is too old, with a line break; undefined for any other. */
export function unsupportedNode(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return undefined;
  return `everynode: needs Node.js ${OLDEST_NODE} or newer, and this is ${version}; with the one that npm ci brings: npm run everynode -- COMMAND\n`;
}
