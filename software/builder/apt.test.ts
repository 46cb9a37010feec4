import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptMeter } from './apt.ts';

test('each package counts when it is fetched, unpacked and set up, and the rest of what apt says does not', () => {
  const told: [number, string][] = [];
  const line = aptMeter(2, (share, text) => told.push([share, text]));
  const lines = [
    'Reading package lists...',
    'Get:1 http://deb.debian.org trixie/main amd64 sed amd64 4.9-2 [329 kB]',
    'Preparing to unpack .../sed_4.9-2_amd64.deb ...',
    'Unpacking sed (4.9-2) ...',
    'Setting up sed (4.9-2) ...',
  ];
  lines.forEach(line);
  assert.deepEqual(told, [
    [1 / 6, 'Get:1 http://deb.debian.org trixie/main amd64 sed amd64 4.9-2 [329 kB]'],
    [2 / 6, 'Unpacking sed (4.9-2)'],
    [3 / 6, 'Setting up sed (4.9-2)'],
  ]);
});

test('more packages than were expected do not make it more than all', () => {
  let last = 0;
  const line = aptMeter(1, share => {
    last = share;
  });
  for (let nth = 0; nth < 10; nth++) line(`Get:${nth} a package`);
  assert.equal(last, 2 / 3);
});
