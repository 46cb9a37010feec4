/** The Plan page's side here: what the form's edits would make of the file, and writing it. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import { editPlan, planDigest, savePlan } from '../plan/edit.ts';
import type { PlanIssue } from '../plan/issue.ts';
import { readPlanText } from '../plan/load.ts';
import type { Plan } from '../plan/plan.ts';
import { planJsonSchema } from '../plan/schema.ts';
import { writeWhole } from '../plan/write.ts';
import type { PlanEdit, PlanProblem, PlanView } from '../protocol/messages.ts';
import type { Hub } from './hub.ts';
import { Refused } from './refused.ts';

/** What the form begins with: one machine, in a network as most routers make it. */
const PROPOSAL = `# The plan: one file that describes your cluster. Every field is explained on the Plan page.
name: kfs
domain: kfs.home.arpa

network:
  subnet: 192.168.1.0/24
  router: 192.168.1.1
  workstation: 192.168.1.10

api:
  address: 192.168.1.21

machines:
  - name: node-1
    mac: 52:54:00:00:00:21
    address: 192.168.1.21
    roles: [etcd, control, storage, node]
    disk: /dev/sda
    data: [/dev/sdb]
`;

export class PlanDesk {
  #hub: Hub;
  #file: string;

  constructor(hub: Hub, file: string) {
    this.#hub = hub;
    this.#file = file;
  }

  /** Writes nothing. */
  view(edits: PlanEdit[]): PlanView {
    const exists = existsSync(this.#file);
    const before = exists ? readPlanText(this.#file) : PROPOSAL;
    const { text, plan, issues } = editPlan(before, edits, this.#file);
    return {
      ...{ file: this.#file, exists, text, digest: exists ? planDigest(before) : '' },
      fields: fieldsOf(text),
      schema: planJsonSchema(),
      problems: issues.map(problemOf),
      stale: this.#staleUnder(plan),
    };
  }

  save(edits: PlanEdit[], digest: string): PlanView {
    const { text, problems, digest: now } = this.view(edits);
    if (digest !== now) {
      const next = 'Reload the page to see the new text, then make your change again.';
      throw new Refused('plan-changed', `${this.#file} was changed since you opened it.`, next);
    }
    if (problems.length > 0) throw new Refused('plan-invalid', problems[0]!.message, problems[0]!.next);
    if (digest === '') {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeWhole(this.#file, text, 0o600);
    } else savePlan(this.#file, text, digest);
    return this.view([]);
  }

  #staleUnder(plan: Plan | undefined): { step: string; subject: string }[] {
    if (!plan) return [];
    return this.#hub.runner.staleUnder(plan).map(({ step, subject }) => ({ step, subject }));
  }
}

const problemOf = ({ path, place, what, next }: PlanIssue): PlanProblem => ({
  ...{ path, line: place.line, column: place.column, message: what, next },
});

/** Leniently: the form shows what can be read of a broken file. */
function fieldsOf(text: string): PlanView['fields'] {
  try {
    const data: unknown = parse(text);
    return data && typeof data === 'object' && !Array.isArray(data) ? (data as PlanView['fields']) : {};
  } catch {
    return {};
  }
}
