// Makes the page work without a connection after the first visit, and offers a new version when one has come. What is kept,
// and how versions are kept apart, is said in `service-worker.js`. It goes by the page's own status line and needs nothing of
// the other parts; where anything fails, the page goes on from the network.
import { say, t } from './i18n.js';

const status = document.querySelector('[data-testid=status]');
const line = document.createElement('p');
line.setAttribute('role', 'status');
Object.assign(line.dataset, { testid: 'offline', state: 'network' });
document.querySelector('footer').append(line);

start().catch((error) => console.info(`Portraoke is not kept for use without a connection: ${error.message}`));

async function start() {
  const container = navigator.serviceWorker;
  if (!container) return;
  // Whoever saves data has not asked for the songs they do not choose.
  if (navigator.connection?.saveData && !(await container.getRegistration())) return;
  const backend = await quiet();
  const address = new URL(`../service-worker.js?backend=${backend}`, import.meta.url);
  const registration = await container.register(address, { updateViaCache: 'none' });
  if (registration.active) tell('kept', 'kept');
  // Of a worker for another backend nothing is said: it holds the same version, or takes over at the next visit.
  const offers = (worker) => worker.scriptURL === address.href && registration.active?.scriptURL === address.href;
  const follow = (worker) => {
    const changed = () => {
      if (worker.state === 'activated') tell('kept', 'kept');
      else if (worker.state === 'installed' && offers(worker)) offer(worker);
    };
    worker.addEventListener('statechange', changed);
    changed();
  };
  registration.addEventListener('updatefound', () => follow(registration.installing));
  for (const worker of [registration.installing, registration.waiting]) if (worker) follow(worker);
}

/** Waits until the page is ready and the browser idle. @returns {Promise<string>} the backend that the page runs on */
async function quiet() {
  const idle = (done) => (window.requestIdleCallback ? requestIdleCallback(done, { timeout: 5000 }) : setTimeout(done, 2000));
  const backend = () => document.querySelector('[data-testid=backend]').dataset.backend;
  const ready = () => backend() && ['ready', 'playing', 'done'].includes(status.dataset.state);
  await new Promise((done) => {
    const watch = new MutationObserver(() => ready() && (watch.disconnect(), done()));
    watch.observe(status, { attributeFilter: ['data-state'] });
    if (ready()) done();
  });
  await new Promise(idle);
  return backend();
}

/** The new version waits until all tabs of the old one are closed, or until the visitor wants it: it never reloads by itself. */
function offer(worker) {
  const container = navigator.serviceWorker;
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet' });
  say(button, () => t('offline.reload'));
  button.dataset.testid = 'reload';
  button.addEventListener('click', () => {
    container.addEventListener('controllerchange', () => location.reload(), { once: true });
    worker.postMessage('take over');
  });
  container.addEventListener('message', ({ data }) => data === 'other tabs' && tell('waiting', 'otherTabs'));
  tell('waiting', 'newVersion', button);
}

function tell(state, key, ...more) {
  line.dataset.state = state;
  const text = document.createElement('span');
  say(text, () => t(`offline.${key}`));
  line.replaceChildren(text, ...more.flatMap((part) => [' ', part]));
}
