const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Characters that XML 1.0 cannot hold, not even as references, and halves of surrogate pairs. */
const UNFIT =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text for the content and the attributes of XML and HTML. */
export function escapeXml(text: string): string {
  return text.replaceAll(UNFIT, '\ufffd').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
