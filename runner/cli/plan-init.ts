/** `kfs plan init`: asks for what it was not told, and writes the plan. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { KfsError } from '../errors.ts';
import { type Answers, flagOf, missingFlags, parseMachine, planFrom } from '../plan/answers.ts';
import { composePlan, SCHEMA_FILE } from '../plan/compose.ts';
import { PlanError, parsePlan } from '../plan/load.ts';
import { renderState } from '../plan/render.ts';
import { planJsonSchema, type WrittenPlan } from '../plan/schema.ts';
import { writeWhole } from '../plan/write.ts';
import { CHECKOUT, type Globals, globals, paint } from './context.ts';

const EXAMPLES = `
Without a terminal, or with --no-ask, nothing is asked: --subnet, --machine and, where this computer has no address
in that network, --workstation must be given.

  kfs plan init
  kfs plan init --subnet 192.168.1.0/24 --workstation 192.168.1.10 \\
    --machine mac=52:54:00:00:00:01,address=192.168.1.21,disk=/dev/sda,data=/dev/sdb

Keys of --machine: name, mac, address, disk, data (a+b), roles (etcd+control+storage+node), power (manual or lab).
The first machine gets every role if none is said, each further one runs pods and gives its data disks.`;

const several = (value: string, before: string[] = []): string[] => [...before, value];

export function registerInit(parent: Command): void {
  parent
    .command('init')
    .description('write a plan: asks on a terminal, takes flags everywhere')
    .option('--name <label>', "the cluster's name (default: home)")
    .option('--domain <name>', 'DNS domain of machines and API (default: kfs.home.arpa)')
    .option('--subnet <range>', 'the network that your router serves, e.g. 192.168.1.0/24')
    .option('--router <address>', "the router (default: the subnet's first address)")
    .option('--workstation <address>', 'this computer in that network (default: looked up)')
    .option('--dns <address>', 'a DNS server, repeatable (default: the router)', several)
    .option('--time <host>', 'a time server, repeatable (default: the router)', several)
    .option('--pods <range>', 'addresses for pods (default: 10.244.0.0/16)')
    .option('--services <range>', 'addresses for Services (default: 10.96.0.0/16)')
    .option('--api-name <name>', "the API's DNS name (default: api. and the domain)")
    .option('--api-address <address>', "the API's address (default: a high free one of the subnet)")
    .option('--mirror-port <port>', 'where the mirror is served (default: 8080)', wholeNumber)
    .option('--ssh-user <name>', 'the login user (default: core)')
    .option('--ssh-key <file>', 'a private key of yours (default: the book makes one)')
    .option('--machine <keys>', 'a machine, repeatable; see below', (text: string, before: object[] = []) => [
      ...before,
      parseMachine(text),
    ])
    .option('--no-ask', 'never ask, even on a terminal')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Answers & { ask: boolean }, command: Command) => {
      const context = globals(command);
      refuseToOverwrite(context.paths.plan);
      const asking = flags.ask && process.stdin.isTTY && process.stdout.isTTY;
      if (asking) await init(context, await askFor(flags), false);
      else await init(context, complete(flags), true);
    });
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number belongs here');
  return Number(text);
}

function refuseToOverwrite(file: string): void {
  if (!existsSync(file)) return;
  const { plan } = parsePlan(readFileSync(file, 'utf8'), file);
  const ofLab = plan?.machines.every(({ power }) => power === 'lab');
  throw new KfsError(
    'refused',
    `there is a plan already: ${file}${ofLab ? ', for machines of the lab' : ''}`,
    {
      next: ofLab
        ? 'move it away if the machines are to be your own; then `kfs lab down --erase`, and no lab again with `kfs start --no-lab`'
        : 'edit it, and look with `kfs plan check`; or move it away first',
    },
  );
}

async function askFor(flags: Answers): Promise<Answers> {
  const { ask } = await import('./plan-questions.ts'); // the prompts are loaded only when something is asked
  return ask(flags);
}

function complete(flags: Answers): Answers {
  const missing = missingFlags(flags);
  if (missing.length === 0) return flags;
  throw new KfsError('usage', `there is no terminal to ask on, and no answer for ${missing.join('; ')}`, {
    next: 'give the flags; `kfs plan init --help` has an example',
  });
}

/** `strict`: nothing is written when the answers make no plan. Else, so that no answer is lost, it is, and said. */
async function init({ paths, json }: Globals, answers: Answers, strict: boolean): Promise<void> {
  const written = planFrom(answers);
  const text = composePlan(written);
  const { plan, issues } = parsePlan(text, paths.plan);
  if (!plan && strict) throw unusable(written, issues);
  const schema = join(dirname(paths.plan), SCHEMA_FILE);
  mkdirSync(dirname(paths.plan), { recursive: true, mode: 0o700 });
  writeWhole(schema, `${JSON.stringify(planJsonSchema(), null, 2)}\n`, 0o644);
  writeWhole(paths.plan, text, 0o644);
  if (!plan) throw new PlanError(paths.plan, issues);
  renderState(plan, paths, { checkout: CHECKOUT });
  if (json)
    process.stdout.write(
      `${JSON.stringify({ plan: paths.plan, schema, env: paths.env, sshConfig: paths.sshConfig })}\n`,
    );
  else process.stdout.write(done(paths.plan));
}

function unusable(written: WrittenPlan, issues: PlanError['issues']): KfsError {
  const lines = issues.map(issue => `  ${flagOf(issue.path, written)}: ${issue.what}\n    → ${issue.next}`);
  return new KfsError('usage', `these answers make no plan, so none was written\n${lines.join('\n')}`, {
    next: 'correct the flags; `kfs plan init --help` explains them',
  });
}

const done = (
  file: string,
): string => `${paint('green', '✔')} ${file} is written. Read it: it explains itself.

  kfs plan show     the cluster at a glance
  kfs plan check    after you changed something
  kfs start         the book
`;
