import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { TextLines } from './lines.ts';
import { escapeInput, exportLines } from './text.ts';

it('a value arrives in the shell as it is', () => {
  const value = 'it\'s "$HOME" `id` \\ !\n\t*ü\u{1F600}';
  const { stdout } = spawnSync('bash', ['-c', `${exportLines({ KFS_A: value })}printf %s "$KFS_A"`], {
    encoding: 'utf8',
  });
  assert.equal(stdout, value);
});

it('what is not a variable is refused', () => {
  for (const name of ['a b', 'x;id', '', '1A', 'lower'])
    assert.throws(() => exportLines({ [name]: '' }), TypeError);
  assert.throws(() => exportLines({ A: 'a\0b' }), TypeError);
});

it('any bytes go through one line of input', () => {
  const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 256));
  const lines = escapeInput(bytes);
  assert.equal(lines.length, 3);
  assert.ok(lines.every(line => /^[\\0-7]+$/.test(line)));
  const { stdout } = spawnSync('bash', ['-c', 'while read -r line; do printf %b "$line"; done'], {
    input: `${lines.join('\n')}\n`,
  });
  assert.deepEqual(stdout, bytes);
});

it('lines are whole, wherever the bytes are cut', () => {
  const seen: string[] = [];
  const lines = new TextLines(line => seen.push(line));
  for (const byte of Buffer.from('eins\nzwölf\nlast')) lines.push(Buffer.from([byte]));
  lines.end();
  assert.deepEqual(seen, ['eins', 'zwölf', 'last']);
});
