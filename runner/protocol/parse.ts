/** The receiver's side of the protocol: what a page sends is parsed, never believed. Server only (zod). */
import { z } from 'zod';
import { decodeFrame, FRAME } from './frames.ts';
import { type ClientMessage, MAX_INPUT, type PlanValue } from './messages.ts';

/** Ids of steps and runs, names of machines, slugs: nothing that a shell or a path could misread. */
const name = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:/+-]{0,199}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const request = z
  .int()
  .min(1)
  .max(2 ** 31);
const number = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const offset = z.int().min(0);
const size = z.strictObject({ columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) });
const words = z.string().max(200);

const value: z.ZodType<PlanValue> = z.lazy(() =>
  z.union([
    z.string().max(1000),
    z.number(),
    z.boolean(),
    z.array(value).max(500),
    z.record(z.string().max(100), value),
  ]),
);
const edits = z
  .array(
    z.strictObject({
      path: z
        .array(z.union([z.string().max(100), z.int().min(0).max(1000)]))
        .min(1)
        .max(8),
      value: value.nullable(),
    }),
  )
  .max(500);

const asked = <T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), request, ...shape });

const client = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), version: z.int() }),
  asked('run', {
    step: name,
    subject: name,
    digest,
    mode: z.enum(['run', 'force', 'check']),
    confirm: words.optional(),
    size: size.optional(),
  }),
  asked('series', {
    what: z.array(name).max(500),
    to: name.optional(),
    stale: z.boolean().optional(),
    subjects: z.array(name).max(500).optional(),
    destroy: z.array(name).max(500).optional(),
    book: digest,
  }),
  asked('series.stop', { id: number }),
  asked('stop', { run: name, force: z.boolean() }),
  asked('hands', { run: name }),
  asked('accept', { step: name, subject: name, digest }),
  asked('values', { step: name, subject: name }),
  asked('attach', { run: name, offset: offset.optional(), last: offset.optional() }),
  asked('attach.shell', { shell: number, offset }),
  z.strictObject({ type: z.literal('detach'), stream: number }),
  z.strictObject({ type: z.literal('ack'), stream: number, offset }),
  z.strictObject({ type: z.literal('resize'), stream: number, size }),
  asked('shell.open', { machine: name, size }),
  asked('shell.close', { shell: number }),
  asked('run.info', { run: name }),
  asked('runs', { step: name, subject: name }),
  asked('plan.view', { edits }),
  asked('plan.save', { edits, digest: z.union([digest, z.literal('')]) }),
  asked('certificates', {}),
  asked('lab.retry', {}),
]);

export type Parsed =
  | { ok: true; message: ClientMessage }
  | { ok: true; input: { stream: number; bytes: Uint8Array } }
  | { ok: false; request?: number; problem: string };

/** A text message. */
export function parseText(text: string): Parsed {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
  const result = client.safeParse(data);
  if (result.success) return { ok: true, message: result.data as ClientMessage };
  const of = z.object({ request }).safeParse(data);
  const issue = result.error.issues[0];
  const problem = issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'not a message';
  return { ok: false, problem, ...(of.success && { request: of.data.request }) };
}

/** A binary message: input for a stream. */
export function parseBinary(data: Uint8Array): Parsed {
  const frame = decodeFrame(data);
  if (frame?.kind !== FRAME.input) return { ok: false, problem: 'not an input frame' };
  if (frame.bytes.length > MAX_INPUT)
    return { ok: false, problem: `more than ${MAX_INPUT} bytes of input at once` };
  return { ok: true, input: { stream: frame.stream, bytes: frame.bytes } };
}
