// What Chromium holds, all of its processes together: heaps, wasm, encoders, and on SwiftShader the GPU's textures too.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Bytes of all descendants of this process (Linux). Programs' own files are left out: their share depends on who else
 * runs them.
 */
export function held() {
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat) parents.set(Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const ours = (pid) => pid === process.pid || (parents.has(pid) && ours(parents.get(pid)));
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (pid === process.pid || !ours(pid)) continue;
    const rollup = read(`/proc/${pid}/smaps_rollup`) ?? '';
    for (const [, size] of rollup.matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm)) kilobytes += Number(size);
  }
  return kilobytes * 1024;
}

/** Processes end while one looks. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
