// A person with a keyboard and a browser at the console page. Wants NEON_API_URL, CLIENTS, and CHROMIUM, the program;
// leaves pictures in SCREENSHOTS, where that is given.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.env.CLIENTS}/package.json`));
const puppeteer = (await import(pathToFileURL(require.resolve('puppeteer-core')).href)).default;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const origin = process.env.NEON_API_URL;

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  await browser.defaultBrowserContext().overridePermissions(origin, ['clipboard-read', 'clipboard-write']);
  const page = await browser.newPage();
  await page.setViewport({ width: 1000, height: 760 });
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused form is a page of its own, which the browser tells as an error.
    if (message.type() === 'error' && !message.text().includes('400 (Bad Request)')) complaints.push(message.text());
  });
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure().errorText}`));

  const title = () => page.$eval('h1', (heading) => heading.textContent);
  const text = (selector) => page.$eval(selector, (element) => element.textContent);
  const names = () => page.$$eval('tbody th', (cells) => cells.map((cell) => cell.textContent));
  const status = async (key) =>
    (await fetch(`${origin}/api/v2/projects`, { headers: { authorization: `Bearer ${key}` } })).status;
  // Whoever has no mouse goes on with Tab until the thing has the focus.
  const tabTo = async (name) => {
    for (let steps = 0; steps < 40; steps++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        return element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent.trim();
      });
      if (focused === name) return;
    }
    assert.fail(`no Tab leads to ${name} on ${page.url()}`);
  };
  const follow = async (name) => {
    await tabTo(name);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  };
  // Nothing that a screen reader needs may be missing, in the light or in the dark.
  let pictures = 0;
  const look = async (name) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), [], `${name}, ${scheme}`);
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${++pictures}-${name}-${scheme}.png` });
      }
    }
  };

  await page.goto(origin);
  assert.equal(await title(), 'Sign in');
  await look('sign-in');
  await follow('Continue with Google');
  assert.equal(await title(), 'Projects');
  assert.match(await text('header'), /Google/);
  assert.match(await text('table'), /throbbing-forest-567082/);
  await look('projects');

  await follow('Account');
  await look('account');
  await follow('Developer Settings');
  assert.equal(await title(), 'Developer Settings');
  const before = await names();
  await tabTo('Key name');
  await page.keyboard.type('my <b>"key"</b> & more');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  const key = await page.$eval('#token', (field) => field.value);
  assert.match(key, /^napi_[a-z0-9]{64}$/);
  await look('generated');
  await tabTo('Copy');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.getElementById('copied').textContent === 'Copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  assert.equal(await status(key), 200);

  await page.reload();
  assert.equal(await page.$('#token'), null, 'a key is shown once');
  assert.ok(!(await page.content()).includes(key));
  assert.deepEqual(await names(), ['my <b>"key"</b> & more', ...before]);
  assert.match(await text('tbody tr'), /from 127\.0\.0\.1/);
  await look('developer-settings');

  await tabTo('Key name');
  await page.keyboard.type('   ');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.equal(await text('[role=alert]'), 'Give the key a name.');
  await look('refused');

  await follow('Revoke the key my <b>"key"</b> & more');
  assert.equal(await title(), 'Revoke an API key');
  await look('revoke');
  await follow('Keep it');
  assert.equal(await status(key), 200);
  await follow('Revoke the key my <b>"key"</b> & more');
  await follow('Revoke “my <b>"key"</b> & more”');
  assert.match(await text('[role=status]'), /is revoked/);
  assert.deepEqual(await names(), before);
  assert.equal(await status(key), 401);
  await look('revoked');

  await page.setViewport({ width: 360, height: 640 });
  await look('phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `the page is ${wide} pixels too wide for a phone`);
  await follow('Sign out');
  assert.equal(await title(), 'Sign in');
  await page.goto(`${origin}/console/account/developer-settings`);
  assert.equal(await title(), 'Sign in', 'nothing is seen without having signed in');
  assert.deepEqual(complaints, []);
} finally {
  await browser.close();
}
