/** Keys and other random things, all from Node's own generator, which is the kernel's. */
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import type { Secret } from './entry.ts';

/** PEM of a new RSA key, unencrypted (PKCS #8): the program that uses it starts with nobody there to type. */
export function newKey(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

//#region secrets
/** What the secret's file holds. */
export const newSecret: Record<Secret['secret'], () => string> = {
  'service-account': () => newKey(3072),
  encryption: () => encryptionConfig(randomBytes(32).toString('base64')),
  'bootstrap-token': () => `${letters(6)}.${letters(16)}\n`,
};

/** The first provider encrypts what is written; all of them are tried on what is read. */
const encryptionConfig = (key: string): string => `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox:
          keys:
            - name: key1
              secret: ${key}
`;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

const letters = (count: number): string =>
  Array.from({ length: count }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
//#endregion
