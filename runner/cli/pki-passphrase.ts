/** Where a passphrase comes from: a file, a person at a terminal, or standard input. Never the command line. */
import { readFileSync } from 'node:fs';
import { KfsError } from '../errors.ts';

/** Of a file or of standard input, the first line. `twice` for one that is new. */
export async function askPassphrase(file: string | undefined, twice: boolean): Promise<string> {
  if (file !== undefined) return firstLine(file);
  if (!process.stdin.isTTY) return firstLine(0);
  const { password } = await import('@inquirer/prompts');
  const passphrase = await password({ message: 'Passphrase of the backup:' });
  if (twice && (await password({ message: 'Once more:' })) !== passphrase) {
    throw new KfsError('usage', 'the two are not the same', { next: 'try again' });
  }
  return passphrase;
}

function firstLine(file: string | 0): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[0]!.replace(/\r$/, '');
  } catch (cause) {
    throw new KfsError('usage', `no passphrase: ${(cause as Error).message}`, {
      cause,
      next: '--passphrase-file FILE names one',
    });
  }
}
