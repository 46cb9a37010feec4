/**
 * The encrypted backup. Its format is not ours: a PEM file of two blocks, which any OpenSSL from 3.0 on opens
 * without this program. First a private key under the passphrase (PKCS #8, scrypt, AES-256), then a tar
 * archive for that key (CMS AuthEnvelopedData, AES-256-GCM). So the passphrase is asked for once, when the key
 * is made; later backups need only the public half.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { KfsError } from '../errors.ts';
import type { StatePaths } from '../state.ts';
import { create, filesBelow, has, readIf, replace } from './files.ts';
import { newKey } from './keys.ts';
import { run, spawned } from './programs.ts';

/** As few, and a machine could try them all. */
const SHORTEST = 16;

/** Passphrase only when it is needed. */
export type Ask = () => Promise<string>;

//#region backup
/** Writes the whole folder, the SSH keys and the plan; returns what the file's first line says. */
export async function backup(paths: StatePaths, file: string, ask: Ask): Promise<string> {
  if (!has(join(paths.pki, 'root', 'ca.crt'))) {
    throw new KfsError('pki-refused', `there is nothing to save in ${paths.pki}`, {
      next: '`kfs pki init` makes it',
    });
  }
  assertRootIsNotLost(paths, file);
  const { key, recipient } = await backupKey(paths, ask);
  const inside = ['pki', 'ssh/id_ed25519', 'ssh/id_ed25519.pub', 'ssh/known_hosts', 'cluster.yaml'];
  const present = inside.filter(path => has(join(paths.root, path)));
  const archive = await run('tar', ['--create', '--directory', paths.root, ...present]);
  const sealed = await run(
    'openssl',
    [
      ...['cms', '-encrypt', '-binary', '-aes-256-gcm', '-outform', 'PEM', '-recip', recipient],
      ...['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
    ],
    { input: archive },
  );
  const title = titleOf(paths, archive.length);
  replace(resolve(file), `${title}\n${HOW_TO_OPEN}\n${key}${sealed}`);
  return title;
}

const WITH_ROOT = 'with the key of the root';
const HOW_TO_OPEN = 'To open it: openssl cms -decrypt -inform PEM -in FILE -inkey FILE -out all.tar';

function titleOf({ pki }: StatePaths, bytes: number): string {
  const root = has(join(pki, 'root', 'ca.key')) ? WITH_ROOT : 'without the key of the root';
  return `Roots of trust, saved ${new Date().toISOString()}, ${bytes} bytes, ${root}`;
}

/** A later backup, made when the root is offline, must not take the place of the one that holds its key. */
function assertRootIsNotLost({ pki }: StatePaths, file: string): void {
  if (has(join(pki, 'root', 'ca.key')) || !readIf(file)?.split('\n')[0]?.endsWith(WITH_ROOT)) return;
  throw new KfsError('pki-refused', `${file} holds the key of the root, and what would replace it does not`, {
    next: 'give the new backup another name, and keep both',
  });
}

async function backupKey(paths: StatePaths, ask: Ask): Promise<{ key: string; recipient: string }> {
  const keyFile = join(paths.pki, 'backup', 'key.pem');
  const recipient = join(paths.pki, 'backup', 'recipient.pem');
  if (!has(keyFile) || !has(recipient)) {
    const passphrase = await ask();
    if (passphrase.length < SHORTEST) {
      const next = `use ${SHORTEST} characters or more, or let a program draw them: openssl rand -base64 24`;
      throw new KfsError(
        'pki-refused',
        'the passphrase is too short: whoever has the file can try at leisure',
        { next },
      );
    }
    replace(keyFile, await lock(newKey(3072), passphrase));
    const about = ['-subj', '/CN=backup of the roots of trust', '-days', '36500', '-passin', 'fd:3'];
    const made = await run('openssl', ['req', '-x509', '-new', '-key', keyFile, ...about], { passphrase });
    replace(recipient, made.toString());
  }
  return { key: readFileSync(keyFile, 'utf8'), recipient };
}

/** 16 MiB and five rounds for each guess. */
async function lock(key: string, passphrase: string): Promise<string> {
  const scrypt = ['-scrypt', '-scrypt_N', '16384', '-scrypt_r', '8', '-scrypt_p', '5'];
  const args = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...scrypt, '-passout', 'fd:3'];
  return (await run('openssl', args, { input: key, passphrase })).toString();
}
//#endregion

//#region restore
/** Puts everything back into an empty place, or only the named files of the PKI folder. Returns what it wrote. */
export async function restore(paths: StatePaths, file: string, only: string[], ask: Ask): Promise<string[]> {
  if (!existsSync(file)) throw new KfsError('usage', `there is no file ${file}`);
  if (only.length === 0 && filesBelow(paths.pki).length > 0) {
    const next = `move ${paths.pki} away first, or name the files you want with --only`;
    throw new KfsError('pki-refused', `there are keys in ${paths.pki} already`, { next });
  }
  const archive = await open(file, await ask());
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(paths.root)) {
    if (name.startsWith('.restore-')) rmSync(join(paths.root, name), { recursive: true });
  }
  const draft = mkdtempSync(join(paths.root, '.restore-'));
  try {
    await run('tar', ['--extract', '--no-same-owner', '--directory', draft], { input: archive });
    return only.length > 0 ? some(draft, paths, only) : all(draft, paths);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function all(draft: string, paths: StatePaths): string[] {
  const others = filesBelow(draft).filter(path => !path.startsWith('pki/'));
  const written = filesBelow(join(draft, 'pki')).map(path => join('pki', path));
  mkdirSync(dirname(paths.pki), { recursive: true, mode: 0o700 });
  rmSync(paths.pki, { recursive: true, force: true });
  renameSync(join(draft, 'pki'), paths.pki);
  for (const path of others.filter(path => !has(join(paths.root, path)))) {
    create(join(paths.root, path), readFileSync(join(draft, path), 'utf8'));
    written.push(path);
  }
  return written;
}

function some(draft: string, paths: StatePaths, only: string[]): string[] {
  const contents = only.map(path => [path, readIf(join(draft, 'pki', path))] as const);
  for (const [path, content] of contents) {
    const there = readIf(join(paths.pki, path));
    const problem =
      content === undefined
        ? 'is not in the backup'
        : there !== undefined && there !== content && 'is there already, and differs';
    const next =
      content === undefined
        ? 'name it as it is below the PKI folder; the first line of a backup says whether it holds the key of the root'
        : 'move it away first';
    if (problem) throw new KfsError('pki-refused', `${path} ${problem}`, { next });
  }
  for (const [path, content] of contents) replace(join(paths.pki, path), content!);
  return only.map(path => join('pki', path));
}

/** The archive, or a refusal that says which of the two is wrong. */
async function open(file: string, passphrase: string): Promise<Buffer> {
  const opened = await spawned('openssl', ['pkey', '-in', file, '-passin', 'fd:3', '-noout'], { passphrase });
  if (opened.status !== 0) {
    const next = 'look for capitals and blanks; a passphrase that is lost cannot be had back';
    throw new KfsError('pki-refused', `the passphrase does not open ${file}`, { next, cause: opened.stderr });
  }
  const args = ['cms', '-decrypt', '-inform', 'PEM', '-in', file, '-inkey', file, '-passin', 'fd:3'];
  const archive = await spawned('openssl', args, { passphrase });
  if (archive.status === 0) return archive.stdout;
  throw new KfsError('pki-refused', `${file} is damaged: what is in it is not what was sealed`, {
    next: 'use another copy of the backup; this one is not unpacked, not even in part',
    cause: archive.stderr,
  });
}
//#endregion
