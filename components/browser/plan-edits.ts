/** The form's changes as edits of the file: pure, in order, with only the last word on each field. */
import type { PlanEdit, PlanValue } from '../../runner/protocol/messages.ts';

export type Fields = { [key: string]: PlanValue };
export type Path = (string | number)[];

export function valueAt(fields: PlanValue | undefined, path: Path): PlanValue | undefined {
  let at: PlanValue | undefined = fields;
  for (const step of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<string | number, PlanValue>)[step];
  }
  return at;
}

/** A new word on the field that was edited last replaces the old one; else it is added. */
export function withEdit(edits: PlanEdit[], edit: PlanEdit): PlanEdit[] {
  const last = edits.at(-1);
  const same = last && JSON.stringify(last.path) === JSON.stringify(edit.path) && isField(last);
  return [...(same ? edits.slice(0, -1) : edits), edit];
}

/** Not the adding or removing of an item, after which the same path means another thing. */
const isField = ({ path }: PlanEdit): boolean => typeof path.at(-1) === 'string';

/** What is typed into one line for a list: words between blanks and commas. Nothing means no field. */
export function listOf(text: string): string[] | null {
  const words = text.split(/[\s,]+/).filter(Boolean);
  return words.length > 0 ? words : null;
}

/** `network.dns` → `Dns`; what the form calls a field whose schema has no title. */
export function labelOf(path: Path): string {
  const name = String(path.at(-1));
  return LABELS[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

const LABELS: Record<string, string> = {
  ...{
    dns: 'DNS servers',
    time: 'Time servers',
    mac: 'MAC address',
    api: 'The Kubernetes API',
    ssh: 'Logging in',
  },
  ...{
    pods: 'Addresses for pods',
    services: 'Addresses for Services',
    disk: 'System disk',
    data: 'Data disks',
  },
  ...{
    workstation: 'This workstation',
    key: 'Private key',
    config: 'Extra ssh_config',
    kubernetes: 'Kubernetes',
  },
};
