/** Mistakes with the API server. */
import { thief } from './act.ts';
import type { Mistake } from './mistake.ts';

const log = {
  machine: 'journalctl --unit=kube-apiserver.service --since=-2min --output=cat --no-pager',
};
const server = {
  chapter: 'one-machine/control-plane',
  try: ['run', 'control-apiserver', '--force'],
  ask: log,
  cure: 'row' as const,
  holds: ['check', 'control-apiserver', 'control-managers'],
};

export const CONTROL_PLANE: Mistake[] = [
  {
    ...server,
    title: 'the file with the encryption key is not there',
    make: { machine: 'rm /etc/kubernetes/pki/encryption-config.yaml' },
    row: 'Failed to set up credentials',
  },
  {
    ...server,
    title: 'a word of admission.yaml is misspelt',
    make: {
      machine: 'sed --in-place "s/enforce: baseline/enforce: basline/" /etc/kubernetes/admission.yaml',
    },
    row: 'failed to initialize admission plugin',
  },
  {
    ...server,
    title: 'another program has the port of the API',
    make: thief(6443, 'kube-apiserver.service'),
    row: 'bind: address already in use',
    hands: { machine: 'systemctl stop thief.service' },
  },
];
