// Debian's Firefox over WebDriver BiDi, with WebGL 2 from Mesa's software driver. Firefox draws WebGL only where there is a
// display, hence Xvfb. Its Playwright is an older one beside the other tests': newer ones send commands that Firefox ESR 153
// does not know yet (emulation.setMediaFeaturesOverride).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { firefox } from 'playwright-core-bidi';

/** @returns {Promise<{browser: import('playwright-core').Browser, close: () => Promise<void>}>} */
export async function launch() {
  const { VK_DRIVER_FILES, ...env } = process.env;
  // It chooses a free number for its display and writes it to the file that -displayfd names.
  const screen = env.DISPLAY ? null : spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24'], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (screen) env.DISPLAY = `:${String((await once(screen.stdout, 'data'))[0]).trim()}`;
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: false,
    env: { ...env, LIBGL_ALWAYS_SOFTWARE: '1' },
  });
  const close = async () => {
    await browser.close();
    screen?.kill();
  };
  return { browser, close };
}
