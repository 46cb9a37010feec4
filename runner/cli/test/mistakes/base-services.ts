/** Mistakes with the time and the registry. */
import { thief } from './act.ts';
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/base-services';
const start = ['run', 'base-registry-start', '--force'];
const registry = ['check', 'base-registry-start'];
const log = { machine: 'journalctl --unit=registry.service --since=-2min --output=cat --no-pager' };

export const BASE_SERVICES: Mistake[] = [
  {
    title: "the machine's clock is behind by two days",
    chapter,
    make: { machine: 'date --set="-2 days" >/dev/null' },
    try: registry,
    row: 'certificate is not yet valid',
    cure: 'row',
    holds: ['check', 'base-registry-start', 'base-time-start'],
  },
  {
    title: 'another program has the port of the registry',
    chapter,
    make: thief(5000, 'registry.service'),
    try: start,
    ask: log,
    row: 'listen tcp :5000: bind: address already in use',
    hands: { machine: 'systemctl stop thief.service' },
    cure: 'row',
    holds: registry,
  },
  {
    title: 'the registry was given the certificate of another service',
    chapter,
    make: { machine: 'cp /etc/etcd/pki/server.crt /etc/registry/pki/registry.crt' },
    try: start,
    ask: log,
    row: 'tls: private key does not match public key',
    cure: 'row',
    holds: registry,
  },
  {
    title: 'a file of the images was damaged',
    chapter,
    make: {
      // A layer: of a manifest the registry itself would complain first.
      machine: `file=$(find /var/lib/registry/docker/registry/v2/blobs -name data -size +1M -print -quit)
echo damaged >>"$file"`,
    },
    try: ['check', 'base-registry-fill'],
    row: 'FAILED',
    cure: 'row',
    holds: ['check', 'base-registry-fill', 'base-registry-start'],
  },
];
