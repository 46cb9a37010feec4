import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import {
  bootstrapCommand,
  channelArgv,
  localServeArgv,
  masterArgv,
  serveCommand,
  shellArgv,
} from './argv.ts';
import { controlSocket, SOCKET_PATH_LIMIT } from './socket.ts';
import { supervisor } from './supervisor.ts';

const target = { name: 'm1', configFile: '/state/ssh/config' };
const all = [
  masterArgv(target, '/s', 'command'),
  channelArgv(target, '/s', 'command'),
  shellArgv(target, '/s'),
];

it('every ssh reads the rendered configuration, asks nothing and accepts no key on sight', () => {
  for (const argv of all) {
    assert.deepEqual(argv.slice(0, 2), ['-F', '/state/ssh/config']);
    for (const option of [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'UpdateHostKeys=no',
      'ServerAliveInterval=5',
    ]) {
      assert.equal(argv[argv.indexOf(option) - 1], '-o', option);
    }
  }
});

it("the machine's name comes after `--`, so that it is never read as an option", () => {
  for (const argv of all) assert.equal(argv[argv.indexOf('--') + 1], 'm1');
});

it('one connection is the master, the others share it', () => {
  const [master, channel, shell] = all;
  assert.ok(master?.includes('-M') && !channel?.includes('-M') && !shell?.includes('-M'));
  assert.ok(channel?.includes('ControlMaster=no') && shell?.includes('-tt'));
  for (const argv of all) assert.equal(argv[argv.indexOf('-S') + 1], '/s');
});

it('ssh understands all of them', () => {
  for (const argv of all) {
    const options = argv.slice(2, argv.indexOf('--')).filter(word => word !== '-M' && word !== '-tt');
    const { status, stderr } = spawnSync('ssh', ['-G', '-F', '/dev/null', ...options, 'm1'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }
});

it('the remote commands pass through any login shell as they are', () => {
  const bootstrap = bootstrapCommand(supervisor());
  assert.match(bootstrap, /^exec bash -c '[^']*'$/);
  assert.equal(spawnSync('bash', ['-n', '-c', bootstrap]).status, 0);
  assert.match(
    serveCommand('0123456789abcdef0123'),
    /^exec bash "\$HOME"\/\S+\/supervisor-0123456789abcdef\/serve\.sh /,
  );
});

it('a local request runs the same file', () => {
  assert.deepEqual(localServeArgv('/spool/s', '/spool', '/work'), [
    '/spool/s/serve.sh',
    '/spool',
    '/work',
    'user',
  ]);
});

it('sockets are different, and short enough for ssh', () => {
  const [one, other] = [controlSocket(), controlSocket()];
  assert.notEqual(one, other);
  assert.ok(one.length <= SOCKET_PATH_LIMIT, one);
});
