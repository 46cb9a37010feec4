import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS, commandIn, createProgram } from './main.ts';

test('every command is found under the name that loads it alone', async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { commands } = await createProgram(name);
    assert.ok(
      commands.some(command => command.name() === name),
      name,
    );
  }
});

test('the command is found behind options and their values', () => {
  assert.equal(commandIn(['status']), 'status');
  assert.equal(commandIn(['--json', '--state', 'lint', 'plan', 'check']), 'plan');
  assert.equal(commandIn(['--state=x', 'run', 'check']), 'run');
});

test('what needs every command, or names none, loads all of them', () => {
  for (const argv of [[], ['--help'], ['help', 'run'], ['complete', 'bash'], ['frobnicate'], ['constructor']])
    assert.equal(commandIn(argv), undefined, argv.join(' '));
});
