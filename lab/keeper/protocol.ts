/** What is said on the keeper's socket: one request a connection, one answer, each a line of JSON. */
import { createConnection } from 'node:net';
import { type ErrorCode, KfsError } from '../../runner/errors.ts';
import type { Emulator } from '../machine/qemu.ts';
import type { UmlKernel } from '../machine/uml.ts';
import type { Uplink } from '../network/uplink.ts';
import type { LabPlan, LabSettings } from '../spec.ts';

export const ACTIONS = ['on', 'off', 'cut', 'reset'] as const;
export type Action = (typeof ACTIONS)[number];

export type Request =
  | { type: 'status' }
  | { type: 'power'; name: string; action: Action }
  /** Plugs a stick (a file) into a machine, or pulls it out when no file is named. */
  | { type: 'stick'; name: string; file?: string }
  /** Answers when the machine is off by its own wish, or fails after `timeoutMs`. */
  | { type: 'wait-off'; name: string; timeoutMs: number }
  /** Answers when the machine's ssh server greets, or fails after `timeoutMs`. */
  | { type: 'wait'; name: string; timeoutMs: number }
  | { type: 'down' };

export interface MachineStatus {
  name: string;
  address: string;
  mac: string;
  power: 'on' | 'off' | 'stopping';
  /** What it was started from, while it is on. */
  from?: 'installer' | 'disk' | 'image' | 'stick';
  /** The stick that is plugged in. */
  stick?: string;
  /** When the power state last changed, ISO 8601. */
  since: string;
  /** Starts of this session of the lab, restarts included. */
  starts: number;
  /** Process number inside the lab. */
  pid?: number;
  /** Why it is off, when that was nobody's wish. */
  ended?: string;
}

export interface LabStatus {
  up: true;
  backend: LabSettings['backend'];
  /** KVM, TCG or the kernel's release. */
  engine: string;
  /** The way out as it is now: none, too, when its program has ended. */
  uplink: Uplink['kind'];
  /** Why there is no way out. */
  noWayOut?: string;
  network: LabPlan['network'];
  machines: MachineStatus[];
}

export type Answer =
  | { ok: true; status?: LabStatus }
  | { ok: false; code: ErrorCode; message: string; next?: string };

/** Everything that the keeper is told at its start, as `launch.json`. */
export interface Launch {
  plan: LabPlan;
  settings: LabSettings;
  uplink: Uplink;
  kernel?: UmlKernel;
  emulator?: Emulator;
}

/** Asks the keeper. Its refusals come back as the errors that they are. */
export function ask(socketPath: string, request: Request): Promise<LabStatus | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', chunk => {
      text += chunk;
    });
    socket.on('error', error => reject(notUp(error)));
    socket.on('close', () => {
      if (!text.endsWith('\n')) return reject(notUp());
      const answer = JSON.parse(text) as Answer;
      if (answer.ok) return resolve(answer.status);
      return reject(new KfsError(answer.code, answer.message, answer.next ? { next: answer.next } : {}));
    });
  });
}

const notUp = (cause?: unknown): KfsError =>
  new KfsError('lab-failed', 'the lab is not up', { next: 'kfs lab up', ...(cause ? { cause } : {}) });
