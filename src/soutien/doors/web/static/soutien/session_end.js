// A page left open is emptied once its session is over: by itself, ended elsewhere, or out of reach
// of the server when its time has come. Without script it stays drawn until it is left.
"use strict";
(function () {
  const told = document.currentScript.dataset;
  const over = document.getElementById("session-over");
  let ends = Date.now() + Number(told.left) * 1000;
  let timer = 0;
  // Browsers take a longer wait for none.
  const LONGEST = 2000000000;
  function wait() {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, Math.min(Math.max(ends - Date.now(), 1000), LONGEST));
  }
  function empty() {
    window.clearTimeout(timer);
    // A note with words that could not be saved asks for time: they would be lost.
    const go = new CustomEvent("session-over", { cancelable: true });
    if (!document.dispatchEvent(go)) {
      timer = window.setTimeout(empty, 10000);
      return;
    }
    document.body.replaceChildren(over.content.cloneNode(true));
    document.querySelector("h1").focus();
  }
  function ask() {
    window
      .fetch(told.asks, { cache: "no-store", redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (said) {
        if (said.left <= 0) return empty();
        ends = Date.now() + said.left * 1000;
        wait();
      })
      .catch(function () {
        if (Date.now() >= ends) empty();
        else wait();
      });
  }
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) ask();
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) ask();
  });
  wait();
})();
