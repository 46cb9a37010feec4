/** The schema's findings in the words of a person, each at its line. */
import type { z } from 'zod';
import type { PlanIssue, PlanPath } from './issue.ts';
import { formatPath } from './issue.ts';
import { fieldSchema } from './schema.ts';
import { placeOf, type Source } from './source.ts';

type Finding = z.core.$ZodIssue;

export function shapeIssues(findings: Finding[], source: Source): PlanIssue[] {
  return findings.flatMap(finding => {
    const path = finding.path as PlanPath;
    if (finding.code === 'unrecognized_keys') return finding.keys.map(key => unknownKey(source, path, key));
    if (finding.code === 'invalid_type') return [wrongType(source, path, finding)];
    return [{ path, place: placeOf(source, path), ...unsay(finding.message) }];
  });
}

/** The halves that `say` has joined. */
function unsay(message: string): { what: string; next: string } {
  const at = message.lastIndexOf(' → ');
  if (at < 0) return { what: message, next: 'correct the value' };
  return { what: message.slice(0, at), next: message.slice(at + 3) };
}

function wrongType(source: Source, path: PlanPath, finding: Finding & { code: 'invalid_type' }): PlanIssue {
  const value = valueAt(source.data, path);
  const place = placeOf(source, path);
  const name = formatPath(path);
  const about = fieldSchema(path)?.description;
  if (path.length === 0)
    return { path, place, what: 'there is no plan in this file', next: 'let `kfs plan init` write one' };
  if (value === undefined) {
    return { path, place, what: `\`${name}\` is missing`, next: about ? `write it: ${about}` : 'write it' };
  }
  if (finding.expected === 'string' && typeof value === 'number') {
    return { path, place, what: `\`${name}\` is read as a number`, next: 'put it in quotes' };
  }
  const what = `\`${name}\` is ${nameOf(value)} where ${EXPECTED[finding.expected] ?? finding.expected} belongs`;
  return { path, place, what, next: about ?? 'look at `kfs plan schema`' };
}

const EXPECTED: Record<string, string> = {
  string: 'a text',
  array: 'a list',
  object: 'a group of fields',
  int: 'a whole number',
  number: 'a number',
};

function nameOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a group of fields' : `\`${String(value)}\``;
}

function unknownKey(source: Source, path: PlanPath, key: string): PlanIssue {
  const known = Object.keys(fieldSchema(path)?.properties ?? {});
  const near = known.find(name => distance(name, key) <= Math.max(1, Math.floor(name.length / 3)));
  const place = placeOf(source, [...path, key], 'key');
  const where = path.length ? ` in \`${formatPath(path)}\`` : '';
  const next = near ? `did you mean \`${near}\`?` : `the fields here are ${known.join(', ')}`;
  return { path: [...path, key], place, what: `there is no field \`${key}\`${where}`, next };
}

/** Number of letters to change, add or take away. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, against] of [...other].entries()) {
      next.push(
        Math.min((row[j] ?? 0) + (letter === against ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

export const valueAt = (data: unknown, path: PlanPath): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step],
    data,
  );
