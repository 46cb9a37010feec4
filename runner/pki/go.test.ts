/** The same questions put to Go's verifier, which is the one that etcd and Kubernetes use. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { catalogue } from './catalogue.ts';
import { issue, newStamp, publicHalf } from './certificate.ts';
import type { Certificate } from './entry.ts';
import { newKey } from './keys.ts';
import { cleanUp, emptyState, fullState, lab } from './testing/lab.ts';

after(cleanUp);

const go =
  ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync) ??
  (spawnSync('go', ['version']).status === 0 ? 'go' : undefined);

/** Reads questions, one JSON object a line, and answers each with one line: `ok` or the error. */
const PROGRAM = `package main

import ("bufio"; "crypto/x509"; "encoding/json"; "encoding/pem"; "fmt"; "os")

type question struct { Leaf, Root, Between, Name, Usage string }

func read(file string) *x509.Certificate {
	text, err := os.ReadFile(file)
	if err != nil { panic(err) }
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil { panic(err) }
	return certificate
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil { panic(err) }
		options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: q.Name}
		options.Roots.AddCert(read(q.Root))
		if q.Between != "" { options.Intermediates.AddCert(read(q.Between)) }
		options.KeyUsages = []x509.ExtKeyUsage{map[string]x509.ExtKeyUsage{"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth}[q.Usage]}
		if _, err := read(q.Leaf).Verify(options); err != nil { fmt.Println(err) } else { fmt.Println("ok") }
	}
}
`;

interface Question {
  Leaf: string;
  Root: string;
  Between?: string;
  Name?: string;
  Usage: 'server' | 'client';
}

function ask(questions: Question[]): string[] {
  const folder = join(emptyState().root, 'ask');
  mkdirSync(folder);
  writeFileSync(join(folder, 'main.go'), PROGRAM);
  writeFileSync(join(folder, 'go.mod'), 'module ask\n\ngo 1.20\n');
  const input = questions.map(question => `${JSON.stringify(question)}\n`).join('');
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', GOPROXY: 'off' };
  return execFileSync(go!, ['run', '.'], { cwd: folder, input, env, encoding: 'utf8' }).trim().split('\n');
}

test('Go accepts and refuses the same certificates as OpenSSL', {
  skip: go ? false : 'there is no Go on this host',
}, () => {
  const { pki } = fullState();
  const at = (file: string) => join(pki, `${file}.crt`);
  const leaves = catalogue(lab()).filter(
    entry => entry.kind === 'certificate' && !entry.authority,
  ) as Certificate[];
  const forged = (name: string, change: Partial<Certificate>): string => {
    const entry = { ...leaves[0]!, usages: ['server'] as Certificate['usages'], ...change };
    const certificate = readFileSync(at(entry.issuer), 'utf8');
    const key = readFileSync(join(pki, `${entry.issuer}.key`), 'utf8');
    writeFileSync(
      at(name),
      issue(entry, publicHalf(newKey(2048)), { certificate, key }, newStamp(entry, new Date(), certificate)),
    );
    return at(name);
  };

  const cases: [Question, RegExp][] = leaves.flatMap(({ file, issuer, usages, names, addresses }) => [
    ...[...names, ...addresses].map((Name): [Question, RegExp] => [
      { Leaf: at(file), Root: at(issuer), Name, Usage: 'server' },
      /^ok$/,
    ]),
    ...(['server', 'client'] as const).map((Usage): [Question, RegExp] => [
      { Leaf: at(file), Root: at(issuer), Usage },
      usages.includes(Usage) ? /^ok$/ : /incompatible key usage/,
    ]),
    ...['etcd/ca', 'kubernetes/ca', 'front-proxy/ca', 'services/ca']
      .filter(other => other !== issuer)
      .map((other): [Question, RegExp] => [
        { Leaf: at(file), Root: at(other), Usage: usages[0]! },
        /unknown authority/,
      ]),
    [{ Leaf: at(file), Root: at('root/ca'), Between: at(issuer), Usage: usages[0]! }, /^ok$/],
  ]);
  const api = { Leaf: at('machines/n1/kubernetes/apiserver'), Usage: 'server' as const };
  const root = { Root: at('root/ca'), Usage: 'server' as const };
  cases.push(
    [{ ...api, Root: at('kubernetes/anchor'), Name: 'kubernetes.default.svc' }, /^ok$/],
    [
      { ...api, Root: at('kubernetes/ca'), Name: 'n2.kfs.internal' },
      /certificate is valid for .*, not n2\.kfs\.internal/,
    ],
    [
      {
        ...root,
        Leaf: forged('bank', { issuer: 'services/ca', names: ['bank.example'], addresses: [] }),
        Between: at('services/ca'),
      },
      /not permitted/,
    ],
    [
      {
        ...root,
        Leaf: forged('far', { issuer: 'services/ca', names: [], addresses: ['192.0.2.1'] }),
        Between: at('services/ca'),
      },
      /not permitted/,
    ],
    [
      {
        ...root,
        Leaf: forged('proxy', { issuer: 'front-proxy/ca', names: ['api.kfs.internal'] }),
        Between: at('front-proxy/ca'),
      },
      /incompatible key usage/,
    ],
    // A kubelet asks for a certificate in its bare node name: whoever trusts the Kubernetes CA itself accepts it.
    [
      {
        ...root,
        Leaf: forged('node', { issuer: 'kubernetes/ca', names: ['n7'] }),
        Root: at('kubernetes/ca'),
        Name: 'n7',
      },
      /^ok$/,
    ],
  );
  const answers = ask(cases.map(([question]) => question));
  assert.equal(answers.length, cases.length);
  for (const [index, [question, expected]] of cases.entries())
    assert.match(answers[index]!, expected, JSON.stringify(question));
});
