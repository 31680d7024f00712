import type { Page } from 'playwright-core';

/**
 * Runs in the page, which has no modules of ours: what somebody who cannot see well, or at all, would stumble over.
 * WCAG 2.2: 1.1.1, 1.3.1, 1.4.3, 2.4.2, 3.1.1, 4.1.2.
 */
const findProblems = `(() => {
  const problems = [];
  if (!document.documentElement.lang) problems.push('no lang');
  if (!document.title.trim()) problems.push('no title');
  if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1');
  if (!document.querySelector('main')) problems.push('no main');
  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    const label = [...(field.labels ?? [])].map((one) => one.textContent.trim()).join(' ');
    if (!label && !field.getAttribute('aria-label')) problems.push('no label: ' + field.outerHTML);
  }
  for (const one of document.querySelectorAll('button, a[href]')) {
    if (!one.textContent.trim() && !one.getAttribute('aria-label')) problems.push('no name: ' + one.outerHTML);
  }
  for (const one of document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([role])')) {
    problems.push('no alternative: ' + one.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  if (new Set(ids).size !== ids.length) problems.push('an id stands twice');
  if (document.documentElement.scrollWidth > window.innerWidth) problems.push('wider than the window');

  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const over = ([r, g, b, a = 1], ground) => [r, g, b].map((part, index) => part * a + ground[index] * (1 - a));
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce((ground, layer) => over(layer, ground), [255, 255, 255]);
  };
  const light = (color) => {
    const [r, g, b] = color.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const [one, two] = [light(over(parse(style.color), ground)), light(ground)];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) problems.push('contrast ' + contrast.toFixed(2) + ': ' + node.textContent.trim());
  }
  return problems;
})()`;

/** What is wrong with a page for people who do not see it as drawn: in light and in dark, wide and on a phone. */
export async function pageProblems(page: Page): Promise<readonly string[]> {
  const problems: string[] = [];
  const size = page.viewportSize();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [size ?? { width: 1000, height: 760 }, { width: 320, height: 640 }]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const found = (await page.evaluate(findProblems)) as string[];
      problems.push(...found.map((problem) => `${colorScheme}, ${viewport.width} wide: ${problem}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (size !== null) await page.setViewportSize(size);
  return problems;
}
