/** A machine of the plan. */
import { SshCarrier } from './connection.ts';
import { HostMachine } from './host.ts';
import type { Machine, SshTarget } from './machine.ts';

export const sshMachine = (target: SshTarget): Machine => new HostMachine(new SshCarrier(target));
