import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlan } from './load.ts';
import { ONE, replaced, THREE } from './testing/plans.ts';

/** Each a plan that is right but for one line, and the line and words by which it must be found. */
const BAD: [why: string, text: string, line: number, what: RegExp][] = [
  ['pods in the subnet', `${ONE}pods: 192.168.0.0/16\n`, 15, /the pod range .* overlaps the subnet/],
  [
    'Services in the subnet',
    `${ONE}services: 192.168.1.128/26\n`,
    15,
    /the Service range .* overlaps the subnet/,
  ],
  [
    'Services in the pods',
    `${ONE}services: 10.244.128.0/20\n`,
    15,
    /the Service range .* overlaps the pod range/,
  ],
  [
    'pods over the default Services',
    `${ONE}pods: 10.0.0.0/8\n`,
    15,
    /the Service range .* overlaps the pod range/,
  ],
  ['a loopback range', `${ONE}pods: 127.16.0.0/16\n`, 15, /touches 127\.0\.0\.0\/8/],
  ['a multicast range', `${ONE}services: 239.1.0.0/16\n`, 15, /multicast/],
  [
    'a machine outside the subnet',
    replaced(ONE, '192.168.1.21', '192.168.2.21'),
    11,
    /n1 has 192\.168\.2\.21, which is outside the subnet/,
  ],
  [
    'a router outside the subnet',
    replaced(ONE, 'router: 192.168.1.1', 'router: 192.168.2.1'),
    4,
    /the router .* outside the subnet/,
  ],
  [
    'a workstation outside the subnet',
    replaced(ONE, '192.168.1.10', '10.0.0.10'),
    5,
    /the workstation .* outside the subnet/,
  ],
  [
    'the API outside the subnet',
    replaced(ONE, '192.168.1.20', '192.168.3.20'),
    7,
    /the API .* outside the subnet/,
  ],
  [
    'the API in the Service range',
    replaced(ONE, '192.168.1.20', '10.96.0.1'),
    7,
    /the API .* in the Service range/,
  ],
  ['a machine in the pod range', replaced(ONE, '192.168.1.21', '10.244.0.5'), 11, /n1 .* in the pod range/],
  [
    'a machine with the network address',
    replaced(ONE, '192.168.1.21', '192.168.1.0'),
    11,
    /the address of the network itself/,
  ],
  ['a machine with the broadcast address', replaced(ONE, '192.168.1.21', '192.168.1.255'), 11, /broadcast/],
  [
    "a machine with the router's address",
    replaced(ONE, '192.168.1.21', '192.168.1.1'),
    11,
    /and so has the router/,
  ],
  [
    "a machine with the workstation's address",
    replaced(ONE, '192.168.1.21', '192.168.1.10'),
    11,
    /and so has the workstation/,
  ],
  [
    'two machines with one address',
    replaced(THREE, '192.168.1.23', '192.168.1.22'),
    23,
    /n3 has 192\.168\.1\.22, and so has n2/,
  ],
  [
    "the API with the router's address",
    replaced(ONE, '192.168.1.20', '192.168.1.1'),
    7,
    /the API .* the address of the router/,
  ],
  [
    "the API with the workstation's address",
    replaced(ONE, '192.168.1.20', '192.168.1.10'),
    7,
    /the API .* the address of the workstation/,
  ],
  [
    'the API with one of three control machines',
    replaced(THREE, '192.168.1.20', '192.168.1.21'),
    7,
    /the address of n1 alone, but 3 machines/,
  ],
  [
    'the API with a machine that is not control',
    replaced(nodeSecond(), '192.168.1.20', '192.168.1.22'),
    7,
    /n2, which does not hold the role control/,
  ],
  [
    'a DNS server among the pods',
    replaced(ONE, '  workstation', '  dns: [10.244.1.1]\n  workstation'),
    5,
    /the DNS server 10\.244\.1\.1 is in the pod range/,
  ],
  [
    'a time server that is a machine',
    replaced(ONE, '  workstation', '  time: [192.168.1.21]\n  workstation'),
    5,
    /the time server 192\.168\.1\.21 is n1/,
  ],
  ['a subnet with too little room', tiny(), 3, /room for 2 addresses/],
  [
    'pods with too few /24s',
    `${THREE}pods: 10.244.0.0/23\n`,
    27,
    /has 2 networks of size \/24, and 3 machines/,
  ],
  ["pods smaller than one machine's", `${ONE}pods: 10.244.0.0/25\n`, 15, /has 0 networks/],
  ['pods too large', `${ONE}pods: 8.0.0.0/6\n`, 15, /larger than Kubernetes can divide/],
  ['Services without a tenth address', `${ONE}services: 10.96.0.0/29\n`, 15, /too small: its tenth address/],
  ['Services too large', `${ONE}services: 10.96.0.0/11\n`, 15, /larger than Kubernetes allows/],
  ['a name twice', replaced(THREE, 'name: n3', 'name: n2'), 21, /the name n2 is that of machine 2 already/],
  [
    'a MAC twice, written in two ways',
    replaced(THREE, '52:54:00:00:00:03', '52-54-00-00-00-02'),
    22,
    /the MAC address 52:54:00:00:00:02 is that of n2/,
  ],
  [
    'a machine called like a place',
    replaced(ONE, 'name: n1', 'name: workstation'),
    9,
    /no machine can be called `workstation`/,
  ],
  ['a domain of multicast DNS', `${ONE}domain: cluster.local\n`, 15, /ends in \.local/],
  [
    'an API outside the domain',
    replaced(ONE, 'api:', 'api:\n  name: api.example.org'),
    7,
    /not below the domain/,
  ],
  [
    'an API named like a machine',
    replaced(ONE, 'api:', 'api:\n  name: n1.kfs.home.arpa'),
    7,
    /is the name of the machine n1/,
  ],
  [
    'a machine named like the API',
    replaced(ONE, 'name: n1', 'name: api'),
    6,
    /is the name of the machine api/,
  ],
  ['no machine with etcd', replaced(ONE, '[etcd, control', '[control'), 12, /no machine holds the role etcd/],
  ['no machine with control', replaced(ONE, 'control, ', ''), 12, /no machine holds the role control/],
  ['no machine with node', replaced(ONE, ', node', ''), 12, /no machine holds the role node/],
  [
    'a first machine without a role that another has',
    replaced(THREE, 'storage, node]', 'node]'),
    12,
    /the first machine, n1, does not hold the role storage/,
  ],
  [
    'two etcd members',
    replaced(
      THREE,
      '[etcd, control, storage, node]\n    disk: /dev/vda\n    data: [/dev/vdb]\n  - name: n2',
      '[etcd, control, storage, node]\n    disk: /dev/vda\n    data: [/dev/vdb]\n  - name: n2',
    ).replace(/\[etcd, (control, storage, node\]\n.*\n.*\n)$/, '[$1'),
    18,
    /2 machines hold the role etcd/,
  ],
  ['a role twice', replaced(ONE, 'node]', 'node, etcd]'), 12, /the role etcd is listed twice/],
  [
    'storage without a data disk',
    replaced(ONE, '    data: [/dev/vdb]\n', ''),
    9,
    /n1 holds the role storage and has no data disk/,
  ],
  [
    'a data disk that is the system disk',
    replaced(ONE, '/dev/vdb', '/dev/vda'),
    14,
    /is the system disk of n1/,
  ],
  ['a data disk on the system disk', replaced(ONE, '/dev/vdb', '/dev/vda3'), 14, /is the system disk of n1/],
  ['a data disk twice', replaced(ONE, '[/dev/vdb]', '[/dev/vdb, /dev/vdb]'), 14, /listed twice/],
  [
    'a partition as system disk',
    replaced(ONE, 'disk: /dev/vda', 'disk: /dev/nvme0n1p2'),
    13,
    /is a partition/,
  ],
  [
    'a partition as data disk',
    replaced(ONE, '/dev/vdb', '/dev/disk/by-id/ata-x-part1'),
    14,
    /is a partition/,
  ],
];

