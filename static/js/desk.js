// Keys of lists of orders: / searches, j and k go from row to row, Enter opens, x ticks, ? shows the keys. No single key acts while a
// field has the focus. Everything here also works by links, boxes and buttons.
(function () {
  "use strict";
  // A row's first link: its order.
  var LINK = "th a[href], td a[href]";
  var FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";

  function rows() {
    return Array.from(document.querySelectorAll("main tbody tr")).filter(function (row) { return row.querySelector(LINK); });
  }
  function current() {
    return document.querySelector("main tbody tr.is-current");
  }
  function goTo(row) {
    if (current()) current().classList.remove("is-current");
    if (!row) return;
    row.classList.add("is-current");
    row.querySelector(LINK).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    var all = rows();
    var at = all.indexOf(current());
    goTo(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))]);
  }
  function search() {
    var box = document.querySelector("[data-search]");
    if (!box) return;
    box.focus();
    box.select();
  }
  function tick() {
    var box = current() && current().querySelector("input[type=checkbox]");
    if (box) box.click();
  }
  function help() {
    var keys = document.querySelector("[data-keys]");
    keys.open = !keys.open;
    if (keys.open) keys.scrollIntoView({ block: "nearest" });
  }
  var KEYS = { "/": search, "j": step.bind(null, 1), "k": step.bind(null, -1), "x": tick, "?": help };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(FIELDS)) return;
    if (event.key === "Enter" && current() && event.target === document.body) return current().querySelector(LINK).click();
    if (!Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  // Several numbers may be pasted into the box, so it has lines; Enter searches all the same.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("[data-search]")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("main tbody tr");
    if (row && row !== current() && row.querySelector(LINK)) {
      if (current()) current().classList.remove("is-current");
      row.classList.add("is-current");
    }
  });

  // --- ticks: how many, and all of the page
  function boxes(form) {
    return Array.from(form.querySelectorAll("input[name=orders]"));
  }
  function tell(form) {
    var place = form.querySelector("[data-ticked]");
    var count = boxes(form).filter(function (box) { return box.checked; }).length;
    place.textContent = count ? place.dataset.text.replace("{count}", count) : "";
    form.querySelector("[data-tick-all] input").checked = count > 0 && count === boxes(form).length;
  }
  function ready() {
    document.querySelectorAll("[data-tick-all]").forEach(function (all) { all.hidden = false; });
    document.querySelectorAll("[data-ticks]").forEach(tell);
  }
  document.addEventListener("change", function (event) {
    var form = event.target.closest("[data-ticks]");
    if (!form) return;
    if (event.target.closest("[data-tick-all]")) boxes(form).forEach(function (box) { box.checked = event.target.checked; });
    tell(form);
  });
  document.addEventListener("htmx:afterSettle", ready);
  ready();
})();
