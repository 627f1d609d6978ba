/** Several sources as one, in which their documents stay apart. One alone stays byte for byte what it is. */
export function joinSources(texts: readonly string[]): string {
  const [only, ...others] = texts;
  if (only === undefined || others.length === 0) return only ?? '';
  return texts.reduce((joined, text) => {
    const isApart = /^\uFEFF?(?:---|%)/.test(text) || joined === '';
    const lineBreak = joined === '' || joined.endsWith('\n') ? '' : '\n';
    return joined + lineBreak + (isApart ? '' : '---\n') + text.replace(/^\uFEFF/, '');
  }, '');
}
