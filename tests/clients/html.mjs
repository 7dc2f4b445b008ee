// A person in a browser with a report of ten thousand trials. Wants FILES, with large.html and small.html, CLIENTS, and CHROMIUM, the program;
// leaves pictures in SCREENSHOTS,
// where that is given, and figures in FIGURES.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const TRIALS = 10000;
// Milliseconds: what a page feels quick in is 200, but a machine that does other things as well may take longer.
const LONGEST = Number(process.env.LONGEST ?? 1000);
const LARGEST = 5_000_000; // bytes

const require = createRequire(pathToFileURL(`${process.env.CLIENTS}/package.json`));
const puppeteer = (await import(pathToFileURL(require.resolve('puppeteer-core')).href)).default;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const file = join(process.env.FILES, 'large.html');
const address = pathToFileURL(file).href;
const small = pathToFileURL(join(process.env.FILES, 'small.html')).href;

const { size } = statSync(file);
assert.ok(size < LARGEST, `the page has ${size} bytes`);

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  const complaints = [];
  const asked = new Set();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('request', (request) => asked.add(request.url().split('#')[0]));

  // A picture of a machine at rest: the best of several.
  const best = async (measure) => {
    let least = Infinity;
    for (let times = 0; times < 7; times++) least = Math.min(least, await measure());
    return least;
  };
  const found = async () => Number((await page.$eval('#found', (output) => output.textContent)).split(' of ')[0]);
  // What follows a link follows it in a task of its own, so what is said is waited for.
  const says = async (expected, what = '') => {
    const text = `${expected} of `;
    await page.waitForFunction((text) => document.getElementById('found').textContent.startsWith(text), { timeout: 5000 }, text)
      .catch(async () => assert.equal(await found(), expected, what));
  };
  const open = async (hash = '', which = address) => {
    await page.goto('about:blank');
    await page.goto(which + hash);
  };
  // With a key, and not where something was a moment ago: what is above it may just have become shorter.
  const press = async (element, key = 'Enter') => {
    await (typeof element === 'string' ? await page.waitForSelector(element) : element).focus();
    await page.keyboard.press(key);
  };
  let pictures = 0;
  const look = async (name) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html)]), [], `${name}, ${scheme}`);
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${++pictures}-${name}-${scheme}.png` });
      }
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${name}: the page is ${wide} pixels too wide`);
  };

  const opened = await best(async () => {
    await open();
    return page.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      return navigation.domContentLoadedEventEnd - navigation.startTime;
    });
  });
  assert.ok(opened < LONGEST, `it opens in ${opened} ms`);
  await says(TRIALS);

  // From a key to what is drawn of it.
  const filtered = await best(() => page.evaluate(async () => {
    const query = document.getElementById('query');
    query.value = '';
    query.dispatchEvent(new Event('input'));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const before = performance.now();
    query.value = 'revoked listprojects';
    query.dispatchEvent(new Event('input'));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return performance.now() - before;
  }));
  assert.ok(filtered < LONGEST, `it filters in ${filtered} ms`);
  const figures = `${size} bytes, opened in ${opened.toFixed()} ms, filtered in ${filtered.toFixed()} ms\n`;
  if (process.env.FIGURES) writeFileSync(process.env.FIGURES, figures);

  // With the keyboard alone.
  await open();
  await page.keyboard.press('/');
  await page.keyboard.type('Revoked ListProjects');
  const some = await found();
  assert.ok(some > 0 && some < TRIALS, `${some} are found`);
  const names = await page.$$eval('#list .name', (links) => links.map((link) => link.textContent.toLowerCase()));
  assert.ok(names.every((name) => name.includes('revoked') && name.includes('listprojects')), names[0]);
  await page.keyboard.press('Escape');
  await says(TRIALS);

  // One outcome is as many as the page says; with none of them, nothing is left.
  const boxes = await page.$$('input[name=outcome]');
  for (const box of boxes) await press(box, 'Space');
  await says(0);
  for (const box of boxes) {
    await press(box, 'Space');
    const said = Number(await box.evaluate((element) => element.closest('label').querySelector('small').textContent));
    await says(said, await box.evaluate((element) => element.value));
    await press(box, 'Space');
  }

  // A part at a time, to the end.
  await open('#q=revoked');
  const many = await found();
  while (await page.$eval('#more', (button) => !button.hidden)) await press('#more');
  assert.equal((await page.$$('#list li')).length, many);

  // A finding leads to its trials and back; whatever is filtered can be sent to someone else.
  await open();
  const shown = Number(await page.$eval('#cause-1 a[href="#c=1"]', (link) => link.textContent.match(/\d+/)[0]));
  await press('#cause-1 a[href="#c=1"]');
  await says(shown);
  await press('#list a[href="#cause-1"]');
  await page.waitForFunction(() => location.hash === '#cause-1');
  await page.keyboard.press('/');
  await page.keyboard.type('authentication');
  await page.keyboard.press('Enter');
  const sent = new URL(page.url()).hash;
  const left = await found();
  await open(sent);
  await says(left);
  const name = await page.$eval('#list .name', (link) => link.textContent);
  await press('#list .name');
  await page.waitForFunction((name) => document.getElementById('query').value === name, {}, name);
  await open('#q=%');
  assert.equal(await page.$eval('#query', (input) => input.value), '%', 'a link that is cut off is taken as it is');

  // The commands that show a finding again.
  await open();
  const shell = await page.$eval('.copied pre', (element) => element.textContent);
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { globalThis.copied = text; } } });
  });
  await page.click('.copied .copy');
  assert.equal(await page.evaluate(() => globalThis.copied), shell);
  assert.equal(await page.$eval('.copied .copy', (button) => button.textContent), 'Copied');
  assert.match(shell, /curl .*\$/);

  // Marks in what an endpoint says are text.
  assert.equal(await page.$('#list b b'), null);
  assert.match(await page.$eval('#untested', (section) => section.textContent), /a reason <b>with<\/b> "marks" &/);

  await open('', small);
  await look('desk');
  await page.click('nav a[href="#trials"]');
  await look('trials');
  await page.setViewport({ width: 400, height: 800 });
  await open('', small);
  await look('phone');
  await page.emulateMediaType('print');
  assert.equal(await page.$eval('#filter', (form) => getComputedStyle(form).display), 'none');
  if (process.env.SCREENSHOTS) await page.pdf({ path: `${process.env.SCREENSHOTS}/print.pdf`, format: 'A4' });

  assert.deepEqual(complaints, []);
  asked.delete('about:blank');
  assert.deepEqual([...asked], [address, small], 'nothing else is loaded');
} finally {
  await browser.close();
}
