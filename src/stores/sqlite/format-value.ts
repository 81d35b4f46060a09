/** A stored value as MySQL prints it in its messages ("Duplicate entry '1.50-abc' for key ..."). */
import type { ColumnType } from '../column-type.ts';
import type { StoreValue } from '../values.ts';

export function formatValue(type: ColumnType, value: StoreValue): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return formatBytes(value);
  if (typeof value === 'string') return value;
  switch (type.name) {
    case 'decimal':
      return formatScaled(BigInt(value), type.scale ?? 0);
    case 'time':
      return formatTime(BigInt(value), type.scale ?? 0);
    case 'enum':
      return value === 0 ? '' : (type.values?.[Number(value) - 1] ?? '');
    case 'set':
      return (type.values ?? []).filter((_, bit) => (BigInt(value) >> BigInt(bit)) & 1n).join(',');
    case 'year':
      return String(value).padStart(4, '0');
    default:
      return String(value);
  }
}

/** Printable ASCII as it is, the rest as \xNN. */
function formatBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text +=
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function formatScaled(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function formatTime(microseconds: bigint, scale: number): string {
  const sign = microseconds < 0n ? '-' : '';
  const total = microseconds < 0n ? -microseconds : microseconds;
  const seconds = total / 1_000_000n;
  const pad = (part: bigint) => part.toString().padStart(2, '0');
  const fraction = scale === 0 ? '' : `.${(total % 1_000_000n).toString().padStart(6, '0').slice(0, scale)}`;
  return `${sign}${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${fraction}`;
}
