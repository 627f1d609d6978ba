import { DAEMON_PODS } from '../admission/cel/match-conditions.ts';
import type { Attributes } from './admission-attributes.ts';

/** What an expression is worth: undefined where that cannot be told without the object and the API server. */
type Value = string | boolean | readonly Value[] | undefined;

/** Our own conditions, which say more than the grammar below. */
const OURS: ReadonlyMap<string, (request: Attributes) => boolean | undefined> = new Map([
  [
    DAEMON_PODS[0]?.expression ?? '',
    ({ controller, kind }) => (kind === 'Pod' ? controller === 'DaemonSet' : undefined),
  ],
  [DAEMON_PODS[1]?.expression ?? '', ({ byKubelet, kind }) => (kind === 'Pod' ? !byKubelet : undefined)],
]);

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_][\w.]*)|(&&|\|\||==|!=|[!()[\],]))/y;

/**
 * Whether a matchCondition holds for a request, in so far as that follows from what is known of it; else
 * undefined. Understands strings, lists, the fields below, `==`, `!=`, `in`, `!`, `&&` and `||`, which is what
 * the usual exemptions are made of; anything else is unknown, and what hangs on it.
 */
export function evaluateCondition(expression: string, request: Attributes): boolean | undefined {
  const ours = OURS.get(expression);
  if (ours) return ours(request);
  const tokens = tokenize(expression);
  if (tokens === undefined) return undefined;
  try {
    const parser = new Parser(tokens, fieldsOf(request), request.byKubelet);
    const value = parser.or();
    return parser.isAtEnd && typeof value === 'boolean' ? value : undefined;
  } catch (error) {
    if (error instanceof UnknownSyntax) return undefined;
    throw error;
  }
}

function fieldsOf(request: Attributes): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['true', true],
    ['false', false],
    ['request.operation', request.operation],
    ['request.namespace', request.namespace],
    ['request.subResource', request.subresource],
    ['request.resource.group', request.group],
    ['request.resource.version', request.version],
    ['request.resource.resource', request.resource],
    ['request.kind.group', request.group],
    ['request.kind.version', request.version],
    ['request.kind.kind', request.kind],
    ...(request.namespace === ''
      ? []
      : ([
          ['object.metadata.namespace', request.namespace],
          ['namespaceObject.metadata.name', request.namespace],
        ] as const)),
  ]);
}

/** The whole text as tokens; undefined where it holds something else. */
function tokenize(text: string): readonly string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let end = 0; text.slice(end).trim() !== ''; end = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    tokens.push(match[0].trim());
  }
  return tokens;
}

class UnknownSyntax extends Error {
  override readonly name = 'UnknownSyntax';
}

/** Evaluates while it reads, in Kleene's logic: what is unknown stays so unless the rest decides. */
class Parser {
  readonly #tokens: readonly string[];
  readonly #fields: ReadonlyMap<string, Value>;
  readonly #byKubelet: boolean;
  #at = 0;

  constructor(tokens: readonly string[], fields: ReadonlyMap<string, Value>, byKubelet: boolean) {
    this.#tokens = tokens;
    this.#fields = fields;
    this.#byKubelet = byKubelet;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  or(): Value {
    let value = this.#and();
    while (this.#take('||')) {
      const other = this.#and();
      if (value === true || other === true) value = true;
      else value = value === false && other === false ? false : undefined;
    }
    return value;
  }

  #and(): Value {
    let value = this.#relation();
    while (this.#take('&&')) {
      const other = this.#relation();
      if (value === false || other === false) value = false;
      else value = value === true && other === true ? true : undefined;
    }
    return value;
  }

  #relation(): Value {
    const from = this.#at;
    const left = this.#unary();
    if (this.#take('==')) return equal(left, this.#unary());
    if (this.#take('!=')) return not(equal(left, this.#unary()));
    if (!this.#take('in')) return left;
    const field = this.#tokens[this.#at];
    const right = this.#unary();
    // Controllers are not in the group of the nodes.
    const isNodes = /^["']system:nodes["']$/.test(this.#tokens[from] ?? '');
    if (isNodes && field === 'request.userInfo.groups') return this.#byKubelet;
    return isList(right) ? contains(right, left) : undefined;
  }

  #unary(): Value {
    if (this.#take('!')) return not(this.#unary());
    if (this.#take('(')) {
      const value = this.or();
      this.#expect(')');
      return value;
    }
    if (this.#take('[')) return this.#list();
    const token = this.#tokens[this.#at++] ?? '';
    if (/^["']/.test(token)) return textOf(token);
    if (!/^[A-Za-z_]/.test(token) || this.#tokens[this.#at] === '(' || this.#tokens[this.#at] === '[') {
      throw new UnknownSyntax();
    }
    return this.#fields.get(token);
  }

  #list(): Value {
    const values: Value[] = [];
    while (!this.#take(']')) {
      if (values.length > 0) this.#expect(',');
      values.push(this.or());
    }
    return values;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new UnknownSyntax();
  }
}

function textOf(literal: string): Value {
  const inner = literal.slice(1, -1);
  return inner.includes('\\') ? undefined : inner;
}

function not(value: Value): Value {
  return typeof value === 'boolean' ? !value : undefined;
}

function equal(a: Value, b: Value): Value {
  if (a === undefined || b === undefined || isList(a) || isList(b)) return undefined;
  return a === b;
}

function contains(list: readonly Value[], value: Value): Value {
  const answers = list.map((entry) => equal(entry, value));
  if (answers.includes(true)) return true;
  return answers.every((answer) => answer === false) ? false : undefined;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
