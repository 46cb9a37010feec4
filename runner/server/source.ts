/** Where a stream's bytes come from: a run's transcript, or a shell's recent output. */
import type { Size } from '../protocol/messages.ts';

/** One page that reads a source. */
export interface Reader {
  /** Everything before this offset has been shown. */
  readonly acked: number;
  /** There is more, or it has ended. */
  kick(): void;
}

export interface Source {
  /**
   * At most `length` bytes from `offset` on, what is there now. A later offset comes back where bytes were
   * given up; an empty piece means that there is nothing more yet.
   */
  read(offset: number, length: number): { offset: number; bytes: Uint8Array };
  total(): number;
  /** Nothing will be added any more. */
  ended(): boolean;
  input(bytes: Uint8Array): Promise<void>;
  resize(size: Size): Promise<void>;
  readonly readers: Set<Reader>;
  /** A reader has shown more: a source that paces its writer looks again. */
  acknowledged(): void;
}
