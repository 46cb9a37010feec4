/**
 * Compares the catalogue with the folder and makes what is missing. A key that is there is never touched; a
 * certificate is issued again when it is not what the plan asks for, or, for `renew`, when it is due.
 */
import { join } from 'node:path';
import { KfsError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { StatePaths } from '../state.ts';
import { catalogue } from './catalogue.ts';
import { assertCertifiable } from './certifiable.ts';
import { certifiedKey, isAsPlanned, issue, newStamp, publicHalf, validity } from './certificate.ts';
import { type Certificate, type Copy, type Entry, PARTS, type Part, type Secret } from './entry.ts';
import { create, readIf, replace, tidy } from './files.ts';
import { newKey, newSecret } from './keys.ts';
import { isDue } from './lifetime.ts';
import { makeSshKeys } from './ssh.ts';

export interface Options {
  /** Default: all. */
  parts?: readonly Part[];
  /** Only what belongs to this machine. */
  machine?: string;
  /** Also issue again what has less than a third of its life left. */
  due?: boolean;
  now?: Date;
}

/** A file that was made or changed, and why. Nothing changed: an empty list. */
export interface Change {
  /** Relative to the PKI folder, or absolute when it is elsewhere. */
  file: string;
  why: string;
}

interface Work {
  pki: string;
  due: boolean;
  now: Date;
  changes: Change[];
}

//#region init
export function init(plan: Plan, paths: StatePaths, options: Options = {}): Change[] {
  assertCertifiable(plan);
  const { parts = PARTS, machine, due = false, now = new Date() } = options;
  const work: Work = { pki: paths.pki, due, now, changes: tidy(paths.pki) };
  for (const entry of catalogue(plan)) {
    if (parts.includes(entry.part) && (!machine || entry.machine === machine)) make(work, entry);
  }
  if (parts.includes('ssh')) work.changes.push(...makeSshKeys(plan, paths, machine));
  return work.changes;
}

function make(work: Work, entry: Entry): void {
  if (entry.kind === 'certificate') makeCertificate(work, entry);
  else if (entry.kind === 'copy') makeCopy(work, entry);
  else makeSecret(work, entry);
}
//#endregion

//#region certificate
function makeCertificate(work: Work, entry: Certificate): void {
  const old = readIf(join(work.pki, `${entry.file}.crt`));
  const publicKey = publicKeyOf(work, entry, old);
  const itself = entry.issuer === entry.file;
  const issuer = itself ? undefined : neededFor(work, entry.file, `${entry.issuer}.crt`);
  const why = reasonToIssue(work, entry, old, publicKey, issuer);
  if (!why) return;
  const key = signingKey(work, itself ? (entry.keyOf ?? entry.file) : entry.issuer, entry, why);
  const stamp = newStamp(entry, work.now, issuer);
  write(work, `${entry.file}.crt`, issue(entry, publicKey, { certificate: issuer, key }, stamp), why);
}

function reasonToIssue(
  work: Work,
  entry: Certificate,
  old: string | undefined,
  key: string,
  issuer?: string,
) {
  if (old === undefined) return 'made';
  if (!isAsPlanned(old, entry, key, issuer)) return 'issued again: it was not what the plan asks for';
  const { notBefore, notAfter } = validity(old);
  return work.due && isDue(notBefore, notAfter, work.now) ? 'issued again: its end was near' : undefined;
}
//#endregion

//#region keys
/** Of the entry's own key, which is made if there is none; of its certificate when the key is kept elsewhere. */
function publicKeyOf(work: Work, entry: Certificate, certificate?: string): string {
  const file = `${entry.keyOf ?? entry.file}.key`;
  const there = readIf(join(work.pki, file));
  if (there === undefined && certificate !== undefined && entry.authority) return certifiedKey(certificate);
  if (there === undefined && entry.keyOf)
    return certifiedKey(neededFor(work, entry.file, `${entry.keyOf}.crt`));
  if (there === undefined) {
    create(join(work.pki, file), newKey(entry.bits));
    work.changes.push({ file, why: 'made' });
  }
  const key = neededFor(work, entry.file, file);
  try {
    return publicHalf(key);
  } catch (cause) {
    const next = `restore it from your backup, or delete it to have a new one made: ${join(work.pki, file)}`;
    throw new KfsError('pki-refused', `${file} is not a key that can be read`, { cause, next });
  }
}

function signingKey(work: Work, authority: string, entry: Certificate, why: string): string {
  const key = readIf(join(work.pki, `${authority}.key`));
  if (key !== undefined) return key;
  throw new KfsError(
    'pki-refused',
    `${entry.file}.crt must be ${why}, and ${authority}.key is not here to sign it`,
    {
      next: `bring the key back: kfs pki restore BACKUP --only ${authority}.key`,
    },
  );
}
//#endregion

//#region others
function makeCopy(work: Work, entry: Copy): void {
  const original = neededFor(work, entry.file, entry.from);
  const old = readIf(join(work.pki, entry.file));
  if (old !== original) write(work, entry.file, original, `copied from ${entry.from}`);
}

function makeSecret(work: Work, entry: Secret): void {
  const pair = entry.secret === 'service-account';
  const file = pair ? `${entry.file}.key` : entry.file;
  if (readIf(join(work.pki, file)) === undefined) {
    create(join(work.pki, file), newSecret[entry.secret]());
    work.changes.push({ file, why: 'made' });
  }
  if (!pair) return;
  const half = publicHalf(neededFor(work, entry.file, file));
  if (readIf(join(work.pki, `${entry.file}.pub`)) !== half) write(work, `${entry.file}.pub`, half, 'made');
}

function write(work: Work, file: string, content: string, why: string): void {
  replace(join(work.pki, file), content);
  work.changes.push({ file, why });
}

/** What another entry should have made before. */
function neededFor(work: Work, what: string, file: string): string {
  const text = readIf(join(work.pki, file));
  if (text !== undefined) return text;
  throw new KfsError('pki-refused', `${what} needs ${file}, which is not there`, {
    next: '`kfs pki init` makes everything in the right order; a key kept elsewhere comes back with `kfs pki restore`',
  });
}
//#endregion
