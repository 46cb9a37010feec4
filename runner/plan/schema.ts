/**
 * The form of `cluster.yaml`, written once: types, defaults, messages and the JSON Schema for editors come
 * from here. What a form cannot say (overlaps, doubles, sense) is in `sense.ts`.
 */
import { z } from 'zod';
import { address, disk, domainName, file, host, label, mac, range, say, user, version } from './fields.ts';
import { type Plan, ROLES } from './plan.ts';
import { COMPONENTS, type Component, VERSIONS } from './versions.ts';

const network = z
  .strictObject({
    subnet: range.describe(
      'The network that your router serves, e.g. `192.168.1.0/24`. All machines are in it.',
    ),
    router: address.describe('The router: default gateway of every machine, giver of the static leases.'),
    dns: z
      .array(address)
      .min(1, say('there is no DNS server', 'name at least one; most routers are one'))
      .optional()
      .describe('DNS servers that the machines ask. Default: the router.'),
    time: z
      .array(host)
      .min(1, say('there is no time server', 'name at least one; certificates need a right clock'))
      .optional()
      .describe('Time servers (NTP): addresses or full names. Default: the router.'),
    workstation: address.describe(
      'The address of your workstation in this network: machines fetch software from it.',
    ),
  })
  .describe('The network that is there already: one router, static leases, nothing else asked of it.');

const api = z
  .strictObject({
    name: domainName
      .optional()
      .describe('Full DNS name of the Kubernetes API. Default: `api.` and the domain.'),
    address: address.describe(
      "The address behind that name: a free one of the subnet, or the control machine's own while there is one.",
    ),
  })
  .describe('Where every client finds the Kubernetes API, however many machines serve it.');

const machine = z.strictObject({
  name: label.describe('Its host name: a DNS label. It is signed into certificates, so choose once.'),
  mac: mac.describe('The MAC address of its network card, by which the router knows it.'),
  address: address.describe('The address that the router gives to this MAC, always the same.'),
  roles: z
    .array(
      z.enum(ROLES, {
        error: ({ input }) =>
          say(`there is no role \`${String(input)}\``, `the roles are ${ROLES.join(', ')}`),
      }),
    )
    .min(1, say('the machine has no role', `give it one or more of ${ROLES.join(', ')}`))
    .describe(
      'What it does: etcd (the memory), control (API server and controllers), storage (Ceph), node (runs pods).',
    ),
  disk: disk.describe('The system disk. It is ERASED when the machine is installed.'),
  data: z.array(disk).default([]).describe('Data disks, for Ceph. The installer never touches them.'),
  power: z
    .enum(['manual', 'lab'], {
      error: ({ input }) =>
        say(
          `there is no power driver \`${String(input)}\``,
          'write `manual` (you press the button) or `lab`',
        ),
    })
    .default('manual')
    .describe('Who switches it on and off: `manual`, you; `lab`, the lab.'),
});

const versions = z
  .strictObject(
    Object.fromEntries(
      COMPONENTS.map(component => [component, version.default(VERSIONS[component])]),
    ) as Record<Component, z.ZodDefault<typeof version>>,
  )
  .prefault({})
  .describe(
    'Versions of the software, by component. What you leave out has the version that the book was tested with.',
  );

const ssh = z
  .strictObject({
    user: user
      .default('core')
      .describe('The login user that the installation makes. Steps use sudo where they need it.'),
    key: file
      .optional()
      .describe('Your private key, if you want to use one that you have. Default: the book makes one.'),
    config: file
      .optional()
      .describe('An ssh_config that is read first, for machines that are reached in a special way.'),
  })
  .prefault({})
  .describe('How the workstation logs in.');

const port = z.int().min(1).max(65535).default(8080);
const mirror = z
  .strictObject({ port: port.describe('The port at which the workstation serves the mirror.') })
  .prefault({})
  .describe('The folder of software that your workstation serves to the machines.');

/** Private ranges that home routers do not use. */
export const RANGE_DEFAULTS = { pods: '10.244.0.0/16', services: '10.96.0.0/16' };

const written = z
  .strictObject({
    name: label.describe("The cluster's name: a DNS label. It is written into certificates and into etcd."),
    domain: domainName
      .default('kfs.home.arpa')
      .describe(
        'The DNS domain of the machines and of the API, on your own network. (The Services inside the cluster have `cluster.local`.)',
      ),
    network,
    pods: range
      .default(RANGE_DEFAULTS.pods)
      .describe('Addresses for pods; each machine takes a /24 of it. Must be unused on your network.'),
    services: range
      .default(RANGE_DEFAULTS.services)
      .describe('Addresses for Services. Must be unused on your network.'),
    api,
    mirror,
    versions,
    ssh,
    machines: z
      .array(machine)
      .min(1, say('the plan has no machine', 'describe at least one; `kfs plan init` asks for what it needs'))
      .describe('The machines, in order. The first is brought up alone, so it holds every role.'),
  })
  .describe('A cluster of the book Kubernetes From Scratch.');

/** What a person writes. */
export type WrittenPlan = z.input<typeof written>;

/** Defaults that depend on other fields. */
export function complete(plan: z.output<typeof written>) {
  const { network: net, api: front } = plan;
  return {
    ...plan,
    network: { ...net, dns: net.dns ?? [net.router], time: net.time ?? [net.router] },
    api: { ...front, name: front.name ?? `api.${plan.domain}` },
  };
}

export const planSchema = written.transform(complete);

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Does not compile when the schema and `Plan` part ways. */
export const schemaIsPlan: Same<
  z.output<typeof planSchema>,
  Plan & { versions: Record<Component, string> }
> = true;

export interface JsonSchema {
  description?: string;
  type?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  [keyword: string]: unknown;
}

/** JSON Schema (draft 2020-12) of the file as written, for editors and for the form of the Plan page. */
export function planJsonSchema(): JsonSchema {
  return { title: 'cluster.yaml', ...(z.toJSONSchema(planSchema, { io: 'input' }) as JsonSchema) };
}

/** The part of the schema that describes a field; undefined where there is no such field. */
export function fieldSchema(path: (string | number)[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (schema, step) => (typeof step === 'number' ? schema?.items : schema?.properties?.[step]),
    JSON_SCHEMA,
  );
}
const JSON_SCHEMA = planJsonSchema();
