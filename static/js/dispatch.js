// The page that dispatches many parcels: the box grows with its lines, and a scanner's Enter goes from field to field. Without this
// the form is sent at each Enter, and the server goes on.
(function () {
  "use strict";
  var BEYOND = 1;

  function box() {
    return document.getElementById("lines");
  }
  function grow() {
    var lines = box().value.split("\n").length + BEYOND;
    box().rows = Math.max(Number(box().getAttribute("rows")) && 8, lines);
  }
  document.addEventListener("input", function (event) {
    if (event.target === box()) grow();
  });

  // What was written before the scripts were there, or restored by the browser, is checked as well.
  window.addEventListener("load", function () {
    if (box() && box().value !== box().defaultValue) box().dispatchEvent(new Event("early"));
  });

  // A scanner types fast and ends with Enter: nothing that it types may wait for the server.
  document.addEventListener("keydown", function (event) {
    var scan = event.key === "Enter" && event.target.closest("[data-scan]");
    if (!scan || event.target.tagName !== "INPUT") return;
    var order = document.getElementById("scan-order");
    var number = document.getElementById("scan-number");
    event.preventDefault();
    if (!order.value.trim()) return order.focus();
    if (!number.value.trim()) return number.focus();
    var before = box().value.trimEnd();
    box().value = (before ? before + "\n" : "") + order.value.trim() + "\t" + number.value.trim();
    order.value = number.value = "";
    box().dispatchEvent(new Event("input", { bubbles: true }));
    order.focus();
  });
})();
