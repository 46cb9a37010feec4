import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../testing/books.ts';
import { oneForm } from './one-form.ts';

const FORM = 'sudo install -D -m 0644 -o root -g root /dev/stdin /etc/x';
const find = (text: string, meta?: string): string[] => findingsIn(oneForm, text, meta);

test('file-form: every other way to write a file is refused', () => {
  const bad: [string, string][] = [
    ['echo a > /etc/x', '1:8 `>` writes /etc/x'],
    ['echo a >>"$HOME/x"', '1:8 `>>` writes $HOME/x'],
    ['cat <<EOF >x\na\nEOF', '1:11 `>` writes x'],
    ['cat >x <<EOF\na\nEOF', '1:5 `>` writes x'],
    ['echo a | sudo tee /etc/x', '1:10 `tee` writes /etc/x'],
    ['sudo tee -a /etc/x <<EOF\na\nEOF', '1:1 `tee` writes /etc/x'],
    ['sudo sed -i s/a/b/ /etc/x', '1:1 `sed` writes /etc/x'],
    ['sudo sh -c "echo a > /etc/x"', '1:1 `>` writes /etc/x'],
    ["ssh m 'cat > /etc/x' <y", '1:1 `>` writes /etc/x'],
    ['x=$(echo a >b)', '1:12 `>` writes b'],
    ['{ echo a; } >b', '1:13 `>` writes b'],
    ['for i in 1 2; do echo $i; done >b', '1:32 `>` writes b'],
    ['echo a &>b', '1:8 `&>` writes b'],
    ['dd if=/dev/zero of=/var/x', '1:1 `dd` writes /var/x'],
    ['sudo install -m 0644 /dev/stdin /etc/x <<EOF\na\nEOF', '1:1 `install` in another form'],
    [
      'sudo install -D --mode=0644 -o root -g root /dev/stdin /etc/x <<EOF\na\nEOF',
      '1:1 `install` in another form',
    ],
    [
      'install -D -m 0644 /dev/stdin /etc/x <<EOF\na\nEOF',
      '1:1 `install` without sudo, owner and group on a machine',
    ],
    ['echo a | sudo install -D -m 0644 /dev/stdin /etc/x', '1:10 `echo` piped into `install`'],
    ['kubectl get x | sudo install /dev/stdin /etc/x', '1:17 `install` without -D and -m'],
  ];
  for (const [text, expected] of bad) assert.deepEqual(find(text), [expected], text);
});

test('file-form: the one form, on the workstation also for files of the reader', () => {
  assert.deepEqual(find(`${FORM} <<EOF\na=$KFS_CLUSTER \\$PATH \${KFS_DOMAIN} 5$ $\nEOF`), []);
  assert.deepEqual(find(`${FORM} <<'EOF'\necho "$1" \`date\`\nEOF`), []);
  assert.deepEqual(find('install -D -m 0600 /dev/stdin "$KFS_HOME/x" <<EOF\na\nEOF', 'on="workstation"'), []);
});

test('file-form: in the body only variables of the plan expand', () => {
  assert.deepEqual(find(`${FORM} <<EOF\nok $KFS_CLUSTER\na $HOME\nb $(date)\nc \`date\`\nd $\{HOME}\nEOF`), [
    '3:3 `$HOME` in the body of a file',
    '4:3 `$(date)` in the body of a file',
    '5:3 ``` in the body of a file',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
    '6:3 `${HOME}` in the body of a file',
  ]);
  assert.deepEqual(find(`${FORM}/$name <<EOF\na\nEOF`), ['1:1 `$name` in the path of a file']);
  assert.deepEqual(find(`${FORM}/$KFS_MACHINE <<EOF\na\nEOF`), []);
  assert.deepEqual(find(`${FORM} <<'EOF'\na $KFS_CLUSTER\nEOF`), [
    '2:3 `$KFS_CLUSTER` in a quoted here-document',
  ]);
});

test('file-form: temporary files, devices, copies and downloads are left alone', () => {
  const fine = `cd "$(mktemp --directory)"
echo a >x
curl --fail --output /usr/local/bin/y https://example.com/y
sudo install --mode=0755 --target-directory=/usr/local/bin etcd
sudo cp a /etc/b
ls >/dev/null 2>&1
echo 1 | sudo tee /proc/sys/net/ipv4/ip_forward
kubectl apply -f - <<EOF
a: b
EOF
cat "$KFS_PKI/a.key" | ssh m 'sudo install -D -m 0600 -o root -g root /dev/stdin /etc/a.key'
diff <(sort a) <(sort b)`;
  assert.deepEqual(find(fine), []);
  assert.deepEqual(find('tmp=$(mktemp -d)\necho a >"$tmp/x"\nfile="$tmp/y"\nsed -i s/a/b/ "$file"'), []);
  assert.deepEqual(find('tmp=$(sudo mktemp -d)\necho a | sudo tee "$tmp/x"'), []);
  assert.deepEqual(find('tmp=$(mktemp -d)\ncd "$tmp"\necho a >x\ncd /etc\necho a >y'), ['5:8 `>` writes y']);
});
