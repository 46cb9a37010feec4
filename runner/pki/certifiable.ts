/**
 * Refuses, before the first key is made, a plan that cannot be certified: whose certificates some verifier
 * would not accept, or would accept for more than the plan says.
 */
import { isIPv4 } from 'node:net';
import { KfsError } from '../errors.ts';
import { contains, parseAddress, parseRange } from '../plan/addresses.ts';
import { isDomainName, isLabel } from '../plan/fields.ts';
import type { Plan } from '../plan/plan.ts';
import { catalogue } from './catalogue.ts';
import type { Certificate } from './entry.ts';

/** The longest common name that X.509 allows. */
const LONGEST = 64;

/** Throws `KfsError` pki-refused with the first problem; the plan's own rules are not repeated in full. */
export function assertCertifiable(plan: Plan): void {
  const problem = [...problems(plan)][0];
  if (problem)
    throw new KfsError('pki-refused', `this plan cannot be certified: ${problem[0]}`, { next: problem[1] });
}

type Problem = [what: string, next: string];

function* problems(plan: Plan): Generator<Problem> {
  if (plan.machines.length === 0) yield ['it has no machine', 'describe at least one in the plan'];
  const domains = { domain: plan.domain, 'api.name': plan.api.name };
  for (const [field, name] of Object.entries(domains)) yield* badName(field, name);
  for (const { name } of plan.machines) {
    if (!isLabel(name)) yield [`\`${name}\` is not a host name`, 'use small letters, digits and hyphens'];
  }
  yield* badAddresses(plan);
  for (const entry of catalogue(plan)) if (entry.kind === 'certificate') yield* tooLong(entry);
}

function* badName(field: string, name: string): Generator<Problem> {
  if (name.includes('*')) {
    yield [
      `\`${field}\` is the wildcard \`${name}\``,
      'name one host: a certificate for every name would let each machine pass for all of them',
    ];
  } else if (!isDomainName(name)) {
    yield [`\`${field}\` is \`${name}\`, not a full name`, 'write two labels or more, e.g. `kfs.home.arpa`'];
  }
}

function* badAddresses(plan: Plan): Generator<Problem> {
  const subnet = parseRange(plan.network.subnet);
  const addresses = {
    'api.address': plan.api.address,
    'network.workstation': plan.network.workstation,
    ...Object.fromEntries(plan.machines.map(({ name, address }) => [`address of ${name}`, address])),
  };
  for (const [field, address] of Object.entries(addresses)) {
    if (!isIPv4(address))
      yield [`the ${field}, \`${address}\`, is not an IPv4 address`, 'write four numbers'];
    else if (!subnet || !contains(subnet, parseAddress(address) ?? -1)) {
      yield [
        `the ${field}, ${address}, is outside ${plan.network.subnet}`,
        'the root vouches for no address outside the subnet: correct one of the two',
      ];
    }
  }
}

function* tooLong({ commonName, file }: Certificate): Generator<Problem> {
  if (commonName.length <= LONGEST) return;
  yield [
    `the name \`${commonName}\` in ${file}.crt has ${commonName.length} characters, X.509 allows ${LONGEST}`,
    "shorten the machine's name, the cluster's or the domain",
  ];
}
