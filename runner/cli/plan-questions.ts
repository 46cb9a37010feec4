/** The questions of `kfs plan init`, in the order of the file that it writes. What a flag said is not asked. */
import { checkbox, confirm, input } from '@inquirer/prompts';
import { KfsError } from '../errors.ts';
import {
  type Answers,
  defaultRoles,
  defaultRouter,
  freeAddress,
  ownAddress,
  ownSubnet,
  type WrittenMachine,
} from '../plan/answers.ts';
import { address, disk, domainName, label, mac, range } from '../plan/fields.ts';
import { ROLES } from '../plan/plan.ts';

/** A field of the plan's schema; only what judges a text is used. */
interface Form {
  safeParse(value: unknown): { error?: { issues: { message: string }[] } };
}

/** Ctrl-C is thrown as `interrupted`; nothing was written then. */
export async function ask(given: Answers): Promise<Answers> {
  try {
    return await questions(given);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error;
    throw new KfsError('interrupted', 'no plan was written', { cause: error });
  }
}

async function questions(given: Answers): Promise<Answers> {
  const answers = { ...given };
  answers.name ??= await text("The cluster's name", label, 'home');
  answers.domain ??= await text('The DNS domain of your machines', domainName, 'kfs.home.arpa');
  answers.subnet ??= await text(
    'The network that your router serves',
    range,
    ownSubnet() ?? '192.168.1.0/24',
  );
  answers.router ??= await text("The router's address", address, defaultRouter(answers.subnet));
  answers.workstation ??= await text(
    'The address of this workstation, as the machines see it',
    address,
    ownAddress(answers.subnet),
  );
  answers.machine = given.machine?.length ? given.machine : [];
  for (const machine of answers.machine) await machineQuestions(machine, answers.machine.indexOf(machine));
  while (answers.machine.length === 0 || (!given.machine?.length && (await more(answers.machine.length)))) {
    answers.machine.push(await machineQuestions({}, answers.machine.length));
  }
  const taken = [
    answers.router,
    answers.workstation,
    ...answers.machine.map(machine => machine.address ?? ''),
  ];
  answers.apiAddress ??= await text(
    "The API's own address, which your router gives to nobody",
    address,
    freeAddress(answers.subnet, taken),
  );
  return answers;
}

const more = (count: number): Promise<boolean> =>
  confirm({
    message: count === 1 ? 'Another machine? One is enough to begin' : 'Another machine?',
    default: false,
  });

/** Fills what a machine lacks. */
async function machineQuestions(
  machine: Partial<WrittenMachine>,
  index: number,
): Promise<Partial<WrittenMachine>> {
  machine.name ??= await text(`Name of machine ${index + 1}`, label, `n${index + 1}`);
  const own = machine.name;
  machine.mac ??= await text(`${own}: MAC address of its network card`, mac);
  machine.address ??= await text(`${own}: the address that the router gives it`, address);
  machine.disk ??= await text(`${own}: system disk, ERASED at the installation`, disk, '/dev/sda');
  machine.data ??= words(
    await text(`${own}: data disks for Ceph, with spaces between; empty for none`, diskList, ''),
  );
  const usual = defaultRoles(index, machine.data);
  machine.roles ??= await checkbox({
    message: `${own}: roles`,
    choices: ROLES.map(role => ({ value: role, checked: usual.includes(role) })),
    required: true,
  });
  return machine;
}

const words = (line: string): string[] => line.split(/\s+/).filter(Boolean);

const diskList: Form = {
  safeParse: value =>
    words(String(value))
      .map(word => disk.safeParse(word))
      .find(result => result.error) ?? {},
};

function text(message: string, form: Form, usual?: string): Promise<string> {
  return input({
    message,
    default: usual || undefined,
    validate: value => form.safeParse(value.trim()).error?.issues[0]?.message ?? true,
  }).then(value => value.trim());
}
