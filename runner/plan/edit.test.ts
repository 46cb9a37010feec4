import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composePlan } from './compose.ts';
import { editPlan, type PlanEdit, planDigest, savePlan } from './edit.ts';
import { ONE, THREE } from './testing/plans.ts';

const HAND = `# my cluster
name: home      # the name

network:
    subnet:   192.168.1.0/24   # lan
    router:   "192.168.1.1"
    workstation: 192.168.1.10
    dns:
      - 192.168.1.1  # first
      - 9.9.9.9      # second
api: {address: 192.168.1.20}
# --- machines
machines:
  # the big ones
  - name: n1
    mac: 52-54-00-00-00-0A    # on the label
    address: 192.168.1.21
    roles: [etcd, control, storage, node]
    disk: /dev/vda
    data: [/dev/vdb]   # the big one
  # the second
  - name: n2   # two
    mac: 52:54:00:00:00:02
    address: 192.168.1.22
    roles:
    - node
    disk: /dev/vda

# the end
`;

/** Lines that went and lines that came, in the order of the file. */
function changes(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return { gone: old.filter(line => !now.includes(line)), come: now.filter(line => !old.includes(line)) };
}

const edited = (...edits: PlanEdit[]) => {
  const result = editPlan(HAND, edits, 'cluster.yaml');
  return { ...changes(HAND, result.text), issues: result.issues.map(({ what }) => what), plan: result.plan };
};

const NEW = {
  name: 'n3',
  mac: '52:54:00:00:00:03',
  address: '192.168.1.23',
  roles: ['node'],
  disk: '/dev/sda',
  data: [],
};

const EDITS: [why: string, edit: PlanEdit, gone: string[], come: string[]][] = [
  [
    'a text, its comment stays',
    { path: ['name'], value: 'away' },
    ['name: home      # the name'],
    ['name: away      # the name'],
  ],
  [
    'a text in quotes keeps them',
    { path: ['network', 'router'], value: '192.168.1.2' },
    ['    router:   "192.168.1.1"'],
    ['    router:   "192.168.1.2"'],
  ],
  [
    'a list in one line stays in one',
    { path: ['machines', 0, 'data'], value: ['/dev/vdb', '/dev/vdc'] },
    ['    data: [/dev/vdb]   # the big one'],
    ['    data: [/dev/vdb, /dev/vdc]   # the big one'],
  ],
  [
    'an item of a list in lines',
    { path: ['network', 'dns'], value: ['1.1.1.1', '9.9.9.9'] },
    ['      - 192.168.1.1  # first'],
    ['      - 1.1.1.1  # first'],
  ],
  [
    'an item more in a list in lines',
    { path: ['machines', 1, 'roles'], value: ['node', 'storage'] },
    [],
    ['    - storage'],
  ],
  [
    'an item fewer in a list in lines',
    { path: ['network', 'dns'], value: ['192.168.1.1'] },
    ['      - 9.9.9.9      # second'],
    [],
  ],
  [
    'one item by its place',
    { path: ['network', 'dns', 1], value: null },
    ['      - 9.9.9.9      # second'],
    [],
  ],
  [
    'a list in lines removed',
    { path: ['network', 'dns'], value: null },
    ['    dns:', '      - 192.168.1.1  # first', '      - 9.9.9.9      # second'],
    [],
  ],
  [
    'a new field of a group in one line',
    { path: ['api', 'name'], value: 'k.kfs.home.arpa' },
    ['api: {address: 192.168.1.20}'],
    ['api: {address: 192.168.1.20, name: k.kfs.home.arpa}'],
  ],
  ['a new group', { path: ['ssh', 'user'], value: 'joe' }, [], ['ssh:', '  user: joe']],
  [
    'a new field of a group',
    { path: ['network', 'time'], value: ['time.example.org'] },
    [],
    ['    time: [time.example.org]'],
  ],
  [
    'a machine added',
    { addMachine: NEW },
    [],
    [
      '  - name: n3',
      '    mac: 52:54:00:00:00:03',
      '    address: 192.168.1.23',
      '    roles: [node]',
      '    disk: /dev/sda',
      '    data: []',
    ],
  ],
];

for (const [why, edit, gone, come] of EDITS) {
  test(`an edit changes its own place alone: ${why}`, () => {
    const result = edited(edit);
    assert.deepEqual(result.gone, gone);
    assert.deepEqual(result.come, come);
  });
}

