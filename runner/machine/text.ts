/** How values and bytes are written for the supervisor's shell. Pure. */

const NAME = /^[A-Z_][A-Z0-9_]*$/;

/** A shell word that stands for exactly this text. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `export NAME='value'` lines, in order. */
export function exportLines(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new TypeError(`not a variable's name: ${name}`);
      if (value.includes('\0')) throw new TypeError(`a variable cannot hold a NUL byte: ${name}`);
      return `export ${name}=${quote(value)}\n`;
    })
    .join('');
}

/** Bytes in a line of input; longer input becomes several lines. */
const INPUT_BYTES = 4096;

/** Any bytes as lines of `\0ooo` escapes for `printf %b`. */
export function escapeInput(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
    const piece = bytes.subarray(at, at + INPUT_BYTES);
    lines.push(Array.from(piece, byte => `\\0${byte.toString(8).padStart(3, '0')}`).join(''));
  }
  return lines;
}
