/**
 * Does KVM work here? The file says little: there are hosts whose /dev/kvm kills a stock kernel. So one is booted
 * until it looks for its first program; the answer is kept for this host and this boot of it.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APT_IN_TMP } from '../software/builder/apt.ts';
import { ensureBuilder } from '../software/builder/builder.ts';
import { cached, cacheFolder, digestOf, type Report } from '../software/builder/cache.ts';
import type { Emulator } from './machine/qemu.ts';

export interface KvmAnswer {
  works: boolean;
  why: string;
}

const LIMIT_MS = 30_000;

export async function kvmWorks(
  emulator: Emulator,
  report: Report = () => {},
  signal?: AbortSignal,
): Promise<KvmAnswer> {
  const closed = kvmClosed();
  if (closed) return { works: false, why: closed };
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const file = cacheFolder('kvm', digestOf(boot, emulator.argv.join(' ')));
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as KvmAnswer;
  report({ phase: 'kvm', done: 0, total: 1, text: 'trying KVM with a stock kernel' });
  const answer = judge(await tryBoot(emulator, await stockKernel(report, signal)));
  await mkdir(cacheFolder('kvm'), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, JSON.stringify(answer));
  await rename(draft, file);
  return answer;
}

/** Why /dev/kvm cannot be opened, or undefined. */
export function kvmClosed(): string | undefined {
  if (!existsSync('/dev/kvm')) return 'there is no /dev/kvm';
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return '/dev/kvm is not open to this user (add yourself to its group)';
  }
}

/** A kernel without a disk has come far enough when it panics for want of a root file system. */
export function judge(output: string): KvmAnswer {
  if (/Unable to mount root fs|No working init found|Run \/init/.test(output)) {
    return { works: true, why: 'a stock kernel boots under it' };
  }
  const told = output.match(
    /KVM internal error[^\r\n]*|Kernel panic[^\r\n]*|[^\r\n]*failed to initialize kvm[^\r\n]*/i,
  )?.[0];
  return { works: false, why: `a stock kernel does not boot under it: ${told ?? 'no answer in time'}` };
}

function tryBoot(emulator: Emulator, kernel: string): Promise<string> {
  const options = [
    '-accel',
    'kvm',
    '-cpu',
    'host',
    '-m',
    '512',
    '-nodefaults',
    '-display',
    'none',
    '-serial',
    'stdio',
  ];
  const boot = ['-no-reboot', '-kernel', kernel, '-append', 'console=ttyS0 panic=-1'];
  const [program, ...before] = emulator.argv;
  return new Promise(resolve => {
    const child = spawn(program!, [...before, ...options, ...boot], {
      env: { ...process.env, ...emulator.env },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    let output = '';
    const keep = (bytes: Buffer) => {
      output += bytes.toString('latin1');
      if (/KVM internal error/.test(output)) child.kill('SIGKILL');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', error => resolve(error.message));
    child.on('close', () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}

/** Debian's kernel for virtual machines, unpacked from its package. */
async function stockKernel(report: Report, signal?: AbortSignal): Promise<string> {
  const builder = await ensureBuilder(report, signal);
  const make = async (draft: string) => {
    const out = await mkdtemp(join(tmpdir(), 'kfs-kernel-'));
    try {
      const binds = [{ from: out, to: '/out' }];
      await builder.run(['bash', '-euo', 'pipefail', '-c', FETCH], {
        binds,
        cwd: '/out',
        what: 'fetching a stock kernel',
      });
      await mkdir(draft, { recursive: true });
      const name = (await readdir(join(out, 'boot'))).find(entry => entry.startsWith('vmlinuz'))!;
      await writeFile(join(draft, 'vmlinuz'), readFileSync(join(out, 'boot', name)));
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  };
  const path = cacheFolder('stock-kernel', builder.id);
  return join(await cached({ path, what: 'a stock kernel', space: 2 ** 30, report, make }), 'vmlinuz');
}

const FETCH = `
${APT_IN_TMP}
apt-get -q update
name=$(apt-cache depends linux-image-cloud-amd64 |
  sed -n 's/^ *Depends: \\(linux-image-[^ ]*\\)/\\1/p' | head -1)
apt-get -q download "$name"
dpkg-deb -x ./*.deb .`;
