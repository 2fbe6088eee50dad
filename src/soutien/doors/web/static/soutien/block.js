// Puts the block after its own script element, and follows its height.
"use strict";
(() => {
  const script = document.currentScript;
  const ours = new URL(script.src).origin;
  const told = script.dataset;
  const address = new URL(told.langue === "en" ? "/en/bloc" : "/bloc", ours);
  for (const name of ["couleur", "fond", "lieu"]) {
    if (told[name]) address.searchParams.set(name, told[name]);
  }
  const frame = document.createElement("iframe");
  frame.title = told.langue === "en" ? "Getting help from a psychologist" : "Être accompagné par un psychologue";
  frame.width = "100%";
  frame.height = "320";
  frame.setAttribute("frameborder", "0");
  window.addEventListener("message", (event) => {
    if (event.origin !== ours || event.source !== frame.contentWindow) return;
    const height = event.data && event.data.soutien === "height" ? event.data.height : 0;
    if (Number.isInteger(height) && height > 0 && height < 5000) frame.height = String(height);
  });
  frame.src = address.href;
  script.after(frame);
})();
