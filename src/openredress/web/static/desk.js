// Keyboard first: / search, j k rows, e open, n register, ? all keys. Everything also works without it.
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
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const list = rows();
    if (event.key === "/") { event.preventDefault(); const q = document.getElementById("q"); if (q) q.focus(); }
    else if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "e" && list[at]) location.href = list[at].dataset.open;
    else if (event.key === "x" && list[at]) { const box = list[at].querySelector("input[type=checkbox]"); if (box) box.click(); }
    else if (event.key === "n") { const link = document.querySelector("[data-key=n]"); if (link) location.href = link.href; }
    else if (event.key === "?") { const help = document.getElementById("keys"); if (help) help.showModal ? help.showModal() : (help.hidden = false); }
  });
})();