test('a removed machine takes its lines and the comment above it, and leaves the others', () => {
  const { text } = editPlan(HAND, [{ removeMachine: 'n2' }], 'cluster.yaml');
  assert.equal(text, HAND.replace(/ {2}# the second[\s\S]*vda\n\n/, '\n'));
});

test('a removed first machine leaves the comment on the list', () => {
  const { text } = editPlan(HAND, [{ removeMachine: 'n1' }], 'cluster.yaml');
  assert.ok(text.includes('  # the big ones\n  # the second\n  - name: n2   # two\n'), text);
});

test('every machine can go and another come', () => {
  const { plan, issues, text } = editPlan(
    HAND,
    [
      { removeMachine: 'n1' },
      { removeMachine: 'n2' },
      { addMachine: { ...NEW, roles: ['etcd', 'control', 'node'] } },
    ],
    'cluster.yaml',
  );
  assert.deepEqual(issues, []);
  assert.deepEqual(
    plan?.machines.map(({ name }) => name),
    ['n3'],
  );
  assert.ok(text.includes('# the end'));
});

test('edits that make a wrong plan return the text and what is wrong with it, at its new line', () => {
  const { plan, issues, text } = editPlan(
    HAND,
    [
      { path: ['network', 'dns'], value: null },
      { path: ['machines', 1, 'address'], value: '192.168.1.21' },
    ],
    'c',
  );
  assert.equal(plan, undefined);
  assert.equal(issues.length, 1);
  assert.match(text.split('\n')[(issues[0]?.place.line ?? 0) - 1] ?? '', /address: 192\.168\.1\.21/);
});

test('a value that YAML would read as something else is put in quotes', () => {
  for (const value of ['yes: no', '# not a comment', '12', 'a, b', '[x', '- x', 'null', '', "it's", '"']) {
    const { text } = editPlan(
      HAND,
      [
        { path: ['machines', 0, 'disk'], value },
        { path: ['api', 'address'], value },
        { path: ['network', 'router'], value },
      ],
      'c',
    );
    const again = editPlan(text, [{ path: ['name'], value: 'home' }], 'c');
    assert.doesNotMatch(again.issues.map(({ what }) => what).join(), /YAML/, value);
    assert.equal(changes(HAND, text).come.length, 3, text);
  }
});

test('a set of nothing new changes no byte', () => {
  for (const text of [HAND, ONE, THREE]) {
    assert.equal(
      editPlan(
        text,
        [
          { path: ['name'], value: 'home' },
          { path: ['machines', 0, 'data'], value: ['/dev/vdb'] },
        ],
        'c',
      ).text,
      text,
    );
  }
});

test('lines that end in CR LF go on doing so', () => {
  const { text } = editPlan(
    ONE.replaceAll('\n', '\r\n'),
    [{ addMachine: NEW }, { path: ['name'], value: 'away' }],
    'c',
  );
  assert.doesNotMatch(text, /[^\r]\n/);
  assert.match(text, /name: away\r\n/);
});

test('the plan that init writes keeps every comment through a change of every kind', () => {
  const text = composePlan({
    name: 'home',
    network: { subnet: '192.168.1.0/24', router: '192.168.1.1', workstation: '192.168.1.10' },
    api: { address: '192.168.1.20' },
    machines: [{ ...NEW, roles: ['etcd', 'control', 'node'] }],
  });
  const after = editPlan(
    text,
    [
      { addMachine: { ...NEW, name: 'n4', mac: '52:54:00:00:00:04', address: '192.168.1.24' } },
      { path: ['ssh', 'key'], value: '~/.ssh/id' },
      { path: ['versions', 'etcd'], value: '3.7.4' },
    ],
    'c',
  );
  assert.deepEqual(after.issues, []);
  const comments = (of: string) => of.match(/#.*$/gm) ?? [];
  assert.deepEqual(comments(after.text), comments(text));
});

test('text that is not YAML, an alias and an unknown machine are refused, not guessed', () => {
  assert.throws(() => editPlan('name: "', [{ path: ['name'], value: 'x' }], 'c'), { code: 'refused' });
  assert.throws(() => editPlan('a: &x {b: 1}\nc: *x\n', [{ path: ['c', 'b'], value: 2 }], 'c'), {
    code: 'refused',
  });
  assert.throws(() => editPlan(ONE, [{ removeMachine: 'n7' }], 'c'), { code: 'refused' });
});

function planFile(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'edit-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'cluster.yaml');
  writeFileSync(file, ONE);
  return file;
}

test('a save replaces the file as a whole and keeps its mode and its link', t => {
  const file = planFile(t);
  chmodSync(file, 0o640);
  const link = `${file}.link`;
  symlinkSync(file, link);
  savePlan(link, THREE, planDigest(ONE));
  assert.equal(readFileSync(file, 'utf8'), THREE);
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.deepEqual(readdirSync(join(file, '..')).sort(), ['cluster.yaml', 'cluster.yaml.link']);
});

test('a save over a text that someone else has changed is refused, and changes nothing', t => {
  const file = planFile(t);
  writeFileSync(file, `${ONE}# another hand\n`);
  assert.throws(() => savePlan(file, THREE, planDigest(ONE)), { code: 'refused' });
  assert.equal(readFileSync(file, 'utf8'), `${ONE}# another hand\n`);
});
