// Buttons that copy a text of the page; without JavaScript they stay hidden and the text is copied by hand.
(function () {
  "use strict";
  function ready(root) {
    root.querySelectorAll("[data-copy]").forEach(function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var source = document.getElementById(button.dataset.copy);
    navigator.clipboard.writeText("value" in source ? source.value : source.innerText).then(function () {
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.done } }));
    });
  });
  document.addEventListener("htmx:load", function (event) { ready(event.detail.elt); });
  ready(document);
})();
