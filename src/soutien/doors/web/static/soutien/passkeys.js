// Passkeys need the device itself, so they need this file; passwords, links and codes do not.
// A form says what is asked (data-passkey, data-options); the answer goes into its hidden field.
"use strict";
(function () {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const said = form.querySelector("[data-passkey-said]");
  const button = form.querySelector("button[type=submit]");
  for (const part of document.querySelectorAll("[data-passkey-ready]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-passkey-missing]")) part.hidden = true;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    if (!buffer) return undefined;
    const plain = Array.from(new Uint8Array(buffer), function (code) {
      return String.fromCharCode(code);
    });
    return btoa(plain.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function options() {
    const asked = JSON.parse(form.dataset.options);
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    for (const list of [asked.allowCredentials, asked.excludeCredentials]) {
      for (const known of list || []) known.id = bytes(known.id);
    }
    return asked;
  }

  function answer(credential) {
    const given = credential.response;
    const response = { clientDataJSON: text(given.clientDataJSON) };
    if (given.attestationObject) {
      response.attestationObject = text(given.attestationObject);
    } else {
      response.authenticatorData = text(given.authenticatorData);
      response.signature = text(given.signature);
      response.userHandle = text(given.userHandle);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: {},
    });
  }

  form.addEventListener("submit", function (event) {
    if (form.elements.answer.value) return;
    event.preventDefault();
    button.disabled = true;
    said.textContent = form.dataset.waiting;
    const ask = form.dataset.passkey === "make" ? "create" : "get";
    navigator.credentials[ask]({ publicKey: options() }).then(
      function (credential) {
        form.elements.answer.value = answer(credential);
        form.submit();
      },
      function () {
        button.disabled = false;
        said.textContent = form.dataset.refused;
      }
    );
  });
})();
