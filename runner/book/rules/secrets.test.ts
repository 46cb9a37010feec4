import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../testing/books.ts';
import { isSecretPath } from './secret-sources.ts';
import { secrets } from './secrets.ts';

const find = (text: string): string[] => findingsIn(secrets, text, 'on="workstation"');
const prints = (what: string, at = '1:1'): string[] => [`${at} the step would print ${what}`];

test('secret: files are known by their names', () => {
  for (const path of [
    'a.key',
    '/etc/x/server-key.pem',
    '$KFS_PKI/root/private',
    '~/.ssh/id_ed25519',
    'ssh_host_ed25519_key',
    '/etc/ceph/ceph.client.admin.keyring',
    '/etc/kubernetes/admin.conf',
    '$KFS_PKI/bootstrap-token',
    '/etc/kubernetes/encryption.yaml',
    '/etc/shadow',
    'admin.kubeconfig',
    'db-password.txt',
  ])
    assert.ok(isSecretPath(path), path);
  for (const path of [
    'a.crt',
    'ca.pem',
    '$KFS_PKI/root/ca.crt',
    '$KFS_PKI',
    '$KFS_PKI/',
    'id_ed25519.pub',
    'ssh_host_ed25519_key.pub',
    '/etc/passwd',
    '/etc/etcd/etcd.conf',
    'keys.md',
    'monkey',
  ])
    assert.ok(!isSecretPath(path), path);
});

test('secret: a file of it on the terminal, through whatever pipes', () => {
  for (const text of [
    'cat a.key',
    'sudo cat a.key',
    'head -c 9 <a.key',
    'base64 a.key',
    'grep -v x a.key',
    'cat a.key | base64',
    'cat a.key | grep x',
    '{ cat a.key; } | tr a b',
    '(cat a.key)',
    'if true; then cat a.key; fi',
    'cat a.key >/dev/stdout',
    'cat a.key 2>/dev/null',
    "ssh m 'sudo cat a.key'",
    "sudo sh -c 'cat a.key'",
    'echo "$(cat a.key)"',
    'x=$(cat a.key)\nprintf %s "$x"',
    'x=$(cat a.key); y="$x"; echo $y',
    'read -r x <a.key; echo "$x"',
    'cat <<EOF\n$(cat a.key)\nEOF',
    'cat <<<"$(cat a.key)"',
    'dd if=a.key',
    'echo a | tee b | cat - a.key',
    'diff a.key b',
  ])
    assert.match(find(text).join(), /^\d:\d+ the step would print a\.key/, text);
});

test('secret: programs that print one', () => {
  const bad: [string, string][] = [
    ['kubectl get secret x -o yaml', 'a Secret'],
    ['kubectl -n a get secrets --output=json | jq .', 'a Secret'],
    ["kubectl get secret/x -o jsonpath='{.data}' | base64 -d", 'a Secret'],
    ['kubectl config view --raw', 'a kubeconfig with its key'],
    ['kubectl create token x', 'a token'],
    ['sudo ceph auth get-key client.k8s', 'a Ceph key'],
    ['ceph auth get-or-create client.k8s mon allow', 'a Ceph key'],
    ['ceph-authtool x --print-key', 'a Ceph key'],
    ['openssl rand -hex 32', 'random bytes of a secret'],
    ['openssl genpkey -algorithm ed25519', 'a private key'],
    ['openssl pkey -in x -text', 'a private key'],
    ['kubeadm token create', 'a bootstrap token'],
  ];
  for (const [text, what] of bad) assert.deepEqual(find(text), prints(what), text);
});

test('secret: tracing prints every value', () => {
  assert.deepEqual(find('true\nset -x'), ['2:1 `set -x` prints every value that a command gets']);
  assert.deepEqual(find('bash -eux x.sh'), ['1:1 `bash -x` prints every value that a command gets']);
  assert.deepEqual(find("ssh m 'set -o xtrace; ls'"), [
    '1:1 `set -x` prints every value that a command gets',
  ]);
});

test('secret: a command line that every user can read', () => {
  assert.deepEqual(find('curl --header "Authorization: Bearer $(cat x.token)" y'), [
    '1:15 x.token on the command line of `curl`',
  ]);
  assert.deepEqual(find('t=$(cat x.token)\nsudo kubectl --token "$t" get pods'), [
    '2:22 x.token on the command line of `kubectl`',
  ]);
});

test('secret: used, moved or proven without being seen', () => {
  const fine = `cat a.key | ssh m 'sudo install -D -m 0600 -o root -g root /dev/stdin /etc/a.key'
cat a.key | sha256sum
sha256sum a.key
wc -c <a.key
grep -q BEGIN a.key
cat a.key >/dev/null
cat a.key >"$tmp/b"
cp a.key b.key
stat a.key; ls -l "$KFS_PKI"
openssl pkey -in a.key -pubout
openssl pkey -in a.key -noout -check
openssl rand -out a.key 32
openssl x509 -in a.crt -noout -text
test -n "$(cat a.key)"
[[ $(cat a.key) == x* ]]
x=$(cat a.key)
echo "\${#x}"
kubectl get secrets
kubectl get secret x -o name
kubectl describe secret x
ceph auth get-or-create client.x -o /etc/ceph/x.keyring
kubectl --kubeconfig admin.kubeconfig get pods
diff <(openssl pkey -in a.key -pubout) <(openssl x509 -in a.crt -noout -pubkey)
echo 'cat a.key'
cat a.crt a.pub
grep key a.conf`;
  assert.deepEqual(find(fine), []);
});
