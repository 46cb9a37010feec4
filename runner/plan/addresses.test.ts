import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAddress,
  formatRange,
  nthAddress,
  overlap,
  parseAddress,
  parseRange,
  type Range,
} from './addresses.ts';

const range = (text: string): Range => parseRange(text) ?? assert.fail(`no range: ${text}`);

test('an address is read and written without loss, up to the last', () => {
  for (const text of ['0.0.0.0', '10.0.0.1', '192.168.255.254', '255.255.255.255']) {
    assert.equal(formatAddress(parseAddress(text) ?? -1), text);
  }
});

test('what is not four decimal numbers is no address', () => {
  for (const text of ['', '10.0.0', '10.0.0.256', '0x7f.0.0.1', '010.0.0.1', '::1', ' 10.0.0.1', 10, null]) {
    assert.equal(parseAddress(text), undefined, String(text));
  }
});

test('a range drops host bits, so that it can be compared with what was written', () => {
  assert.equal(formatRange(range('10.1.2.3/16')), '10.1.0.0/16');
  assert.equal(formatRange(range('255.255.255.255/32')), '255.255.255.255/32');
  assert.equal(formatRange(range('1.2.3.4/0')), '0.0.0.0/0');
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0/8'])
    assert.equal(parseRange(text), undefined, text);
});

test('ranges overlap when one has an address of the other, however they lie', () => {
  assert.ok(overlap(range('10.0.0.0/8'), range('10.244.0.0/16')));
  assert.ok(overlap(range('10.244.0.0/16'), range('10.0.0.0/8')));
  assert.ok(!overlap(range('10.0.0.0/24'), range('10.0.1.0/24')));
});

test('the first and the tenth address of a range are counted from its beginning', () => {
  assert.equal(nthAddress('10.96.0.0/16', 1), '10.96.0.1');
  assert.equal(nthAddress('10.96.0.0/16', 10), '10.96.0.10');
});
