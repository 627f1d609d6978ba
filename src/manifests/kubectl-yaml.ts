import type { ScalarTag, Tags } from 'yaml';

/** Without what kubectl's reader leaves as text: dates, and numbers in base 60. Its numbers are those of Go. */
const asKubectl = (tags: Tags): Tags => [
  ...tags.flatMap((tag) => {
    if (typeof tag === 'string' || tag.tag === TIMESTAMP || isFiniteNumber(tag)) return [];
    return tag.tag === MERGE ? [overriding(tag as ScalarTag)] : [tag];
  }),
  integer,
  float,
];

/** How to read YAML as kubectl does: version 1.1, as its reader in Go has it. */
export const KUBECTL_YAML = { version: '1.1', customTags: asKubectl } as const;

/** How to write YAML for it; what others who read that version would take for a date is in quotes as well. */
export const YAML_FOR_KUBECTL = { ...KUBECTL_YAML, compat: 'yaml-1.1' } as const;

const TIMESTAMP = 'tag:yaml.org,2002:timestamp';
const MERGE = 'tag:yaml.org,2002:merge';
const INTEGER = 'tag:yaml.org,2002:int';
const FLOAT = 'tag:yaml.org,2002:float';

const integer: ScalarTag = {
  tag: INTEGER,
  default: true,
  identify: (value) => Number.isInteger(value),
  test: /^[-+]?(?:0[xX]_*[\da-fA-F][\da-fA-F_]*|0[bB]_*[01][01_]*|0[oO]_*[0-7][0-7_]*|0[0-7_]*|[1-9][\d_]*)$/,
  resolve(text) {
    const [, sign, digits = ''] = /^([-+]?)(.*)$/.exec(text.replaceAll('_', '')) ?? [];
    const number = Number(digits.replace(/^0(?=\d)/, '0o'));
    return sign === '-' ? -number : number;
  },
  stringify: ({ value }) => String(value),
};

const float: ScalarTag = {
  tag: FLOAT,
  default: true,
  identify: (value) => typeof value === 'number',
  test: /^[-+]?(?:\.\d+|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?_*\d[\d_]*)?$/,
  resolve(text) {
    const number = Number(text.replaceAll('_', ''));
    // Such as the abbreviated commit 12e4567.
    return Number.isFinite(number) ? number : text;
  },
  stringify: ({ value }) => String(value),
};

/** All but the tag of .inf and .nan. */
function isFiniteNumber({ tag, test }: Exclude<Tags[number], string> & { readonly test?: RegExp }): boolean {
  return (tag === INTEGER || tag === FLOAT) && test?.test('.inf') !== true;
}

type Merge = (context: unknown, map: object, value: unknown) => void;

/** What is merged takes the place of fields that stand above the merge key, not only of those that are not there. */
function overriding(merge: ScalarTag): ScalarTag {
  return {
    ...merge,
    resolve(...given) {
      const key = merge.resolve(...given) as { addToJSMap: Merge };
      const { addToJSMap } = key;
      const merged: Merge = (context, map, value) => {
        const fields = {};
        addToJSMap(context, fields, value);
        Object.defineProperties(map, Object.getOwnPropertyDescriptors(fields));
      };
      return Object.assign(key, { addToJSMap: merged });
    },
  };
}
