import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabNetwork } from '../spec.ts';
import { bridgeBatch, dnsmasqConfig, natRules, netmask } from './router.ts';
import { chooseUplink, uplinkArgv } from './uplink.ts';

const network: LabNetwork = {
  domain: 'kfs.test',
  subnet: '10.9.0.0/23',
  router: '10.9.0.1',
  workstation: '10.9.0.2',
  mirrorPort: 8080,
  hosts: { 'api.kfs.test': '10.9.0.10' },
};
const machines = [
  { name: 'n1', mac: '52:54:00:00:00:01', address: '10.9.0.11', disk: '/dev/ubda', data: [] },
];

test('the router gives each machine its lease by its MAC and to nobody else', () => {
  const config = dnsmasqConfig(network, machines, '10.0.2.3', '/l').split('\n');
  assert.ok(config.includes('dhcp-range=10.9.0.0,static,255.255.254.0,12h'));
  assert.ok(config.includes('dhcp-host=52:54:00:00:00:01,n1,10.9.0.11'));
  assert.ok(config.includes('dhcp-option=option:router,10.9.0.1'));
  assert.ok(config.includes('host-record=api.kfs.test,10.9.0.10'));
  assert.ok(config.includes('server=10.0.2.3'));
});

test('without a way out the router asks nobody', () => {
  const config = dnsmasqConfig(network, machines, undefined, '/l');
  assert.doesNotMatch(config, /^server=/m);
  assert.match(config, /^no-resolv$/m);
});

test('router and workstation have their addresses on the bridge, and each machine a tap', () => {
  const batch = bridgeBatch(network, machines);
  assert.match(batch, /^addr add 10\.9\.0\.1\/23 dev br0$/m);
  assert.match(batch, /^addr add 10\.9\.0\.2\/23 dev br0$/m);
  assert.match(batch, /^tuntap add tap0 mode tap$/m);
});

test('only what leaves the subnet is translated', () => {
  assert.match(natRules(network), /ip saddr 10\.9\.0\.0\/23 ip daddr != 10\.9\.0\.0\/23 masquerade/);
});

test('netmasks of common lengths', () => {
  assert.deepEqual(
    [8, 16, 24, 25, 32].map(bits => netmask(`10.0.0.0/${bits}`)),
    ['255.0.0.0', '255.255.0.0', '255.255.255.0', '255.255.255.128', '255.255.255.255'],
  );
});

test('slirp4netns is preferred to pasta, and having neither is said', () => {
  const has =
    (...names: string[]) =>
    (program: string) =>
      names.includes(program) ? `/usr/bin/${program}` : undefined;
  assert.equal(chooseUplink(has('nft', 'slirp4netns', 'pasta')).kind, 'slirp4netns');
  assert.equal(chooseUplink(has('nft', 'pasta')).kind, 'pasta');
  assert.match(chooseUplink(has('slirp4netns')).why!, /nft is not installed/);
  assert.match(chooseUplink(has('nft')).why!, /neither slirp4netns nor pasta/);
  assert.deepEqual(uplinkArgv(chooseUplink(has()), '1'), []);
});
