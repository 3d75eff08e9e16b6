// Projects remembered in this browser: on this device, and only while the visitor wants it.

const NAME = 'portraoke-projects';
const STORE = 'projects';
const MOST = 8; // the oldest goes

/** @returns {Promise<IDBDatabase>} */
function database() {
  return answered(Object.assign(indexedDB.open(NAME, 1), { onupgradeneeded: ({ target }) => target.result.createObjectStore(STORE, { keyPath: 'id' }) }));
}

function answered(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error('blocked'));
  });
}

/** Does one thing with the store, and waits until it is on the disk. */
async function stored(mode, work) {
  const db = await database();
  try {
    const transaction = db.transaction(STORE, mode);
    const finished = new Promise((done, failed) => {
      transaction.oncomplete = done;
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
    const [result] = await Promise.all([answered(work(transaction.objectStore(STORE))), finished]);
    return result;
  } finally {
    db.close();
  }
}

/** @returns {Promise<{id: string, name: string, when: number, file: Blob}[]>} the newest first */
export async function remembered() {
  const all = await stored('readonly', (store) => store.getAll());
  return all.sort((a, b) => b.when - a.when);
}

/** @param {{id: string, name: string, file: Blob}} project in place of the one with the same id @throws where the browser has no room */
export async function remember(project) {
  await stored('readwrite', (store) => store.put({ ...project, when: Date.now() }));
  for (const { id } of (await remembered()).slice(MOST)) await forget(id);
}

export const forget = (id) => stored('readwrite', (store) => store.delete(id));

/** Leaves nothing behind. */
export const forgetAll = () => answered(indexedDB.deleteDatabase(NAME));