/** Two machines, the second no more than a node. */
function nodeSecond(): string {
  return THREE.replace(/ {2}- name: n3[\s\S]*/, '').replace(/(name: n2\n.*\n.*\n {4}roles: ).*/, '$1[node]');
}

function tiny(): string {
  return replaced(
    replaced(ONE, '192.168.1.0/24', '192.168.1.20/30'),
    'router: 192.168.1.1',
    'router: 192.168.1.22',
  ).replace('192.168.1.10', '192.168.1.22');
}

for (const [why, text, line, what] of BAD) {
  test(`does not make sense: ${why}`, () => {
    const { plan, issues } = parsePlan(text, 'cluster.yaml');
    assert.equal(plan, undefined);
    const found = issues.find(issue => what.test(issue.what));
    assert.ok(
      found,
      `not found; instead: ${issues.map(issue => `${issue.place.line}: ${issue.what}`).join('\n')}`,
    );
    assert.equal(found.place.line, line, found.what);
    assert.ok(found.next.length > 5);
  });
}

const GOOD: [why: string, text: string][] = [
  ['one machine with every role', ONE],
  ['three machines with every role', THREE],
  ['a second machine that only runs pods', nodeSecond()],
  ['the API at the only control machine', replaced(ONE, '192.168.1.20', '192.168.1.21')],
  ['the workstation is the router', replaced(ONE, '192.168.1.10', '192.168.1.1')],
  ['no storage at all', replaced(replaced(ONE, 'storage, ', ''), '    data: [/dev/vdb]\n', '')],
  [
    'DNS and time from outside',
    replaced(ONE, '  workstation', '  dns: [9.9.9.9]\n  time: [time.example.org]\n  workstation'),
  ],
  ['the smallest ranges that do', `${THREE}pods: 10.244.0.0/22\nservices: 10.96.0.0/28\n`],
];

for (const [why, text] of GOOD) {
  test(`makes sense: ${why}`, () => {
    assert.deepEqual(parsePlan(text, 'cluster.yaml').issues, []);
  });
}
