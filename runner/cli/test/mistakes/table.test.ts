import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { patternOf, todoOf } from './table.ts';

const CHAPTER = `# etcd

| \`port taken\` | this is another table | do nothing |

## What can go wrong

| You see | It means | Do |
|---|---|---|
| \`port taken\` or \`in use\` | somebody has it | find out who |
| \`no cure\` | it happens | |
`;

test('a row is found by any of the words in its first column, and only if it says what to do', t => {
  const docs = mkdtempSync(join(tmpdir(), 'kfs-table-'));
  t.after(() => rmSync(docs, { recursive: true }));
  mkdirSync(join(docs, 'part'));
  writeFileSync(join(docs, 'part', '04-etcd.mdx'), CHAPTER);
  assert.equal(todoOf('part/etcd', 'port taken', docs), 'find out who');
  assert.equal(todoOf('part/etcd', 'in use', docs), 'find out who');
  assert.equal(todoOf('part/etcd', 'no cure', docs), undefined);
  assert.equal(todoOf('part/etcd', 'taken', docs), undefined);
  assert.equal(todoOf('part/other', 'port taken', docs), undefined);
});

test('an ellipsis stands for what varies, and everything else for itself', () => {
  const pattern = patternOf('certificate is valid for …, not …');
  assert.match('x509: certificate is valid for 10.77.0.12, not\n  10.77.0.11', pattern);
  assert.doesNotMatch('x509: certificate is valid for ever', pattern);
  assert.doesNotMatch('axb', patternOf('a.b'));
});
