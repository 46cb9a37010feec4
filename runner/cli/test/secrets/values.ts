/** The real values of a cluster's secrets: those that were made on the workstation, and those made on the machine. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { StatePaths } from '../../../state.ts';
import type { Secret } from './needles.ts';

/** Private parts of a PEM key; nothing for a public one, or for one that is encrypted. */
export function secretsOfPem(name: string, text: string): Secret[] {
  const blocks = text.match(/-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/g) ?? [];
  return blocks.flatMap(pem => {
    const jwk = createPrivateKey(pem).export({ format: 'jwk' });
    const parts = [jwk.d, jwk.p, jwk.q].filter(part => part !== undefined);
    return parts.map(part => ({ name, bytes: Buffer.from(part, 'base64url') }));
  });
}

/** The seed of an Ed25519 key in OpenSSH's own format: it stands before the last copy of the public key. */
export function secretsOfOpenSsh(name: string, text: string, publicLine: string): Secret[] {
  const bytes = Buffer.from(text.replace(/-----.*-----|\s/g, ''), 'base64');
  const publicKey = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64').subarray(-32);
  const at = bytes.lastIndexOf(publicKey);
  if (at < 32) throw new Error(`${name} is no Ed25519 key in OpenSSH's format`);
  return [{ name, bytes: bytes.subarray(at - 32, at) }];
}

/** Ceph's keys: a header of twelve bytes, and the key. `text` is a keyring, or a file with the key alone. */
export function secretsOfCephx(name: string, text: string): Secret[] {
  const keys = text.match(/\bAQ[A-Za-z0-9+/]{36}==/g) ?? [];
  return keys.map(key => ({ name, bytes: Buffer.from(key, 'base64').subarray(12) }));
}

/** What the state directory holds. Throws where a file that must hold a secret holds none that is known. */
export function secretsOfState(paths: StatePaths): Secret[] {
  const files = [paths.pki, join(paths.root, 'ssh')]
    .flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  const passphrase = join(paths.root, 'passphrase');
  return [...files, ...(existsSync(passphrase) ? [passphrase] : [])].flatMap(file =>
    secretsOfFile(relative(paths.root, file), file),
  );
}

function secretsOfFile(name: string, file: string): Secret[] {
  if (/\.(crt|pub)$|known_hosts|\/config$|\/backup\//.test(file)) return [];
  const text = readFileSync(file, 'utf8');
  const secrets = [
    ...secretsOfPem(name, text),
    ...(text.includes('OPENSSH PRIVATE')
      ? secretsOfOpenSsh(name, text, readFileSync(`${file}.pub`, 'utf8'))
      : []),
    ...[...text.matchAll(/^\s+secret: (\S+)$/gm)].map(([, key]) => ({
      name,
      bytes: Buffer.from(key!, 'base64'),
    })),
    ...[...text.matchAll(/^[a-z0-9]{6}\.([a-z0-9]{16})\s*$/g)].map(([, key]) => ({
      name,
      bytes: Buffer.from(key!),
    })),
    ...(name === 'passphrase' ? [{ name, bytes: Buffer.from(text.trim()) }] : []),
  ];
  if (secrets.length === 0) throw new Error(`${name}: what secret does it hold? Teach this file to read it`);
  return secrets;
}

/** Run as root on the machine: prints every file that holds a private key or a key of Ceph. */
export const FILES_WITH_SECRETS = `
grep -rlIE -e 'PRIVATE KEY-----' -e '^[[:space:]]*key = AQ' -e '^AQ[A-Za-z0-9+/]{36}==$' \\
  /etc /usr/local /var/lib/ceph /var/lib/kubelet/pki 2>/dev/null |
while read -r file; do printf '\\n=== %s\\n' "$file"; cat "$file"; done`;

/** What that has printed. */
export function secretsOfMachine(machine: string, printed: string): Secret[] {
  const parts = printed.split(/^=== (.*)\n/m).slice(1);
  const secrets: Secret[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const name = `${machine}:${parts[index]}`;
    const text = parts[index + 1] ?? '';
    secrets.push(...secretsOfPem(name, text), ...secretsOfCephx(name, text));
  }
  return secrets;
}
