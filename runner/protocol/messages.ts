/**
 * What page and server say to each other. THIS FILE IS IMPORTED IN BOTH SERVER- AND BROWSER-SIDE CODE: types
 * and constants only. The server parses what it receives (`parse.ts`); the page trusts its own server.
 *
 * The page sends ids, digests, input bytes, sizes and fields of the plan, and never shell text. Every message
 * with a `request` number is answered once, by `reply` or by `refused`.
 */
import type { StepKind } from '../book/manifest.ts';
import type { ErrorCode } from '../errors.ts';
import type { Cell, JournalEvent, RunMode } from '../events.ts';
import type { CertificateSummary } from '../pki/summary.ts';
import type {
  BookInfo,
  LabPreparation,
  MachineInfo,
  PlanEdit,
  PlanView,
  RunInfo,
  SeriesInfo,
  ShellInfo,
} from './views.ts';

export type { Cell, CellStatus, JournalEvent, Outcome, RunMode } from '../events.ts';
export type * from './views.ts';
export type { CertificateSummary, StepKind };

/** Raised when an older page could not understand the server, or the other way round. */
export const VERSION = 1;

/** What a book page offers at the WebSocket handshake, beside `token.<hex>`. */
export const SUBPROTOCOL = 'kfs.v1';
export const TOKEN_PREFIX = 'token.';
/** Where the WebSocket is, and below it what can be fetched with the token. */
export const SOCKET_PATH = '/api/socket';
export const HELLO_PATH = '/api/hello';
export const RUNS_PATH = '/api/runs/';

/** Bytes of one stream that may be on their way, not yet acknowledged by the page. */
export const WINDOW = 1024 * 1024;
/** The page acknowledges after so many bytes. */
export const ACK_EVERY = 64 * 1024;
/** Largest message that the page may send, and largest piece of input in it. */
export const MAX_MESSAGE = 256 * 1024;
export const MAX_INPUT = 64 * 1024;

/** Close codes of the application, 4000 and up. */
export const CLOSE = { version: 4000, malformed: 4001, slow: 4002, stopping: 4003 } as const;

/** Why something was not done. Names are permanent. */
export type Refusal =
  | ErrorCode
  | 'bad-message'
  | 'bad-version'
  | 'run-unknown'
  | 'subject-unknown'
  | 'stream-unknown'
  | 'shell-unknown'
  | 'too-many'
  | 'busy'
  | 'plan-changed'
  | 'failed';

/** Refusals of the handshake and of HTTP, in the JSON body of a 4xx answer. */
export type DoorRefusal =
  | 'host-foreign'
  | 'origin-foreign'
  | 'token-missing'
  | 'token-wrong'
  | 'method'
  | 'not-found'
  | 'version'
  | 'too-many';

export interface Size {
  columns: number;
  rows: number;
}

export type ClientMessage =
  | { type: 'hello'; version: number }
  | {
      type: 'run';
      request: number;
      step: string;
      subject: string;
      digest: string;
      mode: RunMode;
      confirm?: string;
      size?: Size;
    }
  | {
      type: 'series';
      request: number;
      what: string[];
      to?: string;
      stale?: boolean;
      subjects?: string[];
      destroy?: string[];
      /** Digest of the book that the page shows. */
      book: string;
    }
  | { type: 'series.stop'; request: number; id: number }
  | { type: 'stop'; request: number; run: string; force: boolean }
  | { type: 'hands'; request: number; run: string }
  | { type: 'accept'; request: number; step: string; subject: string; digest: string }
  | { type: 'values'; request: number; step: string; subject: string }
  /** Joins a run's output or a shell at an offset; `last` bytes before the end if no offset is known. */
  | { type: 'attach'; request: number; run: string; offset?: number; last?: number }
  | { type: 'attach.shell'; request: number; shell: number; offset: number }
  | { type: 'detach'; stream: number }
  | { type: 'ack'; stream: number; offset: number }
  | { type: 'resize'; stream: number; size: Size }
  | { type: 'shell.open'; request: number; machine: string; size: Size }
  | { type: 'shell.close'; request: number; shell: number }
  | { type: 'run.info'; request: number; run: string }
  | { type: 'runs'; request: number; step: string; subject: string }
  | { type: 'plan.view'; request: number; edits: PlanEdit[] }
  | { type: 'plan.save'; request: number; edits: PlanEdit[]; digest: string }
  | { type: 'certificates'; request: number }
  /** Prepares the lab again after it failed. */
  | { type: 'lab.retry'; request: number };

/** What `reply.value` holds, by the type that was asked. */
export interface Replies {
  run: { run: string; outcome: string; reason: string };
  series: { id: number };
  'series.stop': null;
  stop: null;
  hands: null;
  accept: null;
  values: { values: Record<string, string> };
  attach: { stream: number; offset: number };
  'attach.shell': { stream: number; offset: number };
  'shell.open': { shell: number };
  'shell.close': null;
  'run.info': RunInfo;
  runs: { runs: RunInfo[] };
  'plan.view': PlanView;
  'plan.save': PlanView;
  certificates: { certificates: CertificateSummary[]; folder: string };
  'lab.retry': null;
}
export type Ask = Extract<ClientMessage, { request: number }>;
export type AskType = Ask['type'];

export type ServerMessage =
  | {
      type: 'welcome';
      version: typeof VERSION;
      /** New at each start of the runner. */
      server: string;
      book: BookInfo;
      /** null while there is no plan. */
      plan: { name: string; machines: MachineInfo[] } | null;
      /** Why the plan cannot be used, when its file is there. */
      planProblem?: string;
      cells: Cell[];
      series: SeriesInfo[];
      shells: ShellInfo[];
      /** While a lab is made ready, or has failed to be. */
      lab?: LabPreparation;
    }
  | { type: 'lab'; lab: LabPreparation | null }
  | { type: 'cells'; cells: Cell[] }
  | { type: 'event'; event: JournalEvent; cell?: Cell }
  | { type: 'series'; series: SeriesInfo }
  | { type: 'shells'; shells: ShellInfo[] }
  /** Book or plan changed on disk: everything that hangs on it is sent anew. */
  | {
      type: 'book';
      book: BookInfo;
      plan: { name: string; machines: MachineInfo[] } | null;
      planProblem?: string;
      cells: Cell[];
    }
  /** The book does not compile at the moment; the last good one stays. */
  | { type: 'book.broken'; message: string }
  /** The site was built anew: a reload shows the new text. */
  | { type: 'site'; state: 'building' | 'ready' | 'failed'; message?: string }
  | { type: 'ended'; stream: number; offset: number }
  | { type: 'reply'; request: number; value: unknown }
  | { type: 'refused'; request?: number; reason: Refusal; message: string; next?: string };
