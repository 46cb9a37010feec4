import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { inlineScripts, policy } from './csp.ts';

const digest = (body: string) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`;

test('inline scripts are allowed by the digest of exactly their bytes', () => {
  const html =
    '<script>\n one() \n</script><p><script type="module">two()</script></p><script src="/a.js"></script>';
  assert.deepEqual(inlineScripts(html), [digest('\n one() \n'), digest('two()')]);
});

test('a block of data is no script', () => {
  assert.deepEqual(inlineScripts('<script type="application/ld+json">{}</script>'), []);
});

test('no script may run that is neither a file of the site nor known by digest, and no page may frame the book', () => {
  const header = policy([digest('x')], 4150);
  const scripts = header.split('; ').find(part => part.startsWith('script-src'));
  assert.equal(scripts, `script-src 'self' 'wasm-unsafe-eval' ${digest('x')}`);
  assert.match(header, /frame-ancestors 'none'/);
  assert.match(header, /default-src 'none'/);
});
