/** What holds a secret, and which programs would print one. Names and habits, no proof: see `secrets.ts`. */
import { operands, type Program, programOf } from '../shell/program.ts';
import type { Command, Word } from '../shell/tree.ts';

const SECRET_NAMES = [
  /\.key$/,
  /(^|[/.-])(priv|private|key)[\w-]*\.pem$/,
  /-key\.pem$/,
  /(^|\/)id_(rsa|ed25519|ecdsa)$/,
  /(^|\/)ssh_host_\w+_key$/,
  /keyring$/,
  /\.kubeconfig$|(^|\/)kubeconfig$|\/\.kube\/config$/,
  /(^|\/)(super-)?(admin|controller-manager|scheduler|kubelet|bootstrap-kubelet)\.(conf|kubeconfig)$/,
  /(^|[/.-])token$/,
  /(^|\/)[\w.-]*(secret|password|passphrase)[\w-]*(\.\w+)?$/,
  /(^|\/)encryption[\w.-]*\.(ya?ml|conf|json|key)$/,
  /\.(p12|pfx|age|gpg)$/,
  /^\/etc\/(shadow|gshadow)$/,
];

/** Everything below `$KFS_PKI` is secret but what is made to be given away. */
const PUBLIC_OF_PKI = /\.(crt|pub|csr|cnf|txt|srl|crl|json|md)$|known_hosts$|\/$|\*$/;

export function isSecretPath(path: string): boolean {
  const plain = path.replace(/^@/, '');
  if (/\.pub$/.test(plain)) return false;
  if (SECRET_NAMES.some(name => name.test(plain))) return true;
  return /^\$\{?KFS_PKI\}?\/.+/.test(plain) && !PUBLIC_OF_PKI.test(plain);
}

/** Programs that print what their operands or stdin hold. The number: operands that are a pattern or program. */
const READERS = new Map([
  ...[
    'cat',
    'tac',
    'head',
    'tail',
    'less',
    'more',
    'nl',
    'rev',
    'fold',
    'column',
    'sort',
    'uniq',
    'cut',
    'paste',
  ].map(name => [name, 0] as const),
  ...['base64', 'base32', 'basenc', 'xxd', 'od', 'hexdump', 'strings', 'tee', 'diff', 'zcat'].map(
    name => [name, 0] as const,
  ),
  ...['grep', 'egrep', 'fgrep', 'sed', 'awk', 'gawk', 'mawk', 'jq', 'yq', 'tr'].map(
    name => [name, 1] as const,
  ),
]);

/** Options with which a reader says something about the text, not the text. */
const QUIET = /^-[a-zA-Z]*[qclL][a-zA-Z]*$|^--(quiet|silent|count|files-with(out)?-match(es)?|brief)$/;

/** Whether a program prints what it is fed. */
export function passesOn(command: Command): boolean {
  const program = programOf(command);
  return program !== null && READERS.has(program.name) && !isQuiet(program);
}

const isQuiet = ({ name, args }: Program): boolean =>
  (/grep$/.test(name) || name === 'diff') && args.some(word => QUIET.test(word.value));

/** What of a secret the command itself prints to its standard output, in words; null for nothing. */
export function secretPrintedBy(command: Command): string | null {
  const program = programOf(command);
  if (!program) return null;
  const fed = command.redirects.find(one => one.operator === '<' && isSecretPath(one.target.value));
  if (fed && passesOn(command)) return fed.target.value;
  return fileRead(program) ?? PRINTERS.get(program.name)?.(program.args.map(word => word.value)) ?? null;
}

function fileRead(program: Program): string | null {
  if (program.name === 'dd') return ddRead(program.args);
  const patterns = READERS.get(program.name);
  if (patterns === undefined || isQuiet(program) || program.name === 'tee') return null;
  const own = program.args.some(word => /^-(e|f)$|^--(regexp|file|expression)=/.test(word.value))
    ? 0
    : patterns;
  const found = operands(program.args)
    .slice(own)
    .find(word => isSecretPath(word.value));
  return found?.value ?? null;
}

function ddRead(args: readonly Word[]): string | null {
  const input = args.flatMap(word => /^if=(.*)$/s.exec(word.value)?.[1] ?? [])[0];
  return input !== undefined && isSecretPath(input) && !args.some(word => /^of=/.test(word.value))
    ? input
    : null;
}

type Printer = (args: string[]) => string | null;
const has = (args: string[], ...names: string[]): boolean => names.some(name => args.includes(name));

/** Programs that print keys and tokens on their own. */
const PRINTERS = new Map<string, Printer>([
  ['kubectl', kubectl],
  ['ceph', ceph],
  [
    'ceph-authtool',
    args => (has(args, '-p', '--print-key', '-l', '--list', '--gen-print-key') ? 'a Ceph key' : null),
  ],
  ['openssl', openssl],
  [
    'kubeadm',
    args => (args[0] === 'token' && has(args, 'create', 'list', 'generate') ? 'a bootstrap token' : null),
  ],
  [
    'gpg',
    args =>
      args.some(arg => arg.startsWith('--export-secret')) && !has(args, '-o', '--output') ? 'a key' : null,
  ],
  ['age-keygen', args => (has(args, '-o', '--output', '-y') ? null : 'a key')],
  ['wg', args => (has(args, 'genkey', 'genpsk', 'showconf') ? 'a key' : null)],
  ['pwgen', () => 'a password'],
]);

function kubectl(args: string[]): string | null {
  const words = args.filter(arg => !arg.startsWith('-'));
  const verb = words.find(word => ['get', 'config', 'create'].includes(word));
  const output = args.map((arg, i) =>
    /^(-o|--output)$/.test(arg) ? args[i + 1] : /^(?:-o=?|--output=)(.+)$/.exec(arg)?.[1],
  );
  const form = output.find(value => value !== undefined);
  const secret = args.some(arg => /^(.*,)?secrets?(,.*|\/.*)?$/.test(arg));
  if (verb === 'get' && secret && form !== undefined && !/^(name|wide)$/.test(form)) return 'a Secret';
  if (verb === 'config' && has(args, '--raw')) return 'a kubeconfig with its key';
  return verb === 'create' && words[words.indexOf('create') + 1] === 'token' ? 'a token' : null;
}

function ceph(args: string[]): string | null {
  const at = args.indexOf('auth');
  const prints = /^(get|get-key|print-key|print_key|export|get-or-create|get-or-create-key|ls|list)$/.test(
    args[at + 1] ?? '',
  );
  return at >= 0 && prints && !args.some(arg => /^(-o|--out-file(=.*)?)$/.test(arg)) ? 'a Ceph key' : null;
}

function openssl(args: string[]): string | null {
  if (has(args, '-out', '-noout') && !has(args, '-text')) return null;
  const command = args[0] ?? '';
  if (has(args, '-out')) return null;
  if (command === 'rand') return 'random bytes of a secret';
  if (/^(genrsa|genpkey)$/.test(command)) return 'a private key';
  if (command === 'ecparam') return has(args, '-genkey') ? 'a private key' : null;
  if (/^(rsa|ec|dsa|pkey)$/.test(command))
    return has(args, '-pubout', '-pubin', '-text_pub') ? null : 'a private key';
  return command === 'pkcs12' && has(args, '-nodes', '-noenc') ? 'a private key' : null;
}
