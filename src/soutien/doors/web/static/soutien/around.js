// « Autour de moi »: hidden without this file. The position is rounded to about a hundred metres
// before it leaves the phone, goes into the address of the search, and is kept nowhere.
"use strict";
(function () {
  const button = document.querySelector("[data-around]");
  const said = document.querySelector("[data-around-said]");
  if (!button || !said || !navigator.geolocation || !window.isSecureContext) return;
  const form = button.form;
  button.hidden = false;
  button.addEventListener("click", function () {
    said.textContent = button.dataset.looking;
    navigator.geolocation.getCurrentPosition(
      function (found) {
        form.elements.near.value =
          found.coords.latitude.toFixed(3) + "," + found.coords.longitude.toFixed(3);
        form.elements.place.value = "";
        form.submit();
      },
      function () {
        said.textContent = button.dataset.refused;
      },
      { maximumAge: 600000, timeout: 10000 }
    );
  });
})();
