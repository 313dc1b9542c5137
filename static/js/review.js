// Keys and the evidence viewer of the pages on which appeals are reviewed (AP-04). Everything here also works by links and
// buttons. No single key acts while somebody writes.
(function () {
  "use strict";
  var form = document.getElementById("decision");
  var decides = form && "decides" in form.dataset;
  var viewer = document.querySelector("[data-viewer]");

  function writing(target) {
    return target.closest && target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  }

  // --- evidence: turn pages, zoom, rotate
  function shown() {
    return viewer && viewer.querySelector("[data-sheet]:not([hidden])");
  }
  function show(number) {
    var sheet = viewer && viewer.querySelector('[data-sheet="' + number + '"]');
    if (!sheet) return false;
    viewer.querySelectorAll("[data-sheet]").forEach(function (one) { one.hidden = one !== sheet; });
    viewer.querySelectorAll(".thumb").forEach(function (thumb) {
      if (thumb.dataset.page === String(number)) {
        thumb.setAttribute("aria-current", "true");
        thumb.scrollIntoView({ block: "nearest" });
      } else thumb.removeAttribute("aria-current");
    });
    return true;
  }
  function step(kind, classes) {
    var sheet = shown() && shown().querySelector(".paper");
    if (!sheet) return;
    var at = Number(sheet.dataset[kind] || 0);
    var next = (at + 1) % classes.length;
    sheet.dataset[kind] = next;
    if (classes[at]) sheet.classList.remove(classes[at]);
    if (classes[next]) sheet.classList.add(classes[next]);
  }
  function zoom() { step("zoom", ["", "zoom-2", "zoom-3"]); }
  function rotate() { step("turn", ["", "turn-1", "turn-2", "turn-3"]); }
  if (viewer) {
    viewer.querySelectorAll("[data-zoom], [data-rotate]").forEach(function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-page]");
    if (link && show(link.dataset.page)) event.preventDefault();
    if (event.target.closest("[data-zoom]")) zoom();
    if (event.target.closest("[data-rotate]")) rotate();
  });

  // --- orders: go through them, decide
  function orders() {
    return Array.from(document.querySelectorAll("[data-order]"));
  }
  function current() {
    return document.querySelector("[data-order].is-current");
  }
  function go(by) {
    var all = orders();
    var at = all.indexOf(current());
    var next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (!next) return;
    if (at >= 0) all[at].classList.remove("is-current");
    next.classList.add("is-current");
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  function decide(value) {
    if (!decides) return;
    if (!current()) go(1);
    var order = current();
    var radio = order && order.querySelector('input[type=radio][value="' + value + '"]');
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    if (value === "accepted") go(1);
    else order.querySelector(".order-body").open = true;
  }

  // --- what sending would change, after each change; the answer also keeps the draft
  var dock = document.getElementById("dock");
  var waiting = 0;
  if (decides && dock && window.htmx) {
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    dock.addEventListener("htmx:afterRequest", function () { dock.removeAttribute("hx-select-oob"); });
  }
  function later(event) {
    var order = event.target.closest("[data-order]");
    var parts = ["#tallies"];
    if (order) parts.push("#sentence-" + order.dataset.order);
    var before = (dock.getAttribute("hx-select-oob") || "").split(",").filter(Boolean);
    parts.forEach(function (part) { if (before.indexOf(part) < 0) before.push(part); });
    dock.setAttribute("hx-select-oob", before.join(","));
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () { window.htmx.trigger(dock, "preview"); }, 600);
  }

  // --- keys
  var KEYS = {
    j: function () { go(1); },
    k: function () { go(-1); },
    a: function () { decide("accepted"); },
    r: function () { decide("rejected"); },
    s: function () { decide("supplement"); },
    z: zoom,
    o: rotate
  };
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      var send = document.querySelector("[data-submit]");
      if (send) send.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key !== "j" && event.key !== "k") return;
    if (writing(event.target)) return;
    if (/^[1-9]$/.test(event.key)) {
      if (show(event.key)) event.preventDefault();
      return;
    }
    var button = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (button) {
      event.preventDefault();
      button.click();
    } else if (form && Object.prototype.hasOwnProperty.call(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
})();
