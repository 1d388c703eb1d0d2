// What an accessibility checker would find, as sentences; run inside a page.
() => {
  const faults = [];
  const seen = (node) => {
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && style.clipPath === 'none';
  };
  const name = (node) => {
    const by = node.getAttribute('aria-labelledby');
    const label = node.labels && node.labels.length ? node.labels[0].textContent : '';
    return (node.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent) || label || node.textContent || node.getAttribute('alt') || '').trim();
  };
  const tell = (node, what) => faults.push(`${what}: ${node.outerHTML.slice(0, 120)}`);
  document.querySelectorAll('input, select, textarea').forEach((n) => { if (seen(n) && !(n.getAttribute('aria-label') || (n.labels && n.labels.length))) tell(n, 'a field without a label'); });
  document.querySelectorAll('a[href], button, summary').forEach((n) => { if (seen(n) && !name(n)) tell(n, 'nothing says what this does'); });
  document.querySelectorAll('img').forEach((n) => { if (!n.hasAttribute('alt')) tell(n, 'a picture without alt'); });
  document.querySelectorAll('svg').forEach((n) => { if (n.getAttribute('aria-hidden') !== 'true' && !n.getAttribute('aria-label')) tell(n, 'a drawing without a name'); });
  document.querySelectorAll('nav, section, [role=region], [role=search]').forEach((n) => { if (seen(n) && n.tagName !== 'SECTION' && !n.getAttribute('aria-label') && !n.getAttribute('aria-labelledby')) tell(n, 'a landmark without a name'); });
  document.querySelectorAll('th').forEach((n) => { if (!n.hasAttribute('scope')) tell(n, 'a heading of a table without scope'); });
  document.querySelectorAll('[aria-labelledby], [aria-describedby]').forEach((n) => {
    for (const id of `${n.getAttribute('aria-labelledby') || ''} ${n.getAttribute('aria-describedby') || ''}`.split(' ').filter(Boolean)) {
      if (!document.getElementById(id)) tell(n, `#${id} is not there`);
    }
  });
  const ids = [...document.querySelectorAll('[id]')].map((n) => n.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => faults.push(`the id ${id} comes twice`));
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one h1');
  if (document.querySelectorAll('main').length !== 1) faults.push('not exactly one main');
  let before = 0;
  document.querySelectorAll('h1, h2, h3, h4').forEach((n) => { const level = Number(n.tagName[1]); if (before && level > before + 1) tell(n, 'a level of headings is left out'); before = level; });
  if (!document.documentElement.lang) faults.push('no language');
  // Contrast of every text with the ground that it stands on (WCAG 2.2, 1.4.3).
  const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const colour = parse(getComputedStyle(n).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !seen(node) || node.closest('noscript, option, :disabled')) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parse(style.color)), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)} of "${walker.currentNode.data.trim().slice(0, 40)}"`);
  }
  if (document.documentElement.scrollWidth > window.innerWidth + 1) faults.push(`the page is wider (${document.documentElement.scrollWidth}) than its window (${window.innerWidth})`);
  return faults;
}
