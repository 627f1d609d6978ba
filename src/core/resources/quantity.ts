const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/;

const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** So many of the units that quantities are counted in make one. */
export const NANO = 1_000_000_000n;

/**
 * A resource quantity such as `250m`, `1.5Gi` or `1e3`, exactly, in billionths. What is smaller is rounded up, as
 * the API does it. Undefined for what is no quantity.
 *
 * Source: `k8s.io/apimachinery` `resource.ParseQuantity`.
 */
export function parseQuantity(text: string | number): bigint | undefined {
  const [whole, sign = '', integer = '', fraction = '', exponent, suffix = ''] =
    FORM.exec(String(text)) ?? [];
  if (whole === undefined || integer + fraction === '') return undefined;
  const power = exponent === undefined ? (DECIMAL[suffix] ?? 0) : Number(exponent.slice(1));
  if (Math.abs(power) > 30) return undefined;
  const binary = 1024n ** BigInt(BINARY.indexOf(suffix) + 1);
  const digits = BigInt(integer + fraction) * binary;
  const scale = power + 9 - fraction.length;
  const value = scale >= 0 ? digits * 10n ** BigInt(scale) : dividedUp(digits, 10n ** BigInt(-scale));
  return sign === '-' ? -value : value;
}

function dividedUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** As people read it: whole milli-units for cpu, the nearest binary unit for bytes, else a plain number. */
export function formatQuantity(resource: string, nano: bigint): string {
  if (nano < 0n) return `-${formatQuantity(resource, -nano)}`;
  if (resource === 'cpu') {
    const milli = dividedUp(nano, 1_000_000n);
    return milli % 1000n === 0n ? String(milli / 1000n) : `${milli}m`;
  }
  const whole = dividedUp(nano, NANO);
  return isBytes(resource) ? formatBytes(whole) : String(whole);
}

function isBytes(resource: string): boolean {
  return /^(?:memory|ephemeral-storage|hugepages-.*)$/.test(resource);
}

function formatBytes(bytes: bigint): string {
  const at = BINARY.findLastIndex((_, index) => bytes >= 1024n ** BigInt(index + 1));
  if (at < 0) return String(bytes);
  const tenths = dividedUp(bytes * 10n, 1024n ** BigInt(at + 1));
  const rest = tenths % 10n === 0n ? '' : `.${tenths % 10n}`;
  return `${tenths / 10n}${rest}${BINARY[at]}`;
}
