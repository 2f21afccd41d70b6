// Keyboard first: / search, j k rows, e open, b next step, x tick, m moves, n register, ? all keys.
// Everything also works without it.
(function () {
  "use strict";
  let at = -1;
  const rows = () => Array.from(document.querySelectorAll("tr[data-open]"));
  const typing = (el) => el && (el.matches("input, textarea, select") || el.isContentEditable);
  function go(step) {
    const list = rows();
    if (!list.length) return;
    at = Math.max(0, Math.min(list.length - 1, at + step));
    list.forEach((row, i) => row.classList.toggle("sel", i === at));
    const link = list[at].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    list[at].scrollIntoView({ block: "nearest" });
  }
  function follow(key) {
    const link = document.querySelector("[data-key=" + key + "]");
    if (!link) return;
    if (link.hash && link.pathname === location.pathname) {
      const goal = document.getElementById(link.hash.slice(1));
      if (goal) { goal.scrollIntoView(); goal.focus({ preventScroll: true }); }
    } else location.href = link.href;
  }
  function press(event) {
    const row = rows()[at];
    switch (event.key) {
      case "/": { const q = document.getElementById("q"); if (q) { event.preventDefault(); q.focus(); q.select(); } break; }
      case "j": go(1); break;
      case "k": go(-1); break;
      case "e": if (row) location.href = row.dataset.open; break;
      case "b": { const button = row && row.querySelector("a.btn"); if (button) location.href = button.href; else follow("b"); break; }
      case "x": { const box = row && row.querySelector("input[type=checkbox]"); if (box) box.click(); break; }
      case "m": follow("m"); break;
      case "n": follow("n"); break;
      case "?": { const help = document.getElementById("keys"); if (help && help.showModal) help.showModal(); break; }
    }
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    press(event);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest("tr[data-open]");
    if (row) { at = rows().indexOf(row); rows().forEach((one, i) => one.classList.toggle("sel", i === at)); }
  });
})();
