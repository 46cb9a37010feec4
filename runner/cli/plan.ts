/** `kfs plan`: make, look at and check the plan. */
import type { Command } from 'commander';
import { KfsError } from '../errors.ts';
import { environmentFor, renderEnv } from '../plan/environment.ts';
import { loadPlan, loadPlanIfAny, PlanError, type PlanIssue, parsePlan, readPlanText } from '../plan/load.ts';
import type { Plan } from '../plan/plan.ts';
import { renderState } from '../plan/render.ts';
import { planJsonSchema } from '../plan/schema.ts';
import { VARIABLES } from '../plan/variables.ts';
import { CHECKOUT, globals, paint } from './context.ts';
import { registerInit } from './plan-init.ts';

const EXAMPLES = `
The plan is one YAML file, cluster.yaml in the state directory, and the only place where you describe your cluster.

  kfs plan init              asks, and writes one
  kfs plan check             says what is wrong with it, and where
  kfs plan show              the cluster at a glance
  kfs plan env n1            the variables that a step on n1 sees
  kfs plan variables         what each variable means`;

export function register(program: Command): void {
  const plan = program
    .command('plan')
    .description('make, show and check the plan')
    .addHelpText('after', EXAMPLES);
  registerInit(plan);
  registerShow(plan);
  registerCheck(plan);
  registerEnv(plan);
  registerRender(plan);
  registerSchema(plan);
  registerVariables(plan);
}

const print = (text: string): boolean => process.stdout.write(text);
const printJson = (value: unknown): boolean => print(`${JSON.stringify(value, null, 2)}\n`);

function registerShow(parent: Command): void {
  parent
    .command('show')
    .description('the cluster at a glance; with --json the whole plan, defaults filled in')
    .action((_flags: object, command: Command) => {
      const { paths, json } = globals(command);
      const plan = loadPlan(paths.plan);
      if (json) printJson(plan);
      else print(glance(plan));
    });
}

function glance(plan: Plan): string {
  const { network } = plan;
  const facts: [string, string][] = [
    ['cluster', `${plan.name}, domain ${plan.domain}`],
    ['network', `${network.subnet}, router ${network.router}, workstation ${network.workstation}`],
    ['names, time', `${network.dns.join(' ')}, ${network.time.join(' ')}`],
    ['pods', plan.pods],
    ['services', plan.services],
    ['API', `${plan.api.name} at ${plan.api.address}`],
    ['mirror', `http://${network.workstation}:${plan.mirror.port}`],
    ['login', `${plan.ssh.user}, key ${plan.ssh.key ?? 'made by the book'}`],
  ];
  const rows = plan.machines.map(machine => [
    machine.name,
    machine.address,
    machine.mac,
    machine.roles.join(' '),
    machine.disk,
    machine.data.join(' ') || '–',
    machine.power,
  ]);
  const versions = Object.entries(plan.versions).map(([component, version]) => `${component} ${version}`);
  return [
    table(facts.map(([name, value]) => [paint('dim', name), value])),
    table([MACHINE_HEAD.map(head => paint('bold', head)), ...rows]),
    `${paint('dim', 'versions')}  ${versions.join(', ')}\n`,
  ].join('\n');
}

const MACHINE_HEAD = ['machine', 'address', 'MAC', 'roles', 'system disk', 'data disks', 'power'];

/** Columns as wide as their widest cell; colours take no width. */
function table(rows: string[][]): string {
  const width = (text: string) => text.replace(COLOURS, '').length;
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => width(row[column] ?? '')))) ?? [];
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd();
  return rows.map(row => `${line(row)}\n`).join('');
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

function registerCheck(parent: Command): void {
  parent
    .command('check')
    .description('what is wrong with the plan, each problem with its line and what to do')
    .addHelpText('after', '\nExit codes: 0 nothing is wrong · 1 something is · 3 there is no plan')
    .action((_flags: object, command: Command) => {
      const { paths, json } = globals(command);
      const { plan, issues } = parsePlan(readPlanText(paths.plan), paths.plan);
      if (json) printJson({ ok: issues.length === 0, file: paths.plan, issues });
      else if (plan) print(`${paint('green', '✔')} ${paths.plan}: ${summary(plan)}\n`);
      if (plan) return;
      if (!json) throw new PlanError(paths.plan, issues as PlanIssue[]);
      process.exitCode = 1;
    });
}

function summary(plan: Plan): string {
  const count = plan.machines.length;
  return `${count} ${count === 1 ? 'machine' : 'machines'}, nothing wrong`;
}

function registerEnv(parent: Command): void {
  parent
    .command('env')
    .description('the variables that a step sees, to read or to source')
    .argument('<machine>', 'a machine of the plan, or `workstation`')
    .option(
      '--on <where>',
      'for a machine: `machine`, a step that runs on it; `workstation`, one that runs here for it',
    )
    .addHelpText('after', ENV_EXAMPLES)
    .action((subject: string, flags: { on?: string }, command: Command) => {
      const { paths, json } = globals(command);
      const on = placeOf(subject, flags.on);
      const plan = subject === 'workstation' ? loadPlanIfAny(paths.plan) : loadPlan(paths.plan);
      const env = environmentFor(plan, paths, subject, { checkout: CHECKOUT, on });
      if (json) printJson(env);
      else print(renderEnv(env));
    });
}

const ENV_EXAMPLES = `
The text is shell: to run steps of the book by hand, start bash and take it in.

  eval "$(kfs plan env workstation)"             here; the same is in cluster.env of the state directory
  eval "$(kfs plan env n1 --on workstation)"     here, for a step that is done once for each machine
  kfs plan env n1 | ssh -F "$KFS_SSH_CONFIG" n1 'cat > cluster.env'      then on n1:  . ./cluster.env`;

function placeOf(subject: string, on: string | undefined): 'machine' | 'workstation' | undefined {
  if (on === undefined || on === 'workstation') return on;
  if (on === 'machine' && subject !== 'workstation') return on;
  throw new KfsError('usage', `\`--on ${on}\` means nothing for ${subject}`, {
    next: 'write `--on machine` or `--on workstation` after the name of a machine',
  });
}

function registerRender(parent: Command): void {
  parent
    .command('render')
    .description('write cluster.env and ssh/config from the plan now; start and run do it too')
    .action((_flags: object, command: Command) => {
      const { paths, json } = globals(command);
      const changed = renderState(loadPlan(paths.plan), paths, { checkout: CHECKOUT });
      if (json) printJson({ env: paths.env, sshConfig: paths.sshConfig, changed });
      else
        print(
          [paths.env, paths.sshConfig]
            .map(file => `${file}  ${changed.includes(file) ? 'written' : 'as it was'}\n`)
            .join(''),
        );
    });
}

function registerSchema(parent: Command): void {
  parent
    .command('schema')
    .description('the JSON Schema of cluster.yaml, for editors and other programs')
    .action(() => {
      printJson(planJsonSchema());
    });
}

function registerVariables(parent: Command): void {
  parent
    .command('variables')
    .description('every variable that a step can see, where, and what it means')
    .action((_flags: object, command: Command) => {
      if (globals(command).json) printJson(VARIABLES);
      else
        print(
          table([
            ['variable', 'where', 'meaning'].map(head => paint('bold', head)),
            ...VARIABLES.map(({ name, scope, meaning }) => [name, scope, meaning]),
          ]),
        );
    });
}
