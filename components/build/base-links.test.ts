import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mdxToJs } from 'satteri';
import { baseLinks } from './base-links.ts';

/** Addresses in the compiled page, in order. */
function addresses(source: string, base: string): string[] {
  const { code } = mdxToJs(source, { mdastPlugins: [baseLinks(base)] }) as { code: string };
  return [...code.matchAll(/(?:href|src): "([^"]*)"/g)].map(match => match[1]!);
}

const SOURCE = `[a](/one/two/#x) [b](#y) [c](https://example.com/z) [d](//example.com/z) ![e](/e.svg) [f][f] <a href="/g/">g</a>

<div>
<a href="/h/">h [i](/i/)</a>
</div>

[f]: /f/
`;

test('addresses from the root get the base before them, and no other does', () => {
  assert.deepEqual(addresses(SOURCE, '/book/'), [
    '/book/one/two/#x',
    '#y',
    'https://example.com/z',
    '//example.com/z',
    '/book/e.svg',
    '/book/f/',
    '/book/g/',
    '/book/h/',
    '/book/i/',
  ]);
});

test('at the root nothing changes', () => {
  assert.deepEqual(addresses(SOURCE, '/').slice(0, 2), ['/one/two/#x', '#y']);
});
