/** Starts and ends the keeper: the process behind a lab that is up. */
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KfsError } from '../runner/errors.ts';
import { startTime } from '../software/builder/cache.ts';
import { ask, type Launch } from './keeper/protocol.ts';
import { uplinkArgv, uplinkLog } from './network/uplink.ts';
import type { LabPaths } from './paths.ts';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** Process number of the living keeper of this lab, or undefined. */
export const keeperPid = (paths: LabPaths): Promise<string | undefined> => living(paths.keeperPid);

/** The process that a file names by number and start time, if it lives. */
async function living(file: string): Promise<string | undefined> {
  const [pid, started] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  if (!pid) return undefined;
  const now = await startTime(Number(pid));
  return now !== '' && (started === undefined || started === now) ? pid : undefined;
}

/** Starts a keeper; what a crashed one has left is removed first. */
export async function startKeeper(paths: LabPaths, launch: Launch): Promise<void> {
  await stopKeeper(paths);
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  await own(paths.run);
  await mkdir(join(paths.run, 'uml'), { recursive: true });
  await mkdir(paths.logs, { recursive: true });
  await writeFile(join(paths.run, 'launch.json'), JSON.stringify(launch), { mode: 0o600 });
  const log = join(paths.logs, 'keeper.log');
  await rm(log, { force: true });
  const out = openSync(log, 'a');
  const guard = join(import.meta.dirname, 'keeper', 'guard.sh');
  const keeper = [process.execPath, join(import.meta.dirname, 'keeper', 'keeper.ts'), paths.root, paths.run];
  const child = spawn(
    'bash',
    [guard, paths.run, uplinkLog(paths), ...uplinkArgv(launch.uplink, '@PID@'), '--', ...keeper],
    {
      cwd: paths.root,
      stdio: ['ignore', out, out],
      detached: true,
    },
  );
  child.unref();
  await writeFile(paths.guardPid, `${child.pid} ${await startTime(child.pid ?? 0)}\n`);
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  const limit = Date.now() + START_LIMIT_MS;
  while (!existsSync(paths.socket)) {
    if (ended || Date.now() > limit) {
      if (child.pid) endGroup(child.pid);
      throw await startFailure(log);
    }
    await sleep(20);
  }
  await recordIdentity(paths);
}

/** Adds the start time to the process number, so that a reused number is not taken for the keeper. */
async function recordIdentity(paths: LabPaths): Promise<void> {
  const pid = (await readFile(paths.keeperPid, 'utf8')).trim();
  await writeFile(paths.keeperPid, `${pid} ${await startTime(Number(pid))}\n`);
}

/** Ends everything of the lab and waits until it is gone, the guard last; what does not go by itself is killed. */
export async function stopKeeper(paths: LabPaths): Promise<void> {
  if (await keeperPid(paths)) await ask(paths.socket, { type: 'down' }).catch(() => {});
  for (const file of [paths.keeperPid, paths.guardPid]) {
    const limit = Date.now() + STOP_LIMIT_MS;
    for (let pid = await living(file); pid; pid = await living(file)) {
      if (Date.now() > limit) process.kill(Number(pid), 'SIGKILL');
      await sleep(20);
    }
  }
  await rm(paths.run, { recursive: true, force: true });
}

/** Nobody else may have made the folder that our sockets are in. */
async function own(folder: string): Promise<void> {
  const { uid } = await lstat(folder);
  if (uid !== process.getuid?.()) {
    throw new KfsError('host-unsupported', `${folder} belongs to another user`, { next: `remove ${folder}` });
  }
  await chmod(folder, 0o700);
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

async function startFailure(log: string): Promise<KfsError> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const told = text.match(/^failed: (.*)$/m);
  if (told) {
    const { message, next } = JSON.parse(told[1]!) as { message: string; next?: string };
    return new KfsError('host-unsupported', message, {
      next: next ?? 'kfs lab probe tells what this host allows',
    });
  }
  return new KfsError('host-unsupported', `the lab's namespace could not be made:\n${text.trim()}`, {
    next: 'kfs lab probe tells what this host allows',
  });
}
