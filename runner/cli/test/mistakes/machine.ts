/** Mistakes with the roots of trust, the config and the stick. */
import type { Mistake } from './mistake.ts';

const os = 'one-machine/operating-system';
const trust = 'one-machine/roots-of-trust';
const restored = { workstation: 'cp --archive --force pki.kept/. pki/; rm -r pki.kept' };

/** A stick made with another plan, plugged in; ends when the installer has said that it stops. */
const withStick = (change: string) => ({
  workstation: `mkdir other; cp os/n1.ign other/; sed '${change}' "$KFS_PLAN" >other/cluster.yaml
kfs --plan other/cluster.yaml image usb --configs other --out other/stick.img
kfs lab power n1 off; kfs lab stick n1 other/stick.img; kfs lab power n1 on
timeout 240 sh -c 'until tail --bytes=4096 lab/machines/n1/console.log | grep "the disk was not touched"; do sleep 1; done'`,
});
const console = { workstation: 'tail --bytes=4096 lab/machines/n1/console.log' };
const withoutStick = {
  workstation: `kfs lab power n1 cut; kfs lab stick n1; rm -r other; kfs lab power n1 on
timeout 240 sh -c 'until kfs lab ssh n1 -- true; do sleep 1; done'`,
};

export const MACHINE: Mistake[] = [
  {
    title: 'the backup is opened with a wrong passphrase',
    chapter: trust,
    make: { workstation: 'echo "quite another passphrase" >wrong' },
    try: [
      'pki',
      'restore',
      'STATE/backup-with-root.pem',
      '--only',
      'root/ca.crt',
      '--passphrase-file',
      'STATE/wrong',
    ],
    row: 'the passphrase does not open …',
    cure: { workstation: 'rm wrong' },
    holds: ['check', 'trust-backup'],
  },
  {
    title: 'an editor has damaged a key',
    chapter: trust,
    make: { workstation: 'cp --archive pki pki.kept; echo damaged >pki/etcd/ca.key' },
    try: ['pki', 'init'],
    row: '… is not a key that can be read',
    cure: restored,
  },
  {
    title: 'a word of the config is misspelt',
    chapter: os,
    make: {
      workstation: `cp os/n1.yaml kept.yaml; cp --archive os/n1.ign kept.ign
sed --in-place 's/sshAuthorizedKeys/sshAuthorisedKeys/' os/n1.yaml
kfs image config os/n1.yaml os/n1.ign`,
    },
    try: ['check', 'os-config'],
    row: 'Unused key …',
    cure: { workstation: 'mv kept.yaml os/n1.yaml; mv kept.ign os/n1.ign' },
  },
  {
    title: 'the machine shows another host key than the one that was made for it',
    chapter: os,
    make: {
      workstation: `cp ssh/known_hosts kept.hosts; ssh-keygen -q -t ed25519 -N '' -C '' -f other
echo "n1 $(cut -d' ' -f1,2 other.pub)" >ssh/known_hosts`,
    },
    try: ['check', 'os-install'],
    row: 'shows another host key than the pinned one',
    cure: { workstation: 'mv kept.hosts ssh/known_hosts; rm other other.pub' },
  },
  {
    title: 'the plan has the MAC address of another machine',
    chapter: os,
    make: withStick('s/52:54:00:77:00:11/52:54:00:77:00:99/'),
    try: ['check', 'os-install'],
    ask: console,
    row: "the stick knows none of this machine's network cards",
    cure: withoutStick,
  },
  {
    title: 'the plan has another name for the disk',
    chapter: os,
    make: withStick('s#disk: /dev/ubda#disk: /dev/sda#'),
    try: ['check', 'os-install'],
    ask: console,
    row: 'there is no disk /dev/…; the disks are: …',
    cure: withoutStick,
  },
];
