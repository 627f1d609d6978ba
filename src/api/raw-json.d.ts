/** JSON source text access: part of ECMAScript and of Node, not yet of TypeScript's library. */
interface JSON {
  /** A primitive that `JSON.stringify` writes as exactly this text. */
  rawJSON(text: string): { readonly rawJSON: string };
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
}
