import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileBook } from '../../runner/book/compile.ts';
import { bookFolder, step } from '../../runner/book/testing/books.ts';
import { CHECKOUT } from '../../runner/cli/context.ts';
import { writtenFiles } from './written-files.ts';

const write = (rights: string, path: string): string => `${rights} /dev/stdin ${path} <<EOF\nx\nEOF`;

test('a file is listed with its rights and with every step that writes it, machines and workstation apart', async t => {
  const book = bookFolder(t, {
    'content/docs/1/1-one.mdx': `---\ntitle: One\n---\n${[
      step('second', write('sudo install -D -m 0600 -o root -g root', '/etc/b')),
      step('first', write('sudo install -D -m 0644 -o etcd -g root', '/etc/a')),
      step('again', write('sudo install -D -m 0644 -o root -g root', '/etc/b')),
      step('here', write('install -D -m 0600', '$KFS_STATE/own'), 'on="workstation"'),
    ].join('\n')}`,
  });
  const { machine, workstation } = writtenFiles(await compileBook(book));
  assert.deepEqual(
    machine.map(({ path, rights, steps }) => [path, rights, steps.map(({ step }) => step)]),
    [
      ['/etc/a', ['0644 etcd:root'], ['first']],
      ['/etc/b', ['0600 root:root', '0644 root:root'], ['second', 'again']],
    ],
  );
  assert.deepEqual(workstation, [
    {
      path: '$KFS_STATE/own',
      rights: ['0600'],
      steps: [{ step: 'here', href: '1/one/#step-here', chapter: 'One' }],
    },
  ]);
});

test('what the workstation sends over ssh is a file of the machine', async t => {
  const sent = 'ssh n1 \\\n  sudo install -D -m 0640 -o root -g etcd /dev/stdin /etc/kfs/sums \\\n  < sums';
  const book = bookFolder(t, {
    'content/docs/1/1-one.mdx': `---\ntitle: One\n---\n${step('sent', sent, 'on="workstation"')}`,
  });
  const { machine, workstation } = writtenFiles(await compileBook(book));
  assert.deepEqual(
    machine.map(({ path, rights }) => [path, rights]),
    [['/etc/kfs/sums', ['0640 root:etcd']]],
  );
  assert.deepEqual(workstation, []);
});

test('of this book, the unit of etcd and the digests that are sent for it are among them', async () => {
  const paths = writtenFiles(await compileBook(CHECKOUT)).machine.map(({ path }) => path);
  for (const path of ['/etc/systemd/system/etcd.service', '/etc/kfs/etcd.SHA256SUMS'])
    assert.ok(paths.includes(path), path);
});
