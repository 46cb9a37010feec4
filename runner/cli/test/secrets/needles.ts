/**
 * What to look for if a secret has got out: its bytes, and the texts that programs make of bytes. Whoever prints a key
 * prints hex or base64; a kubeconfig has the base64 of a file that is itself base64, hence the second round.
 * What was compressed or encrypted is not found.
 */

/** Base64 of something longer begins anywhere, and is broken into lines: two windows, of which a break hits one. */
const WINDOW = 16;
/** Less than this is found by chance. */
const SHORTEST = 8;

export interface Secret {
  /** Where it came from, for the message. */
  name: string;
  bytes: Buffer;
}

/** Every text in which these bytes may appear. */
export function textsOf(bytes: Buffer): string[] {
  const first = formsOf(bytes);
  const second = first.flatMap(text => base64Windows(Buffer.from(text)));
  return [...new Set([...first, ...second])].filter(text => text.length >= SHORTEST);
}

function formsOf(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  const printable = /^[\x21-\x7e]+$/.test(bytes.toString('latin1')) ? [bytes.toString('latin1')] : [];
  return [...printable, hex, hex.toUpperCase(), ...withColons(hex), ...base64Windows(bytes)];
}

/** As openssl prints it, fifteen bytes a line. */
function withColons(hex: string): string[] {
  const pairs = hex.match(/../g) ?? [];
  return [pairs.slice(0, 7), pairs.slice(7, 14)]
    .filter(part => part.length === 7)
    .map(part => part.join(':'));
}

function base64Windows(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap(before => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const text = padded.toString('base64').replace(/=+$/, '');
    // The first and the last characters mix with what stands beside it.
    const certain = text.slice(before === 0 ? 0 : before + 1, Math.floor((padded.length * 8) / 6));
    const windows =
      certain.length <= 2 * WINDOW ? [certain] : [certain.slice(0, WINDOW), certain.slice(-WINDOW)];
    return windows.flatMap(window => [window, window.replaceAll('+', '-').replaceAll('/', '_')]);
  });
}
