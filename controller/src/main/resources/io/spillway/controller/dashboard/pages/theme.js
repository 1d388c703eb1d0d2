// Runs before the page is drawn, so that it never flashes in the wrong colours.
(() => {
  let wish = '';
  try { wish = localStorage.getItem('spillway-theme') || ''; } catch { /* storage is blocked: follow the system */ }
  if (wish === 'light' || wish === 'dark') document.documentElement.dataset.theme = wish;
})();
