import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfCode } from './inline-code.ts';

test('files, variables and options are told from commands', () => {
  const kinds: Record<string, string[]> = {
    'of-file': [
      '/etc/hosts',
      '/var/lib/etcd',
      '~/.ssh/config',
      '.kfs/pki/',
      './kfs',
      'cluster.env',
      'etcd.service',
    ],
    'of-variable': ['$KFS_ADDRESS', 'KFS_HOME', '$LFS', '$KFS_…'],
    'of-option': ['-D', '--fixed-strings', '--initial-cluster-state=new', '-m 0644', '-o pipefail'],
  };
  for (const [kind, words] of Object.entries(kinds))
    for (const word of words) assert.equal(kindOfCode(word), kind, word);
});

test('commands, addresses and plain words are none of them', () => {
  for (const word of [
    'grep',
    'kfs plan init',
    '10.77.0.0/24',
    'https://a/b',
    'n1',
    '%A',
    'api.kfs.home.arpa',
    '||',
  ])
    assert.equal(kindOfCode(word), undefined, word);
});
