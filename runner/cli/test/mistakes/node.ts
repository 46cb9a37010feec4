/** Mistakes with the kubelet and the pod network. */
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/node';
const kubelet = ['check', 'node-kubelet'];
const visitor = '--namespace=book --selector=app=visitor';
const describe = `kubectl describe pods ${visitor} --show-events`;
const onMachine = (command: string) => `ssh -F "$KFS_SSH_CONFIG" n1 sudo ${command}`;
const until = (command: string, seen: string) =>
  `timeout 180 bash -c 'until ${command} | grep "${seen}"; do sleep 2; done'`;

export const NODE: Mistake[] = [
  {
    title: 'a setting of the kernel was changed',
    chapter,
    make: {
      machine: `sysctl --quiet --write vm.overcommit_memory=0; systemctl restart kubelet.service || true
timeout 60 bash -c 'until journalctl --unit=kubelet.service --since=-1min | grep "invalid kernel flag"; do sleep 1; done'`,
    },
    // Not the kubelet's: it starts again and again, and is well each time until it has looked.
    try: ['check', 'node-kernel'],
    ask: { machine: 'journalctl --unit=kubelet.service --since=-2min --output=cat --no-pager' },
    row: 'invalid kernel flag: vm/overcommit_memory, expected value: 1, actual value: 0',
    cure: 'row',
    holds: ['check', 'node-kernel', 'node-kubelet'],
  },
  {
    title: 'a program of the pod network was deleted',
    chapter,
    make: {
      workstation: `${onMachine('rm /opt/cni/bin/loopback')}
kubectl delete pods ${visitor} --now --wait=false
${until(describe, 'failed to find plugin')}`,
    },
    try: ['check', 'node-visitors'],
    ask: { workstation: describe },
    row: 'failed to find plugin "loopback" in path [/opt/cni/bin]',
    cure: 'row',
  },
  {
    title: 'the file of the pod network was deleted',
    chapter,
    make: {
      workstation: `${onMachine('find /etc/cni/net.d -type f -delete')}
${until('kubectl get nodes', 'NotReady')}`,
    },
    try: kubelet,
    ask: { workstation: 'kubectl describe nodes' },
    row: 'cni plugin not initialized',
    cure: 'row',
  },
];
