import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Search } from './search.ts';

test('a secret is found as bytes and as text, in a folder and in a file, by its name and the name of the file', t => {
  const folder = mkdtempSync(join(tmpdir(), 'kfs-search-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const search = new Search(
    [
      { name: 'first', bytes: first! },
      { name: 'second', bytes: second! },
      { name: 'third', bytes: third! },
    ],
    folder,
  );
  mkdirSync(join(folder, 'below'));
  const raw = join(folder, 'below', 'raw');
  const text = join(folder, 'below', 'text');
  writeFileSync(raw, Buffer.concat([randomBytes(100), Buffer.from('\n'), first!, randomBytes(10)]));
  writeFileSync(text, `{"key":"${Buffer.from(second!.toString('hex')).toString('base64')}"}`);
  assert.deepEqual(search.in(join(folder, 'below')), [
    { secret: 'second', file: text },
    { secret: 'first', file: raw },
  ]);
  assert.deepEqual(search.in(raw), [{ secret: 'first', file: raw }]);
});
