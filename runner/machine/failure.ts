/** What ssh says when it fails, as errors that name the next action. */
import { KfsError } from '../errors.ts';
import type { SshTarget } from './machine.ts';

/** Pure: from ssh's stderr to the reason. */
export function explainSsh(target: SshTarget, complaint: string): KfsError {
  const { name } = target;
  const said = lastLine(complaint);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i.test(complaint)) {
    return new KfsError('host-key-changed', `${name} shows another host key than the pinned one`, {
      next: `If ${name} was reinstalled on purpose, pin its new key by running the step that made it again; if not, do not log in: something else answers at its address.`,
      cause: new Error(complaint.trim()),
    });
  }
  if (/No .* host key is known for|Host key verification failed/i.test(complaint)) {
    return new KfsError('host-key-unknown', `the host key of ${name} is not pinned`, {
      next: `Run the step that makes the host key of ${name}; keys are never accepted on sight. Pinned keys: the UserKnownHostsFile of ${target.configFile}`,
      cause: new Error(complaint.trim()),
    });
  }
  const transition = transitionIn(complaint);
  if (transition) return unreachable(name, `it is ${transition} and lets nobody in`, byHand(target));
  if (/Permission denied|Too many authentication failures|no matching .* method/i.test(complaint)) {
    return new KfsError('login-refused', `${name} refused the login${said && `: ${said}`}`, {
      next: `Try it by hand: ${byHand(target)}`,
      cause: new Error(complaint.trim()),
    });
  }
  return unreachable(name, said || 'the connection ended', byHand(target));
}

/** `booting up` or `going down`, from pam_nologin(8), whose words come before ssh's own. */
export const transitionIn = (complaint: string): string | undefined =>
  complaint.match(/System is (booting up|going down)/i)?.[1]?.toLowerCase();

const byHand = ({ configFile, name }: SshTarget): string => `ssh -F ${configFile} ${name}`;

export const unreachable = (name: string, why: string, command?: string): KfsError =>
  new KfsError('machine-unreachable', `${name} cannot be reached: ${why}`, {
    next: command ? `Is it on, and on the network? Try it by hand: ${command}` : undefined,
  });

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
