import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEachHost, runJob } from './testing/hosts.ts';

/** Scripts, their exit status, and what they print, with what is told of the command that ended them. */
const TOLD: [what: string, script: string, status: number, printed: string][] = [
  ['a test that fails in silence', 'true\ntest -s /none\necho no', 1, 'line 2: test -s /none\n'],
  ['a value is not expanded', 'secret=hidden\n\ntest "$secret" = x', 1, 'line 3: test "$secret" = x\n'],
  ['in a function', 'f() {\n  false\n}\nf', 1, 'line 2: false\n'],
  ['in a subshell, once', '( true; false )', 1, 'line 1: ( true; false )\n'],
  ['in a substitution, once', ':\nx=$(true; false)', 1, 'line 2: x=$(true; false)\n'],
  ['in a pipe', ':\nfalse | cat\necho no', 1, 'line 2: cat (in a pipe: 1 0)\n'],
  ['a comparison after a pipe', 'true | true\n[[ a == b ]]', 1, 'line 2: [[ a == b ]]\n'],
  ['the first line of several', "bash -c 'exit 4\n'", 4, "line 1: bash -c 'exit 4\n"],
  ['a long one is cut', `false ${'x'.repeat(300)}`, 1, `line 1: false ${'x'.repeat(194)}...\n`],
  ['an end that the script asked for', 'exit 3', 3, ''],
  ['a condition', 'if false; then :; fi\nfalse || :\n! true\nwhile false; do :; done\necho ok', 0, 'ok\n'],
  ['a condition in a function', 'f() { false; true; }\nif f; then echo ok; fi', 0, 'ok\n'],
  ['a substitution that goes on', 'x=$(false; echo ok)\necho "$x"', 0, 'ok\n'],
  ['where failing is allowed', 'set +e\nfalse\nset -e\necho ok', 0, 'ok\n'],
  ['a bash that it starts', "bash -c 'false; env' | grep -c -e BASH_ENV -e SUPERVISOR || :", 0, '0\n'],
];

onEachHost('what ended a script on', on => {
  for (const [what, script, status, printed] of TOLD)
    it(`is told of a check and of a step: ${what}`, async () => {
      const { output, status: ofCheck } = await on.machine.capture(script, {}, 10_000);
      assert.deepEqual([output, ofCheck], [printed, status]);
      const { text, ending } = await runJob(on.machine, script);
      assert.deepEqual([text, ending.how === 'exited' && ending.status], [printed, status]);
    });
});
