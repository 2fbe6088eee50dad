// Everything works without this file. It gives focus to what needs reading first,
// and lets the quick exit replace this page in the tab instead of stacking on it.
"use strict";
document.addEventListener("click", function (event) {
  const exit = event.target.closest("[data-quick-exit]");
  if (!exit) return;
  event.preventDefault();
  document.body.hidden = true;
  window.location.replace(exit.href);
});
const first = document.querySelector("[data-focus]");
if (first && !("autofocus" in HTMLElement.prototype)) first.focus();
