// Notes are saved while one types (htmx). This file says when that does not work, tries again,
// and asks before a page with unsaved words is left. Without it the button saves.
"use strict";
(function () {
  const form = document.querySelector("[data-note]");
  const said = document.getElementById("note-said");
  const text = form && form.elements.namedItem("text");
  if (!form || !said || !text) return;
  let typed = 0;
  let sent = 0;
  let saved = 0;
  let waiting = 0;
  function again() {
    window.clearTimeout(waiting);
    waiting = 0;
    if (typed !== saved && window.htmx) window.htmx.trigger(form, "keep");
  }
  function lost(words) {
    said.textContent = words;
    said.classList.add("note-lost");
    if (!waiting) waiting = window.setTimeout(again, 10000);
  }
  form.addEventListener("input", function () {
    typed += 1;
  });
  form.addEventListener("htmx:beforeRequest", function () {
    sent = typed;
  });
  form.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.getResponseHeader("Soutien-Note") !== "told") {
      event.detail.shouldSwap = false;
      lost(form.dataset.signedOut);
      return;
    }
    said.classList.remove("note-lost");
    if (event.detail.xhr.responseText.indexOf("id_after") !== -1) saved = sent;
  });
  form.addEventListener("htmx:sendError", function () {
    lost(form.dataset.lost);
  });
  form.addEventListener("htmx:timeout", function () {
    lost(form.dataset.lost);
  });
  form.addEventListener("htmx:responseError", function () {
    lost(form.dataset.lost);
  });
  window.addEventListener("online", again);
  form.addEventListener("submit", function () {
    saved = typed;
  });
  // On a slow line one types before any script is there: these words are saved too.
  document.addEventListener("DOMContentLoaded", function () {
    if (!typed && text.value !== text.defaultValue) {
      typed += 1;
      window.setTimeout(again);
    }
  });
  document.addEventListener("session-over", function (event) {
    if (typed !== saved) event.preventDefault();
  });
  window.addEventListener("beforeunload", function (event) {
    if (typed !== saved) event.preventDefault();
  });
})();
