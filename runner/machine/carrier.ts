/** The way to a host. Two exist: a child process here (`local.ts`), and ssh (`connection.ts`). */
import type { Channel } from './channel.ts';
import type { Shell, Size } from './machine.ts';

export interface Carrier {
  /** Shown to people: the machine's name in the plan. */
  readonly name: string;
  /** A channel that waits for its one request. Throws KfsError. */
  open(signal?: AbortSignal): Promise<Channel>;
  /** Why a channel ended before it should have. */
  broken(channel: Channel): Error;
  shell(size: Size): Promise<Shell>;
  close(): Promise<void>;
}

/** What a channel says when it is ready for its request. */
export const READY = 'ready';
