/** Mistakes with etcd. */
import { thief } from './act.ts';
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/etcd';
const log = { machine: 'journalctl --unit=etcd.service --since=-2min --output=cat --no-pager' };

export const ETCD: Mistake[] = [
  {
    title: 'the mirror cannot be reached',
    chapter,
    make: {
      machine:
        'nft add table inet trial; nft "add chain inet trial out { type filter hook output priority 0; }"; nft add rule inet trial out tcp dport 8080 reject with tcp reset',
    },
    try: ['run', 'etcd-mirror', '--force'],
    row: 'curl: (7) Failed to connect',
    cure: { machine: 'nft delete table inet trial' },
  },
  {
    title: 'a program was damaged on its way to the machine',
    chapter,
    make: { machine: 'sed -i "s/^..../0000/" /etc/kfs/etcd.SHA256SUMS' },
    try: ['run', 'etcd-programs', '--force'],
    row: 'did NOT match',
    cure: 'row',
  },
  {
    title: 'the keys belong to root',
    chapter,
    make: { machine: 'chown root:root /etc/etcd/pki/server.key' },
    try: ['run', 'etcd-start', '--force'],
    ask: log,
    row: 'open /etc/etcd/pki/server.key: permission denied',
    cure: 'row',
  },
  {
    title: 'another program has the port',
    chapter,
    make: thief(2379, 'etcd.service'),
    try: ['run', 'etcd-start', '--force'],
    ask: log,
    row: 'bind: address already in use',
    hands: { machine: 'systemctl stop thief.service' },
    cure: 'row',
  },
  {
    title: "etcd's disk is full",
    chapter,
    make: {
      machine: `systemctl stop etcd.service
dd if=/dev/zero of=/var/lib/etcd/filler bs=1M status=none || true; cp /dev/zero /var/lib/etcd/filler2 || true`,
    },
    try: ['run', 'etcd-start', '--force'],
    ask: log,
    row: 'no space left on device',
    hands: { machine: 'rm -f /var/lib/etcd/filler /var/lib/etcd/filler2' },
    cure: 'row',
  },
  {
    title: "the machine's clock is ahead by three years",
    chapter,
    make: { machine: 'date --set="+3 years" >/dev/null' },
    try: ['check', 'etcd-client'],
    row: 'certificate has expired or is not yet valid',
    cure: { machine: 'date --set="-3 years" >/dev/null' },
  },
  {
    title: 'the client shows a certificate of another authority',
    chapter,
    make: {
      workstation: `tar --create --directory=pki/machines/n1/node kube-proxy.crt kube-proxy.key |
  ssh -F "$KFS_SSH_CONFIG" n1 'sudo tar --extract --directory=/etc/etcd/pki --no-same-owner &&
    cd / && sudo sh -c "cd /etc/etcd/pki && mv kube-proxy.crt client.crt && mv kube-proxy.key client.key"'`,
    },
    try: ['check', 'etcd-client'],
    ask: log,
    row: 'certificate signed by unknown authority',
    cure: 'row',
  },
  {
    title: "the machine's address was changed after the certificates were made",
    chapter,
    make: {
      workstation: `mkdir other; cp --archive pki ssh other/
sed 's/10.77.0.11/10.77.0.12/' "$KFS_PLAN" >other/cluster.yaml
kfs --state other pki init etcd --machine n1
ssh -F "$KFS_SSH_CONFIG" n1 'sudo tee /etc/etcd/pki/server.crt && sudo systemctl restart etcd.service' \\
  <other/pki/machines/n1/etcd/server.crt
rm -r other`,
    },
    try: ['check', 'etcd-client'],
    row: 'x509: certificate is valid for …, not …',
    cure: 'row',
  },
  {
    title: 'the port is shut in the firewall',
    chapter,
    make: { machine: 'rm /etc/nftables.d/etcd.nft; systemctl reload nftables.service' },
    try: ['check', 'etcd-firewall'],
    ask: {
      workstation:
        'kfs lab exec -- curl --silent --show-error --max-time 5 https://10.77.0.11:2379/ 2>&1 || true',
    },
    row: 'Connection timed out',
    cure: 'row',
  },
];
